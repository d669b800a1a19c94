/**
 * The OpenAPI 3.0.2 document of a path table, in the form of Vault 1.15 and later: lists have a path of their own that
 * ends in a slash. Hosts decode it strictly, and one bad document spoils the host's document of all mounts.
 * Source: Vault SDK framework/openapi.go.
 */
import type { JsonObject } from '../util/json.ts';
import { visibleAttributes } from './display-attributes.ts';
import {
  collapseSpace,
  compact,
  objectSchema,
  pathParameter,
  queryParameters,
  responseSchema,
  splitFields,
  type PathFields,
} from './openapi-fields.ts';
import { UniqueNames, makeOperationId, titleCase } from './openapi-names.ts';
import type { Path, PathOperation } from './path.ts';
import { expandPattern } from './pattern-expansion.ts';
import { isSpecialPath } from './special-paths.ts';

export interface OpenApiContext {
  /** For example `1.21.0`; `unknown` when the host does not tell. */
  readonly hostVersion: string;
  /** Starts operation ids that the tables give no prefix, for example `azure`. */
  readonly operationPrefix: string;
  /** API paths that need `sudo`. */
  readonly rootPaths: readonly string[];
  readonly unauthenticatedPaths: readonly string[];
}

export function createOpenApiDocument(paths: readonly Path[], context: OpenApiContext): JsonObject {
  const builder = new DocumentBuilder(context);
  for (const path of paths) builder.addPath(path);
  return builder.build();
}

/** Operations with an HTTP method of their own, in the order in which they are documented. */
const METHODS = [
  ['read', 'get'],
  ['update', 'post'],
  ['create', 'post'],
  ['patch', 'patch'],
  ['delete', 'delete'],
  ['list', 'get'],
] as const;

/** One of the literal paths that a pattern stands for. */
interface ExpandedPath {
  readonly source: Path;
  readonly path: string;
  readonly pathIndex: number;
  readonly fields: PathFields;
}

class DocumentBuilder {
  readonly #context: OpenApiContext;
  readonly #items = new Map<string, JsonObject>();
  readonly #schemas = new Map<string, JsonObject>();
  readonly #operationIds = new UniqueNames();

  constructor(context: OpenApiContext) {
    this.#context = context;
  }

