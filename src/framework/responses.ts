/** Answers in the forms that hosts know. */
import type { Response } from '../logical/index.ts';
import type { JsonObject, JsonValue } from '../util/json.ts';

/** The answer to a list. The host makes a 404 of an empty one. */
export function listResponse(keys: readonly string[]): Response {
  return keys.length === 0 ? { data: {} } : { data: { keys } };
}

/** A list with facts about each key, for example `{ app: { 'updated_at': '…' } }`. */
export function listResponseWithInfo(keys: readonly string[], keyInfo: JsonObject): Response {
  if (keys.length === 0) return { data: {} };
  return Object.keys(keyInfo).length === 0 ? { data: { keys } } : { data: { keys, key_info: keyInfo } };
}

/** A failure without an error type: the host answers 400 with the text. Handlers throw instead. */
export function errorResponse(message: string): Response {
  return { data: { error: message } };
}

/** The same response with more warnings after its own. */
export function withWarnings(response: Response, warnings: readonly string[]): Response {
  if (warnings.length === 0) return response;
  return { ...response, warnings: [...(response.warnings ?? []), ...warnings] };
}

/** An object without its `undefined` members. */
export function omitUndefined(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
