/** The path table as plain data, from which the API's documentation is written. */
import type { JsonObject, JsonValue } from '../util/json.ts';
import type { FieldSchema, FieldTable } from './field-schema.ts';
import { fieldTypeNames } from './field-types.ts';
import { splitFields } from './openapi-fields.ts';
import type { Path, PathOperation } from './path.ts';
import { expandPattern } from './pattern-expansion.ts';

export interface FieldDescription {
  readonly name: string;
  /** As help calls it, for example `duration (sec)`. */
  readonly type: string;
  readonly place: 'path' | 'query' | 'body' | 'response';
  readonly description: string;
  /** `undefined`: none. */
  readonly default: JsonValue | undefined;
  readonly isRequired: boolean;
  readonly isDeprecated: boolean;
  readonly isSensitive: boolean;
  readonly allowedValues: readonly JsonValue[];
  readonly example: JsonValue | undefined;
}

export interface ResponseDescription {
  readonly status: number;
  readonly description: string;
  readonly fields: readonly FieldDescription[];
  readonly example: JsonObject | undefined;
}

export interface PathOperationDescription {
  /** For example `update`. */
  readonly operation: string;
  /** For example `POST`; '' when no HTTP request asks for it. */
  readonly method: string;
  readonly summary: string;
  readonly description: string;
  readonly isDeprecated: boolean;
  readonly example: JsonObject | undefined;
  /** Sorted by status; empty when the table names none. */
  readonly responses: readonly ResponseDescription[];
}

export interface PathDescription {
  /** Anchored expression, for example `^roles/(?P<name>…)$`. */
  readonly pattern: string;
  /** For example `['roles/{name}']`; empty when the expression has no literal form. */
  readonly paths: readonly string[];
  readonly synopsis: string;
  readonly description: string;
  /** Path fields first, each group by name. */
  readonly fields: readonly FieldDescription[];
  /** Published ones, as written in the table. */
  readonly operations: readonly PathOperationDescription[];
  readonly takesArbitraryInput: boolean;
}

const HTTP_METHODS: ReadonlyMap<string, string> = new Map([
  ['read', 'GET'],
  ['list', 'LIST'],
  ['create', 'POST'],
  ['update', 'POST'],
  ['patch', 'PATCH'],
  ['delete', 'DELETE'],
  ['header', 'HEAD'],
]);

export function describePaths(paths: readonly Path[]): PathDescription[] {
  return paths.map((path) => ({
    pattern: path.pattern,
    paths: expandPattern(path.tree) ?? [],
    synopsis: path.synopsis,
    description: path.description,
    fields: describeFields(path),
    operations: [...path.operations]
      .filter(([, operation]) => operation.isUnpublished !== true)
      .map(([name, operation]) => describeOperation(name, operation)),
    takesArbitraryInput: path.takesArbitraryInput,
  }));
}

function describeFields(path: Path): FieldDescription[] {
  const paths = expandPattern(path.tree) ?? [path.pattern];
  const [first] = paths;
  const { inQuery, inBody } = splitFields(path, first ?? '');
  const inPath = Object.entries(path.fields).filter(
    ([name]) => !inQuery.some(([other]) => other === name) && !inBody.some(([other]) => other === name),
  );
  return [
    ...sortByName(inPath).map(([name, schema]) => describeField(name, schema, 'path')),
    ...inQuery.map(([name, schema]) => describeField(name, schema, 'query')),
    ...inBody.map(([name, schema]) => describeField(name, schema, 'body')),
  ];
}

function sortByName<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}

function describeField(name: string, schema: FieldSchema<unknown>, place: FieldDescription['place']): FieldDescription {
  return {
    name,
    type: fieldTypeNames[schema.kind],
    place,
    description: schema.description.trim(),
    default: schema.shownDefault,
    isRequired: schema.isRequired,
    isDeprecated: schema.isDeprecated,
    isSensitive: schema.isSensitive,
    allowedValues: schema.allowedValues,
    example: schema.example,
  };
}

function describeOperation(name: string, operation: PathOperation): PathOperationDescription {
  return {
    operation: name,
    method: HTTP_METHODS.get(name) ?? '',
    summary: operation.summary.trim(),
    description: (operation.description ?? '').trim(),
    isDeprecated: operation.isDeprecated ?? false,
    example: operation.example,
    responses: [...(operation.responses ?? [])]
      .sort((left, right) => left.status - right.status)
      .map(({ status, description, fields, example }) => ({
        status,
        description,
        fields: describeResponseFields(fields ?? {}),
        example,
      })),
  };
}

function describeResponseFields(fields: FieldTable): FieldDescription[] {
  return sortByName(Object.entries(fields)).map(([name, schema]) => describeField(name, schema, 'response'));
}