  build(): JsonObject {
    return {
      openapi: '3.0.2',
      info: {
        title: 'HashiCorp Vault API',
        description: 'HTTP API of this secrets engine. All API routes are prefixed with `/v1/` and the mount path.',
        version: this.#context.hostVersion,
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      paths: Object.fromEntries(this.#items),
      components: { schemas: Object.fromEntries(this.#schemas) },
    };
  }

  addPath(source: Path): void {
    const paths = expandPattern(source.tree);
    if (paths === undefined) {
      // Shows that something is served here, though not what.
      this.#addItem(source.pattern, this.#describeItem(source.pattern, source, []));
      return;
    }
    for (const [pathIndex, path] of paths.entries()) {
      this.#addExpanded({ source, path, pathIndex, fields: splitFields(source, path) });
    }
  }

  #addExpanded(expanded: ExpandedPath): void {
    const { source, path } = expanded;
    // Only lists can reach a path that ends in a slash.
    const isListOnly = path.endsWith('/');
    const methods = new Map<string, JsonObject>();
    let list: JsonObject | undefined;
    for (const [operation, method] of METHODS) {
      const details = source.operations.get(operation);
      if (details === undefined || details.isUnpublished === true) continue;
      if (operation !== 'list' && (isListOnly || methods.has(method))) continue;
      const described = this.#describeOperation(expanded, operation, details);
      if (operation === 'list') list = described;
      else methods.set(method, described);
    }
    const parameters = expanded.fields.inPath.map(pathParameter);
    const create = source.operations.get('create');
    if (methods.size > 0 || list === undefined) {
      this.#addItem(path, {
        ...this.#describeItem(path, source, parameters),
        ...(create !== undefined && create.isUnpublished !== true ? { 'x-vault-createSupported': true } : {}),
        ...Object.fromEntries(methods),
      });
    }
    if (list !== undefined) {
      const listPath = isListOnly ? path : `${path}/`;
      this.#addItem(listPath, { ...this.#describeItem(listPath, source, parameters), get: list });
    }
  }

  /** The first path wins, as in routing. */
  #addItem(path: string, item: JsonObject): void {
    const key = `/${path}`;
    if (!this.#items.has(key)) this.#items.set(key, item);
  }

  #describeItem(path: string, source: Path, parameters: readonly JsonObject[]): JsonObject {
    return compact({
      description: collapseSpace(source.synopsis),
      parameters: parameters.length === 0 ? undefined : parameters,
      'x-vault-sudo': isSpecialPath(path, this.#context.rootPaths) || undefined,
      'x-vault-unauthenticated': isSpecialPath(path, this.#context.unauthenticatedPaths) || undefined,
      'x-vault-displayAttrs': visibleAttributes(source.displayAttributes),
    });
  }

  #describeOperation(expanded: ExpandedPath, operation: string, details: PathOperation): JsonObject {
    const { source, path, pathIndex, fields } = expanded;
    const place = { path, pathIndex, operation, defaultPrefix: this.#context.operationPrefix };
    const operationId = this.#operationIds.claim(makeOperationId(place, details, source.displayAttributes));
    const hasBody = operation === 'create' || operation === 'update' || operation === 'patch';
    const parameters = hasBody ? [] : queryParameters(fields.inQuery, operation === 'list');
    return compact({
      summary: collapseSpace(details.summary),
      description: details.description?.trim(),
      operationId,
      tags: ['secrets'],
      parameters: parameters.length === 0 ? undefined : parameters,
      requestBody: hasBody ? this.#describeBody(expanded, operationId, details) : undefined,
      responses: this.#describeResponses(operation, operationId, details),
      deprecated: details.isDeprecated === true ? true : undefined,
    });
  }

  #describeBody({ source, fields }: ExpandedPath, operationId: string, details: PathOperation): JsonObject | undefined {
    const bodyFields = [...fields.inBody, ...fields.inQuery].sort(([left], [right]) => (left < right ? -1 : 1));
    const schema = {
      ...objectSchema(bodyFields, details.example),
      ...(source.takesArbitraryInput ? { additionalProperties: true } : {}),
    };
    if (bodyFields.length === 0 && !source.takesArbitraryInput) return undefined;
    const shown = bodyFields.length === 0 ? schema : this.#addSchema(`${titleCase(operationId)}Request`, schema);
    return { required: true, ...jsonContent(shown) };
  }

  #describeResponses(operation: string, operationId: string, details: PathOperation): JsonObject {
    if (details.responses === undefined || details.responses.length === 0) return this.#defaultResponses(operation);
    // Keys must be text: the host reads them as numbers from JSON object keys.
    const responses = new Map<string, JsonObject>();
    for (const { status, description, fields, example } of details.responses) {
      const name = `${titleCase(operationId)}Response${responses.size === 0 ? '' : String(status)}`;
      const content =
        fields !== undefined
          ? jsonContent(this.#addSchema(name, responseSchema(fields, example)))
          : example === undefined
            ? {}
            : jsonContent({ example: { data: example } });
      responses.set(String(status), { description, ...content });
    }
    return Object.fromEntries(responses);
  }

  #defaultResponses(operation: string): JsonObject {
    if (operation === 'delete') return { '204': { description: 'empty body' } };
    if (operation !== 'list') return { '200': { description: 'OK' } };
    return { '200': { description: 'OK', ...jsonContent(this.#addSchema('StandardListResponse', listSchema)) } };
  }

  /**
   * A reference to the schema, which is kept under its name. The host's decoder has no place for `$ref` of an external
   * plugin, but takes the same under `ref`.
   */
  #addSchema(name: string, schema: JsonObject): JsonObject {
    this.#schemas.set(name, schema);
    const reference = `#/components/schemas/${name}`;
    return { $ref: reference, ref: reference };
  }
}

const listSchema: JsonObject = {
  type: 'object',
  properties: { keys: { type: 'array', items: { type: 'string' } } },
};

function jsonContent(schema: JsonObject): JsonObject {
  return { content: { 'application/json': { schema } } };
}
