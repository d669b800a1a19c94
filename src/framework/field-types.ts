/** How each kind of field is called in help and in OpenAPI. Source: Vault SDK framework/field_type.go, openapi.go. */
import type { FieldKind } from './field-schema.ts';

/** Names in help text. */
export const fieldTypeNames: Readonly<Record<FieldKind, string>> = {
  string: 'string',
  lowerCaseString: 'lowercase string',
  nameString: 'name string',
  int: 'int',
  int64: 'int64',
  float: 'float',
  bool: 'bool',
  map: 'map',
  keyValuePairs: 'keypair',
  durationSecond: 'duration (sec)',
  signedDurationSecond: 'duration (sec)',
  slice: 'slice',
  stringSlice: 'slice',
  commaStringSlice: 'slice',
  commaIntSlice: 'slice',
  header: 'header',
  time: 'time',
  jsonText: 'string',
};

export interface OpenApiType {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  readonly format?: string;
  readonly pattern?: string;
  /** Type of an array's elements. */
  readonly items?: 'string' | 'integer' | 'object';
}

const durationType: OpenApiType = { type: 'string', format: 'duration' };
const stringsType: OpenApiType = { type: 'array', items: 'string' };

export const openApiTypes: Readonly<Record<FieldKind, OpenApiType>> = {
  string: { type: 'string' },
  lowerCaseString: { type: 'string', format: 'lowercase' },
  nameString: { type: 'string', pattern: '\\w([\\w-.]*\\w)?' },
  int: { type: 'integer' },
  int64: { type: 'integer', format: 'int64' },
  float: { type: 'number', format: 'float' },
  bool: { type: 'boolean' },
  map: { type: 'object', format: 'map' },
  keyValuePairs: { type: 'object', format: 'kvpairs' },
  durationSecond: durationType,
  signedDurationSecond: durationType,
  slice: { type: 'array', items: 'object' },
  stringSlice: stringsType,
  commaStringSlice: stringsType,
  commaIntSlice: { type: 'array', items: 'integer' },
  header: { type: 'string' },
  time: { type: 'string', format: 'date-time' },
  jsonText: { type: 'string' },
};
