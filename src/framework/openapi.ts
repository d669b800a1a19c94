/** placeholder */
import type { JsonObject } from '../util/json.ts';
import type { Path } from './path.ts';
export interface OpenApiContext {
  readonly hostVersion: string;
  readonly operationPrefix: string;
  readonly rootPaths: readonly string[];
  readonly unauthenticatedPaths: readonly string[];
}
export function createOpenApiDocument(paths: readonly Path[], context: OpenApiContext): JsonObject {
  return { openapi: '3.0.2', paths: {}, info: { version: context.hostVersion, title: String(paths.length) } };
}
