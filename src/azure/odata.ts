/**
 * Values inside Graph and ARM addresses. The Graph SDK sends what it is given, so every value passes through here:
 * a quote, `&`, `#` or `/` in a name must not become another request.
 */
import { InvalidRequestError, InvariantError } from '../errors.ts';

/** Half a surrogate pair cannot be encoded; it becomes the replacement character, as in any UTF-8 encoder. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Percent-encodes everything that is not unreserved in RFC 3986. */
function encode(value: string): string {
  return encodeURIComponent(value.replace(LONE_SURROGATE, '\uFFFD')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * One path segment, for example an object id.
 * @throws InvalidRequestError for `.` and `..`, which would name another resource; InvariantError for ''.
 */
export function pathSegment(value: string): string {
  if (value === '') throw new InvariantError('an Azure object id is missing');
  if (value === '.' || value === '..')
    throw new InvalidRequestError(`an Azure id must not contain "${value}" segments`);
  return encode(value);
}

/** An alternate key for a path, for example `(appId='1f…')` from `appId` and the value. */
export function keySegment(name: string, value: string): string {
  return `(${name}='${encode(doubleQuotes(value))}')`;
}

/** `name eq 'value'` for a `$filter`, ready for the query string. */
export function filterEquals(name: string, value: string): string {
  return encode(plainFilterEquals(name, value));
}

/** `name eq 'value'` for an SDK that encodes by itself. */
export function plainFilterEquals(name: string, value: string): string {
  return `${name} eq '${doubleQuotes(value)}'`;
}

/** `collection/any(x:x eq 'value')` for a `$filter`, ready for the query string. */
export function filterContains(collection: string, value: string): string {
  return encode(`${collection}/any(x:x eq '${doubleQuotes(value)}')`);
}

/**
 * An ARM scope or id as a path without slashes at its ends, for example `subscriptions/…/resourceGroups/web`; '' for
 * the root scope `/`. Empty segments are dropped (`//` is not the same path everywhere), all others encoded.
 * @throws InvalidRequestError for `.` and `..` segments.
 */
export function armPath(id: string): string {
  return id
    .split('/')
    .filter((segment) => segment !== '')
    .map(pathSegment)
    .join('/');
}

function doubleQuotes(value: string): string {
  return value.replaceAll("'", "''");
}
