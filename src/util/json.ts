/** JSON values: types, and the one place that parses text into them. */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * Parses JSON text.
 * @throws SyntaxError when `text` is not JSON. Its message is ours and quotes nothing of the text, which may be secret.
 */
export function parseJson(text: string): JsonValue {
  try {
    // JSON.parse defines an own property for "__proto__"; it never reaches the prototype.
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new SyntaxError('invalid JSON');
  }
}

/** Parses JSON text that must hold an object; '' and `null` count as the empty object. */
export function parseJsonObject(text: string): JsonObject {
  const value = text === '' ? null : parseJson(text);
  if (value === null) return {};
  if (!isJsonObject(value)) throw new SyntaxError('JSON object expected');
  return value;
}
