/** How every stored record is written (JSON, UTF-8) and its fields are read back: tolerant of absent and null ones. */
import { InternalError } from '../../errors.ts';
import { isJsonArray, type JsonObject, type JsonValue, parseJsonObject } from '../../util/json.ts';

/** @throws InternalError naming the key when the bytes are no JSON object. The bytes are never quoted. */
export function decodeRecord(storageKey: string, value: Uint8Array): JsonObject {
  try {
    return parseJsonObject(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (error) {
    throw new InternalError(`stored record ${storageKey} cannot be read: it is not a JSON object`, { cause: error });
  }
}

export function encodeRecord(record: Readonly<Record<string, JsonValue | undefined>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** '' when absent or of another type. */
export function readString(json: JsonObject, name: string): string {
  const value = json[name];
  return typeof value === 'string' ? value : '';
}

/** 0 when absent or of another type. */
export function readNumber(json: JsonObject, name: string): number {
  const value = json[name];
  return typeof value === 'number' ? value : 0;
}

/** False when absent or of another type. */
export function readBoolean(json: JsonObject, name: string): boolean {
  return json[name] === true;
}

/** Empty when absent or null; elements that are no strings are left out. */
export function readStrings(json: JsonObject, name: string): string[] {
  const value = json[name];
  return isJsonArray(value) ? value.filter((element) => typeof element === 'string') : [];
}

/** The fields of a record that this version does not know, so that rewriting it loses nothing. */
export function unknownFields(json: JsonObject, known: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !known.has(name)));
}
