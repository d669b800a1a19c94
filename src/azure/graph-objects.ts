/** Graph's JSON into our types. */
import type { JsonObject, JsonValue } from '../util/json.ts';
import { isJsonArray, isJsonObject } from '../util/json.ts';
import { parseTime } from '../util/rfc3339.ts';
import { InvariantError } from '../errors.ts';
import { unreadableAnswer } from './errors.ts';
import type { Application, Group, NewPassword, PasswordCredential, PasswordSpec } from './provider.ts';

/** `$select` for what `readApplication` needs; passwords come along only when named. */
export const APPLICATION_PROPERTIES = 'id,appId,displayName,tags,passwordCredentials';

/** @throws AzureError when an id is missing. */
export function readApplication(object: JsonObject, step: string): Application {
  const passwords = object['passwordCredentials'];
  const tags = object['tags'];
  return {
    id: requiredText(object, 'id', step),
    appId: requiredText(object, 'appId', step),
    displayName: optionalText(object['displayName']),
    tags: isJsonArray(tags) ? tags.map(optionalText) : [],
    passwordCredentials: isJsonArray(passwords)
      ? passwords.filter(isJsonObject).map((password) => readPassword(password, step))
      : [],
  };
}

/** @throws AzureError when the key id is missing. */
export function readPassword(object: JsonObject, step: string): PasswordCredential {
  return {
    keyId: requiredText(object, 'keyId', step),
    displayName: optionalText(object['displayName']),
    hint: optionalText(object['hint']),
    expiresAt: parseTime(optionalText(object['endDateTime'])) ?? neverExpires(),
  };
}

/** `undefined` when the object holds no secret. */
export function readNewPassword(object: JsonObject, step: string): NewPassword | undefined {
  const secretText = optionalText(object['secretText']);
  return secretText === '' ? undefined : { ...readPassword(object, step), secretText };
}

/** @throws AzureError when the id is missing. */
export function readGroup(object: JsonObject, step: string): Group {
  return { id: requiredText(object, 'id', step), displayName: optionalText(object['displayName']) };
}

/** The `passwordCredential` that Graph is asked to make. */
export function writePassword({ displayName, expiresAt, startsAt }: PasswordSpec): JsonObject {
  const password = { displayName, endDateTime: expiresAt.toISOString() };
  return startsAt === undefined ? password : { ...password, startDateTime: startsAt.toISOString() };
}

/** @throws AzureError when the property is no text or ''. */
export function requiredText(object: JsonObject, name: string, step: string): string {
  const text = optionalText(object[name]);
  if (text === '') throw unreadableAnswer({ service: 'graph', step }, `${name} is missing`);
  return text;
}

function optionalText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** For a password without an end, which only very old applications have. */
function neverExpires(): Date {
  const date = parseTime('9999-12-31T23:59:59Z');
  if (date === undefined) throw new InvariantError('the end of time does not parse');
  return date;
}
