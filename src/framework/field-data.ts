/** From a request and the captures of its path to typed values. Source: Vault SDK framework/backend.go, field_data.go. */
import { InvalidRequestError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../util/json.ts';
import { CoercionError } from './coercion-error.ts';
import type { FieldTable, FieldValues } from './field-schema.ts';

/** Field name to value as the client sent it, or as the path captured it. */
export type RawFields = ReadonlyMap<string, JsonValue>;

export interface CollectedFields {
  readonly raw: RawFields;
  /** Names in the body or query that the path does not know, sorted. */
  readonly ignored: readonly string[];
  /** Names in the body or query whose value the path's own capture replaced, sorted. */
  readonly replaced: readonly string[];
}

const NOTHING: CollectedFields = { raw: new Map(), ignored: [], replaced: [] };

/** Captures win over the body. */
export function collectFields(
  fields: FieldTable,
  data: JsonObject,
  captures: ReadonlyMap<string, string>,
): CollectedFields {
  const raw = new Map(Object.entries(data));
  if (raw.size === 0 && captures.size === 0) return NOTHING;
  const ignored = [...raw.keys()].filter((name) => !Object.hasOwn(fields, name)).sort();
  const replaced = [...captures.keys()].filter((name) => (raw.get(name) ?? null) !== null).sort();
  for (const [name, value] of captures) raw.set(name, value);
  return { raw, ignored, replaced };
}

/** The fields of one request. */
export interface ReadFields<F extends FieldTable> {
  readonly fields: FieldValues<F>;
  /** Only what the request or its path carried and set. */
  readonly given: Partial<FieldValues<F>>;
}

/**
 * Converts every field of a table; what does not change from request to request is worked out once.
 * The reader throws InvalidRequestError, its text starting with `errorPrefix`, naming the first field, in the table's
 * order, whose value does not fit.
 */
export function createFieldReader<F extends FieldTable>(
  table: F,
): (raw: RawFields, errorPrefix: string) => ReadFields<F> {
  const schemas = Object.entries(table);
  const absentValues = Object.fromEntries(schemas.map(([name, { absentValue }]) => [name, absentValue]));
  return (raw, errorPrefix) => {
    const given: Record<string, unknown> = {};
    if (raw.size > 0) {
      for (const [name, { convert }] of schemas) {
        const rawValue = raw.get(name);
        const value = rawValue === undefined ? undefined : convertField(name, convert, rawValue, errorPrefix);
        if (value !== undefined) given[name] = value;
      }
    }
    // Every name of the table with a value of its schema: the mapped type in words.
    return { fields: { ...absentValues, ...given } as FieldValues<F>, given: given as Partial<FieldValues<F>> };
  };
}

function convertField(
  name: string,
  convert: (raw: JsonValue) => unknown,
  raw: JsonValue,
  errorPrefix: string,
): unknown {
  try {
    return convert(raw);
  } catch (error) {
    if (!(error instanceof CoercionError)) throw error;
    const text = `${errorPrefix}error converting input for field ${JSON.stringify(name)}: ${error.message}`;
    throw new InvalidRequestError(text, { cause: error });
  }
}
