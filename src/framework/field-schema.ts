/** Fields as data: what a path takes, with the TypeScript type of each value. */
import type { JsonObject, JsonValue } from '../util/json.ts';
import { parseHostDuration, nanosecondsToSeconds } from '../util/duration.ts';
import { InvariantError } from '../errors.ts';
import {
  toCommaIntSlice,
  toCommaStringSlice,
  toHeader,
  toKeyValuePairs,
  toMap,
  toSlice,
  toStringSlice,
} from './coercion-collection.ts';
import { hideValue, quoteValue, type Quote } from './coercion-error.ts';
import { toBoolean, toFloat, toInteger, toJsonText, toName, toText } from './coercion-scalar.ts';
import { toDurationSeconds, toTime } from './coercion-time.ts';
import type { DisplayAttributes } from './display-attributes.ts';

export type FieldKind =
  | 'string'
  | 'lowerCaseString'
  | 'nameString'
  | 'int'
  | 'int64'
  | 'float'
  | 'bool'
  | 'map'
  | 'keyValuePairs'
  | 'durationSecond'
  | 'signedDurationSecond'
  | 'slice'
  | 'stringSlice'
  | 'commaStringSlice'
  | 'commaIntSlice'
  | 'header'
  | 'time'
  | 'jsonText';

/** Only `description` is needed. Nothing but the conversion is enforced: the rest is for people and generators. */
export interface FieldOptions<T> {
  readonly description: string;
  /** Value when the request does not carry the field. Absent: the type's zero value. */
  readonly default?: T;
  readonly isRequired?: boolean;
  /** A query parameter of reads, lists and deletes. */
  readonly isQuery?: boolean;
  readonly isDeprecated?: boolean;
  readonly allowedValues?: readonly T[];
  /** Holds a secret: never quoted in an error, masked in the user interface. */
  readonly isSensitive?: boolean;
  readonly displayName?: string;
  readonly displayAttributes?: DisplayAttributes;
  readonly example?: JsonValue;
  /** Of a slice of objects: their members, for documents. */
  readonly elements?: FieldTable;
}

/** `T` is what a handler gets. Made by the functions of `field`. */
export interface FieldSchema<T> {
  readonly kind: FieldKind;
  readonly description: string;
  /** Value of an absent field: the default, else the zero value of the type. */
  readonly absentValue: T;
  /** The default as documents show it; `undefined` when none was given. */
  readonly shownDefault: JsonValue | undefined;
  readonly isRequired: boolean;
  readonly isQuery: boolean;
  readonly isDeprecated: boolean;
  readonly isSensitive: boolean;
  readonly allowedValues: readonly JsonValue[];
  readonly displayAttributes: DisplayAttributes | undefined;
  readonly example: JsonValue | undefined;
  readonly elements: FieldTable | undefined;
  /**
   * Converts what the request carried; `undefined`: it carried the field, but not set (a null duration or time).
   * @throws CoercionError when the value does not fit.
   */
  readonly convert: (raw: JsonValue) => T | undefined;
}

export type FieldTable = Readonly<Record<string, FieldSchema<unknown>>>;

/** One property per field of the table. */
export type FieldValues<F extends FieldTable> = {
  readonly [Name in keyof F]: F[Name] extends FieldSchema<infer Value> ? Value : never;
};

/** A value as JSON: times as RFC 3339 text, maps as objects. Total for everything that a field's value may be. */
export function fieldValueToJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, element]) => [String(name), fieldValueToJson(element)]));
  }
  if (Array.isArray(value)) return value.map(fieldValueToJson);
  if (isDate(value)) return value.toISOString();
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, fieldValueToJson(element)]));
}

function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}

interface Conversion<T> {
  readonly kind: FieldKind;
  readonly zeroValue: T;
  readonly convert: (raw: JsonValue, quote: Quote) => T | undefined;
}

function makeField<T>(conversion: Conversion<T>): (options: FieldOptions<T>) => FieldSchema<T> {
  return (options) => {
    const quote = options.isSensitive === true ? hideValue : quoteValue;
    return {
      kind: conversion.kind,
      absentValue: options.default ?? conversion.zeroValue,
      shownDefault: options.default === undefined ? undefined : fieldValueToJson(options.default),
      allowedValues: (options.allowedValues ?? []).map(fieldValueToJson),
      convert: (raw) => conversion.convert(raw, quote),
      ...describe(options),
    };
  };
}

