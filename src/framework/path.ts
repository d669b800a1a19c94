/** Paths as data: pattern, fields, operations, existence check and help of one kind of URL. */
import { InvariantError } from '../errors.ts';
import type { Operation, Request, Response } from '../logical/index.ts';
import type { JsonObject } from '../util/json.ts';
import type { DisplayAttributes } from './display-attributes.ts';
import { createFieldReader, type RawFields } from './field-data.ts';
import type { FieldTable } from './field-schema.ts';
import { BoundRequest, type PathRequest } from './path-request.ts';
import { anchorPattern, captureNames, parsePattern, type PatternNode } from './pattern.ts';

export interface ResponseSpec {
  /** HTTP status, for example 200. */
  readonly status: number;
  readonly description: string;
  /** Of the answer's `data`. */
  readonly fields?: FieldTable;
  /** The answer's `data`. */
  readonly example?: JsonObject;
}

/** What documents tell of an operation. */
export interface OperationDescription {
  /** One line. */
  readonly summary: string;
  /** Markdown. */
  readonly description?: string;
  /**
   * Answer "forward me" on a performance standby, before the handler runs. For handlers that change something outside
   * before they write to storage.
   */
  readonly forwardPerformanceStandby?: boolean;
  /** The same on a performance secondary, unless the mount is local. */
  readonly forwardPerformanceSecondary?: boolean;
  /** Left out of documents. */
  readonly isUnpublished?: boolean;
  readonly isDeprecated?: boolean;
  readonly responses?: readonly ResponseSpec[];
  /** A request body. */
  readonly example?: JsonObject;
  readonly operationPrefix?: string;
  readonly operationVerb?: string;
  readonly operationSuffix?: string;
}

export interface OperationSpec<F extends FieldTable> extends OperationDescription {
  /** @throws PluginError; its class decides the HTTP status. `undefined`: nothing to say (404 on read, 204 on write). */
  readonly handler: (request: PathRequest<F>) => Promise<Response | undefined>;
}

export interface PathSpec<F extends FieldTable> {
  /**
   * A Go regular expression over the path in the mount, anchored by itself; named groups are fields. Lists end in `/?`,
   * for example `roles/?`.
   */
  readonly pattern: string;
  readonly fields: F;
  /** One sentence. */
  readonly synopsis: string;
  readonly description: string;
  /** Needed with `create`: true makes the host send `update` instead. */
  readonly existenceCheck?: (request: PathRequest<F>) => Promise<boolean>;
  readonly operations: Partial<Readonly<Record<Operation, OperationSpec<F>>>>;
  /** No warning about names that are not fields. */
  readonly takesArbitraryInput?: boolean;
  readonly displayAttributes?: DisplayAttributes;
}

/** An operation with its field types forgotten. */
export interface PathOperation extends OperationDescription {
  /** @throws InvalidRequestError when a field does not fit; the handler did not run then. */
  readonly run: (request: Request, raw: RawFields) => Promise<Response | undefined>;
}

/** A path with its field types forgotten, so that different ones fit into one list. Made by `definePath`. */
export interface Path {
  /** Anchored, for example `^roles/(?P<name>…)$`. */
  readonly pattern: string;
  readonly tree: PatternNode;
  readonly fields: FieldTable;
  readonly synopsis: string;
  readonly description: string;
  readonly takesArbitraryInput: boolean;
  readonly displayAttributes: DisplayAttributes | undefined;
  readonly operations: ReadonlyMap<string, PathOperation>;
  /** `undefined`: writes are always updates. @throws InvalidRequestError when a field does not fit. */
  readonly checkExistence: ((request: Request, raw: RawFields) => Promise<boolean>) | undefined;
}

/**
 * Makes a path. Mistakes in a table show at start, not in use.
 * @throws InvariantError on a blank or invalid pattern, a capture that is no field, a name that cannot be a field, or
 *   `create` without an existence check.
 */
export function definePath<F extends FieldTable>(spec: PathSpec<F>): Path {
  if (spec.pattern === '') throw new InvariantError('path pattern cannot be blank');
  const pattern = anchorPattern(spec.pattern);
  const tree = parsePattern(pattern);
  checkNames(pattern, tree, spec.fields);
  const { existenceCheck } = spec;
  if (spec.operations.create !== undefined && existenceCheck === undefined) {
    throw new InvariantError(`path pattern ${pattern}: create without an existence check`);
  }
  const readFields = createFieldReader(spec.fields);
  const bind = (request: Request, raw: RawFields, errorPrefix: string): PathRequest<F> =>
    new BoundRequest(request, raw, readFields(raw, errorPrefix));
  const erase = ({ handler, ...description }: OperationSpec<F>): PathOperation => ({
    ...description,
    run: async (request, raw) => handler(bind(request, raw, 'Field validation failed: ')),
  });
  return {
    pattern,
    tree,
    fields: spec.fields,
    synopsis: spec.synopsis.trim(),
    description: spec.description.trim(),
    takesArbitraryInput: spec.takesArbitraryInput ?? false,
    displayAttributes: spec.displayAttributes,
    operations: new Map(
      Object.entries(spec.operations).map(([operation, operationSpec]) => [operation, erase(operationSpec)]),
    ),
    checkExistence:
      existenceCheck === undefined ? undefined : async (request, raw) => existenceCheck(bind(request, raw, '')),
  };
}

function checkNames(pattern: string, tree: PatternNode, fields: FieldTable): void {
  for (const name of captureNames(tree)) {
    if (!Object.hasOwn(fields, name)) throw new InvariantError(`path pattern ${pattern}: no field for capture ${name}`);
  }
  for (const name of Object.keys(fields)) {
    if (!/^[A-Za-z]\w*$/.test(name) || name in Object.prototype) {
      throw new InvariantError(`path pattern ${pattern}: ${name} cannot be the name of a field`);
    }
  }
}

/** One path segment as a field: starts and ends with a letter, digit or `_`, with `-` and `.` allowed between. */
export function genericNameRegex(name: string): string {
  return `(?P<${name}>\\w(([\\w-.]+)?\\w)?)`;
}

/** As `genericNameRegex`, with `@` allowed between too. */
export function genericNameWithAtRegex(name: string): string {
  return `(?P<${name}>\\w(([\\w-.@]+)?\\w)?)`;
}

/** A slash and the rest of the path as a field; '' when there is neither. */
export function optionalParamRegex(name: string): string {
  return `(/(?P<${name}>.+))?`;
}

/** The rest of the path, slashes included, as a field. */
export function matchAllRegex(name: string): string {
  return `(?P<${name}>.*)`;
}
