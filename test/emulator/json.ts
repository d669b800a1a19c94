/** JSON values as callers send them. */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isJsonArray(value);
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** @throws SyntaxError */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** Empty text counts as the empty object. @throws SyntaxError */
export function parseJsonObject(text: string): JsonObject {
  const value = text === '' ? {} : parseJson(text);
  if (!isJsonObject(value)) throw new SyntaxError('JSON object expected');
  return value;
}