/** Durations may have their default as text, for example `1h`; documents show it as it was given. */
function makeDurationField(
  kind: FieldKind,
  isSigned: boolean,
): (options: FieldOptions<number | string>) => FieldSchema<number> {
  return (options) => {
    const quote = options.isSensitive === true ? hideValue : quoteValue;
    return {
      kind,
      absentValue: parseDefaultSeconds(options.default),
      shownDefault: options.default,
      allowedValues: options.allowedValues ?? [],
      convert: (raw) => toDurationSeconds(raw, quote, isSigned),
      ...describe(options),
    };
  };
}

function parseDefaultSeconds(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? 0;
  const result = parseHostDuration(value);
  if (!result.isValid) throw new InvariantError(`field default is no duration: ${value}`);
  return nanosecondsToSeconds(result.nanoseconds);
}

type Description = Pick<
  FieldSchema<unknown>,
  | 'description'
  | 'isRequired'
  | 'isQuery'
  | 'isDeprecated'
  | 'isSensitive'
  | 'displayAttributes'
  | 'example'
  | 'elements'
>;

function describe(options: FieldOptions<unknown>): Description {
  const displayAttributes: DisplayAttributes = {
    ...(options.displayName === undefined ? {} : { name: options.displayName }),
    ...(options.isSensitive === true ? { sensitive: true } : {}),
    ...options.displayAttributes,
  };
  return {
    description: options.description,
    isRequired: options.isRequired ?? false,
    isQuery: options.isQuery ?? false,
    isDeprecated: options.isDeprecated ?? false,
    isSensitive: options.isSensitive ?? false,
    displayAttributes: Object.keys(displayAttributes).length === 0 ? undefined : displayAttributes,
    example: options.example,
    elements: options.elements,
  };
}

const emptyMap: JsonObject = Object.freeze({});

/** One function per type of field. Each takes what describes the field and gives its schema. */
export const field = {
  string: makeField<string>({ kind: 'string', zeroValue: '', convert: (raw) => toText(raw) }),
  lowerCaseString: makeField<string>({
    kind: 'lowerCaseString',
    zeroValue: '',
    convert: (raw) => toText(raw).toLowerCase(),
  }),
  /** Starts and ends with a letter, digit or `_`; `-` and `.` may stand between. */
  nameString: makeField<string>({ kind: 'nameString', zeroValue: '', convert: (raw) => toName(raw) }),
  int: makeField<number>({ kind: 'int', zeroValue: 0, convert: (raw, quote) => toInteger(raw, quote, 'int') }),
  int64: makeField<number>({ kind: 'int64', zeroValue: 0, convert: (raw, quote) => toInteger(raw, quote, 'int64') }),
  float: makeField<number>({ kind: 'float', zeroValue: 0, convert: (raw, quote) => toFloat(raw, quote) }),
  bool: makeField<boolean>({ kind: 'bool', zeroValue: false, convert: (raw, quote) => toBoolean(raw, quote) }),
  /** Any object. User keys are own properties: read them with `Object.entries` or `Object.hasOwn`. */
  map: makeField<JsonObject>({ kind: 'map', zeroValue: emptyMap, convert: toMap }),
  keyValuePairs: makeField<ReadonlyMap<string, string>>({
    kind: 'keyValuePairs',
    zeroValue: new Map(),
    convert: toKeyValuePairs,
  }),
  /** Whole seconds, never negative. */
  durationSecond: makeDurationField('durationSecond', false),
  /** Whole seconds. */
  signedDurationSecond: makeDurationField('signedDurationSecond', true),
  slice: makeField<readonly JsonValue[]>({ kind: 'slice', zeroValue: [], convert: toSlice }),
  stringSlice: makeField<readonly string[]>({ kind: 'stringSlice', zeroValue: [], convert: toStringSlice }),
  commaStringSlice: makeField<readonly string[]>({
    kind: 'commaStringSlice',
    zeroValue: [],
    convert: toCommaStringSlice,
  }),
  commaIntSlice: makeField<readonly number[]>({ kind: 'commaIntSlice', zeroValue: [], convert: toCommaIntSlice }),
  /** Canonical name to values, for example `X-Request-Id` to `['a', 'b']`. */
  header: makeField<ReadonlyMap<string, readonly string[]>>({
    kind: 'header',
    zeroValue: new Map(),
    convert: toHeader,
  }),
  /** `undefined`: not set. */
  time: makeField<Date | undefined>({ kind: 'time', zeroValue: undefined, convert: toTime }),
  /** JSON text; a caller may send the text or the JSON itself. What is in it, the handler checks. */
  jsonText: makeField<string>({ kind: 'jsonText', zeroValue: '', convert: toJsonText }),
} as const;
