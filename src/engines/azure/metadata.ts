/**
 * `metadata`: texts that operators keep with a config or a role, for people and programs that read them. The engine
 * stores and shows them and makes nothing of them.
 * Source: Vault API docs, Azure secrets engine (metadata on config, roles, static roles and their credentials).
 */
import { field, type FieldSchema } from '../../framework/index.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../util/json.ts';

/** Stands where stored metadata cannot be read. */
const INVALID_DATA = 'invalid_data';

/** Names and texts, for example `team` to `engineering`; `invalid_data`: stored, and not readable as that. */
export type Metadata = ReadonlyMap<string, string> | typeof INVALID_DATA;

export const NO_METADATA: ReadonlyMap<string, string> = new Map();

/**
 * The field `metadata`: an object of texts, the JSON text of one, `name=text`, or a list of such.
 * Differs from the SDK's pairs: JSON text is taken, since that is what `metadata='{…}'` on a command line sends.
 */
export function metadataField(description: string): FieldSchema<ReadonlyMap<string, string>> {
  const pairs = field.keyValuePairs({ description, example: { team: 'engineering', environment: 'development' } });
  return { ...pairs, convert: (raw) => pairs.convert(readJsonText(raw) ?? raw) };
}

/** The query `metadata=name=text` of reads that answer with metadata. Repeatable. */
export function metadataQuery(): FieldSchema<ReadonlyMap<string, string>> {
  return {
    ...metadataField(
      "name=value pairs that are answered with the role's own metadata; where both have a name, the role's value counts. May be repeated.",
    ),
    isQuery: true,
  };
}

/** From a stored record. Absent and null are none. */
export function readMetadata(json: JsonObject): Metadata {
  const stored = json['metadata'] ?? {};
  if (!isJsonObject(stored)) return INVALID_DATA;
  const metadata = new Map<string, string>();
  for (const [key, value] of Object.entries(stored)) {
    if (typeof value !== 'string') return INVALID_DATA;
    metadata.set(key, value);
  }
  return metadata;
}

/**
 * For a record, over the fields that were read: `metadata` without a value when there is none, nothing for what cannot
 * be read, which so stays as it is.
 */
export function storedMetadata(metadata: Metadata): { readonly metadata?: JsonValue | undefined } {
  if (metadata === INVALID_DATA) return {};
  return { metadata: metadata.size === 0 ? undefined : Object.fromEntries(metadata) };
}

/** For an answer: `metadata`, or nothing when there is none. */
export function shownMetadata(metadata: Metadata): { readonly metadata?: JsonValue } {
  if (metadata === INVALID_DATA) return { metadata };
  return metadata.size === 0 ? {} : { metadata: Object.fromEntries(metadata) };
}

/** What a credential is answered with: `asked` with the role's on top. */
export function mergeMetadata(asked: ReadonlyMap<string, string>, ofRole: Metadata): Metadata {
  return ofRole === INVALID_DATA ? ofRole : new Map([...asked, ...ofRole]);
}

function readJsonText(raw: JsonValue): JsonObject | undefined {
  if (raw === '') return {};
  if (typeof raw !== 'string' || !raw.trimStart().startsWith('{')) return undefined;
  try {
    const value = parseJson(raw);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
