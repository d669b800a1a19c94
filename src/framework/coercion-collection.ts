/**
 * Conversion of JSON values to lists, maps and headers. Keys of user JSON live in Maps or as own properties, never on
 * a prototype. Source: Vault SDK framework/field_data.go with mapstructure 1.5.
 */
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../util/json.ts';
import { CoercionError, joinElementErrors, quoteValue, type Quote } from './coercion-error.ts';
import { goTypeName, toInteger, toText } from './coercion-scalar.ts';

/** An object, or a list of objects, later ones over earlier ones; [] and null are {}. */
export function toMap(raw: JsonValue): JsonObject {
  return Object.fromEntries(mergeObjects(raw, ''));
}

function mergeObjects(raw: JsonValue, place: string): Map<string, JsonValue> {
  if (raw === null) return new Map();
  if (isJsonObject(raw)) return new Map(Object.entries(raw));
  if (!isJsonArray(raw)) throw new CoercionError(`'${place}' expected a map, got '${goTypeName(raw)}'`);
  const merged = new Map<string, JsonValue>();
  for (const [index, element] of raw.entries()) {
    for (const [name, value] of mergeObjects(element, `${place}[${index}]`)) merged.set(name, value);
  }
  return merged;
}

/** An object whose values become text, else a list of `name=value` (text counts as one element). */
export function toKeyValuePairs(raw: JsonValue): ReadonlyMap<string, string> {
  const fromObject = attempt(() => {
    const values = [...mergeObjects(raw, '')];
    return new Map(values.map(([name, value]) => [name, toText(value)]));
  });
  if (fromObject !== undefined) return fromObject;
  const pairs = new Map<string, string>();
  for (const text of toElements(raw, toText)) {
    const separator = text.indexOf('=');
    if (separator < 1) throw new CoercionError('invalid key pair, expected key=value');
    pairs.set(text.slice(0, separator), text.slice(separator + 1));
  }
  return pairs;
}

/** A list; anything else becomes a list of one; {} and null are []. */
export function toSlice(raw: JsonValue): readonly JsonValue[] {
  if (raw === null) return [];
  if (isJsonArray(raw)) return raw;
  if (isJsonObject(raw) && Object.keys(raw).length === 0) return [];
  return [raw];
}

/** A list of texts, trimmed. Text is one element and is not split; '' is []. */
export function toStringSlice(raw: JsonValue): readonly string[] {
  if (raw === '') return [];
  return toElements(raw, toText).map((text) => text.trim());
}

/** As `toStringSlice`, and text is split at commas; empty parts stay. Elements of a list are not split. */
export function toCommaStringSlice(raw: JsonValue): readonly string[] {
  return toStringSlice(typeof raw === 'string' && raw !== '' ? raw.split(',') : raw);
}

/** A list of integers; text is split at commas; '' is []. */
export function toCommaIntSlice(raw: JsonValue, quote: Quote): readonly number[] {
  if (raw === '') return [];
  const list = typeof raw === 'string' ? raw.split(',') : raw;
  return toElements(list, (element, place) => toInteger(element, quote, 'int', place));
}

function toElements<T>(raw: JsonValue, convert: (element: JsonValue, place: string) => T): T[] {
  const errors: string[] = [];
  const elements: T[] = [];
  for (const [index, element] of toSlice(raw).entries()) {
    try {
      elements.push(convert(element, `[${index}]`));
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
      errors.push(error.message);
    }
  }
  if (errors.length > 0) throw joinElementErrors(errors);
  return elements;
}

/**
 * Headers by canonical name: an object (name to text or texts), its JSON as text, plain or in base64, or a list of
 * `Name:value`. Null is none.
 */
export function toHeader(raw: JsonValue): ReadonlyMap<string, readonly string[]> {
  const fromObject = attempt(() => mergeObjects(raw, ''));
  if (fromObject !== undefined) return collectHeader(fromObject);
  if (typeof raw === 'string') return collectHeader(parseHeaderText(raw));
  const header = new Map<string, string[]>();
  for (const element of toSlice(raw)) {
    const separator = typeof element === 'string' ? element.indexOf(':') : -1;
    if (typeof element !== 'string' || separator < 1) {
      throw new CoercionError('invalid key pair, expected Name:value');
    }
    addHeader(header, element.slice(0, separator), element.slice(separator + 1));
  }
  return header;
}

function collectHeader(values: ReadonlyMap<string, JsonValue>): Map<string, string[]> {
  const header = new Map<string, string[]>();
  for (const [name, value] of values) {
    for (const element of isJsonArray(value) ? value : [value]) {
      if (typeof element !== 'string' && typeof element !== 'number') {
        throw new CoercionError(`received non-string value for header key:${quoteValue(name)}`);
      }
      addHeader(header, name, toText(element));
    }
  }
  return header;
}

function addHeader(header: Map<string, string[]>, name: string, value: string): void {
  const canonicalName = canonicalHeaderName(name);
  const values = header.get(canonicalName);
  if (values === undefined) header.set(canonicalName, [value]);
  else values.push(value);
}

/** `x-request-id` becomes `X-Request-Id`; a name that HTTP does not allow stays as it is. */
function canonicalHeaderName(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function parseHeaderText(text: string): Map<string, JsonValue> {
  const decoded = isBase64(text) ? Buffer.from(text, 'base64').toString('utf8') : text;
  const value = attempt(() => parseJson(decoded));
  if (value === undefined || (value !== null && !isJsonObject(value))) {
    throw new CoercionError('header text is no JSON object');
  }
  return mergeObjects(value, '');
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** The result, or `undefined` where the value has another form. */
function attempt<T>(convert: () => T): T | undefined {
  try {
    return convert();
  } catch (error) {
    if (error instanceof CoercionError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
