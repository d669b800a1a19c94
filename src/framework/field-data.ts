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

/** Captures win over the body. */
export function collectFields(
  fields: FieldTable,
  data: JsonObject,
  captures: ReadonlyMap<string, string>,
): CollectedFields {
  const raw = new Map(Object.entries(data));
  const ignored = [...raw.keys()].filter((name) => !Object.hasOwn(fields, name)).sort();
  const replaced = [...captures.keys()].filter((name) => (raw.get(name) ?? null) !== null).sort();
  for (const [name, value] of captures) raw.set(name, value);
  return { raw, ignored, replaced };
}

/**
 * Converts every field of the table. `given` holds only what the request or its path carried and set.
 * @throws InvalidRequestError, its text starting with `errorPrefix`, naming the first field, in the table's order, whose value does not fit.
 */
export function readFields<F extends FieldTable>(
  table: F,
  raw: RawFields,
  errorPrefix = '',
): { readonly fields: FieldValues<F>; readonly given: Partial<FieldValues<F>> } {
  const fields = new Map<string, unknown>();
  const given = new Map<string, unknown>();
  for (const [name, schema] of Object.entries(table)) {
    const rawValue = raw.get(name);
    const value = rawValue === undefined ? undefined : convertField(name, schema.convert, rawValue, errorPrefix);
    fields.set(name, value ?? schema.absentValue);
    if (value !== undefined) given.set(name, value);
  }
  // The loop above is the mapped type in words: each name of the table with a value of its schema.
  return { fields: Object.fromEntries(fields) as FieldValues<F>, given: Object.fromEntries(given) as FieldValues<F> };
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
