/** Fields of a path as OpenAPI parameters and schemas. Source: Vault SDK framework/openapi.go. */
import type { JsonObject, JsonValue } from '../util/json.ts';
import { visibleAttributes } from './display-attributes.ts';
import type { FieldSchema, FieldTable } from './field-schema.ts';
import { openApiTypes } from './field-types.ts';
import type { Path } from './path.ts';
import { captureNames } from './pattern.ts';

type NamedField = readonly [name: string, schema: FieldSchema<unknown>];

export interface PathFields {
  /** Captured by this form of the path. */
  readonly inPath: readonly NamedField[];
  /** Marked as query parameters. */
  readonly inQuery: readonly NamedField[];
  readonly inBody: readonly NamedField[];
}

/**
 * Where each field of a path goes, sorted by name. A field that only another form of the path captures goes nowhere:
 * here its value would always be ''.
 */
export function splitFields(path: Path, expandedPath: string): PathFields {
  const captured = new Set(captureNames(path.tree));
  const shown = new Set([...expandedPath.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
  const all = Object.entries(path.fields).sort(([left], [right]) => (left < right ? -1 : 1));
  const free = all.filter(([name]) => !captured.has(name));
  return {
    inPath: all.filter(([name]) => shown.has(name)),
    inQuery: free.filter(([, schema]) => schema.isQuery),
    inBody: free.filter(([, schema]) => !schema.isQuery),
  };
}

export function pathParameter([name, schema]: NamedField): JsonObject {
  return { ...parameter(name, schema, 'path'), required: true };
}

/** Query parameters of an operation without a body, sorted by name. */
export function queryParameters(fields: readonly NamedField[], isList: boolean): readonly JsonObject[] {
  const named = fields.map(([name, schema]) => [name, parameter(name, schema, 'query')] as const);
  if (isList) named.push(['list', LIST_PARAMETER]);
  return named.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, shown]) => shown);
}

/** A GET with it is a list. */
const LIST_PARAMETER: JsonObject = {
  name: 'list',
  description: 'Must be set to `true`',
  required: true,
  in: 'query',
  schema: { type: 'string', enum: ['true'] },
};

function parameter(name: string, schema: FieldSchema<unknown>, place: 'path' | 'query'): JsonObject {
  const { type, pattern } = openApiTypes[schema.kind];
  return compact({
    name,
    description: collapseSpace(schema.description),
    in: place,
    schema: compact({
      type,
      pattern,
      items: itemsSchema(schema),
      additionalProperties: valuesSchema(schema),
      enum: emptyToNothing(schema.allowedValues),
      default: schema.shownDefault,
      example: schema.example,
      'x-vault-displayAttrs': visibleAttributes(schema.displayAttributes),
    }),
    deprecated: schema.isDeprecated || undefined,
  });
}

/** An object schema. `required` is a list of names here, unlike in parameters. */
export function objectSchema(fields: readonly NamedField[], example: JsonObject | undefined): JsonObject {
  const required = fields.filter(([, schema]) => schema.isRequired).map(([name]) => name);
  return compact({
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, schema]) => [name, propertySchema(schema)])),
    required: emptyToNothing(required),
    example,
  });
}

/** The schema of a response's `data`. */
export function responseSchema(fields: FieldTable, example: JsonObject | undefined): JsonObject {
  const properties = Object.entries(fields).map(([name, schema]) => [name, propertySchema(schema)] as const);
  return compact({ type: 'object', properties: Object.fromEntries(properties), example });
}

function propertySchema(schema: FieldSchema<unknown>): JsonObject {
  const { type, format, pattern } = openApiTypes[schema.kind];
  return compact({
    type,
    description: collapseSpace(schema.description),
    format,
    pattern,
    items: itemsSchema(schema),
    additionalProperties: valuesSchema(schema),
    enum: emptyToNothing(schema.allowedValues),
    default: schema.shownDefault,
    example: schema.example,
    deprecated: schema.isDeprecated || undefined,
    'x-vault-displayAttrs': visibleAttributes(schema.displayAttributes),
  });
}

/** Of the elements of an array. */
function itemsSchema({ kind, elements }: FieldSchema<unknown>): JsonObject | undefined {
  const { items } = openApiTypes[kind];
  if (items === undefined) return undefined;
  return elements === undefined ? { type: items } : objectSchema(Object.entries(elements), undefined);
}

/** Of the members of an object whose names are the user's. Differs from the SDK, which leaves them open. */
function valuesSchema({ kind }: FieldSchema<unknown>): JsonObject | undefined {
  return kind === 'keyValuePairs' ? { type: 'string' } : undefined;
}

/** One line, without white space around; `undefined` when nothing is left. */
export function collapseSpace(text: string): string | undefined {
  const line = text.trim().replace(/\s+/g, ' ');
  return line === '' ? undefined : line;
}

/** Without members that are `undefined`. */
export function compact(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function emptyToNothing(values: readonly JsonValue[]): readonly JsonValue[] | undefined {
  return values.length === 0 ? undefined : values;
}
