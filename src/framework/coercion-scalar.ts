/**
 * Weak conversion of JSON values to one string, number or boolean.
 * Source: mapstructure 1.5 WeakDecode, as Vault SDK framework/field_data.go uses it. Differs: values are quoted only
 * where a `Quote` is taken, so that a secret in a wrong place does not come back in an error.
 *
 * `place` names the element inside a list or map, for example `[1]`; '' for the field itself.
 */
import type { JsonValue } from '../util/json.ts';
import { isJsonArray } from '../util/json.ts';
import { CoercionError, type Quote } from './coercion-error.ts';

/** Go's name of a JSON value's type, as error texts show it. */
export function goTypeName(raw: JsonValue): string {
  if (raw === null) return 'nil';
  if (isJsonArray(raw)) return '[]interface {}';
  switch (typeof raw) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'string':
      return 'string';
    default:
      return 'map[string]interface {}';
  }
}

function unconvertible(place: string, expected: string, raw: JsonValue): CoercionError {
  return new CoercionError(`'${place}' expected type '${expected}', got unconvertible type '${goTypeName(raw)}'`);
}

/** Strings stay; true is `1`, false `0`; numbers become decimals without exponent; null is ''. */
export function toText(raw: JsonValue, place = ''): string {
  if (raw === null) return '';
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'boolean') return raw ? '1' : '0';
  if (typeof raw === 'number') return formatDecimal(raw);
  throw unconvertible(place, 'string', raw);
}

/** A number without exponent, for example 1e21 becomes `1000000000000000000000`. */
export function formatDecimal(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return Object.is(value, -0) ? '-0' : text;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = whole + fraction;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, '0');
}

/**
 * Numbers lose their fraction; true is 1; text is read as Go's ParseInt with base 0 does (`0x10`, `0b1`, `010`,
 * `1_000`); '' and null are 0. Differs: beyond ±(2^53 − 1) it is refused, where Go goes on to 64 bits.
 */
export function toInteger(raw: JsonValue, quote: Quote, typeName: 'int' | 'int64' = 'int', place = ''): number {
  if (raw === null) return 0;
  if (typeof raw === 'boolean') return raw ? 1 : 0;
  if (typeof raw === 'number') {
    const whole = Math.trunc(raw) + 0;
    if (Number.isSafeInteger(whole)) return whole;
    throw new CoercionError(`cannot parse '${place}' as int: value out of range`);
  }
  if (typeof raw === 'string') return parseInteger(raw, quote, place);
  throw unconvertible(place, typeName, raw);
}

const INTEGER_BASES = [
  { pattern: /^0[xX](?:_?[0-9a-fA-F])+$/, skip: 2, prefix: '0x' },
  { pattern: /^0[bB](?:_?[01])+$/, skip: 2, prefix: '0b' },
  { pattern: /^0[oO](?:_?[0-7])+$/, skip: 2, prefix: '0o' },
  { pattern: /^0(?:_?[0-7])+$/, skip: 1, prefix: '0o' },
  { pattern: /^(?:0|[1-9](?:_?\d)*)$/, skip: 0, prefix: '' },
] as const;

function parseInteger(text: string, quote: Quote, place: string): number {
  if (text === '') return 0;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(sign.length);
  const base = INTEGER_BASES.find(({ pattern }) => pattern.test(unsigned));
  const fail = (cause: string): CoercionError =>
    new CoercionError(`cannot parse '${place}' as int: strconv.ParseInt: parsing ${quote(text)}: ${cause}`);
  if (base === undefined) throw fail('invalid syntax');
  const digits = unsigned.slice(base.skip).replaceAll('_', '');
  const value = Number(`${base.prefix}${digits}`);
  if (!Number.isSafeInteger(value)) throw fail('value out of range');
  return sign === '-' ? 0 - value : value;
}

/** Numbers stay; true is 1; text is a decimal with optional exponent; '' and null are 0. */
export function toFloat(raw: JsonValue, quote: Quote, place = ''): number {
  if (raw === null) return 0;
  if (typeof raw === 'boolean') return raw ? 1 : 0;
  if (typeof raw === 'number') return raw;
  if (typeof raw !== 'string') throw unconvertible(place, 'float64', raw);
  if (raw === '') return 0;
  const fail = (cause: string): CoercionError =>
    new CoercionError(`cannot parse '${place}' as float: strconv.ParseFloat: parsing ${quote(raw)}: ${cause}`);
  if (!/^[+-]?(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(raw)) throw fail('invalid syntax');
  const value = Number(raw.replaceAll('_', ''));
  if (!Number.isFinite(value)) throw fail('value out of range');
  return value;
}

const TRUE_TEXTS: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_TEXTS: ReadonlySet<string> = new Set(['', '0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Booleans stay; numbers are true unless 0; text is one of Go's words (`true`, `T`, `1`, …); '' and null are false. */
export function toBoolean(raw: JsonValue, quote: Quote, place = ''): boolean {
  if (raw === null) return false;
  if (typeof raw === 'boolean') return raw;
  if (typeof raw === 'number') return raw !== 0;
  if (typeof raw !== 'string') throw unconvertible(place, 'bool', raw);
  if (TRUE_TEXTS.has(raw)) return true;
  if (FALSE_TEXTS.has(raw)) return false;
  throw new CoercionError(`cannot parse '${place}' as bool: strconv.ParseBool: parsing ${quote(raw)}: invalid syntax`);
}

const NAME = /^\w(([\w-.]+)?\w)?$/;

/** As `toText`, and must start and end with a letter, digit or `_`, with `-` and `.` allowed between. */
export function toName(raw: JsonValue): string {
  const text = toText(raw);
  if (!NAME.test(text)) throw new CoercionError('field does not match the formatting rules');
  return text;
}

/** Text as it is; an array or object becomes its JSON text, so that a caller may send either. */
export function toJsonText(raw: JsonValue): string {
  return typeof raw === 'object' && raw !== null ? JSON.stringify(raw) : toText(raw);
}
