/** PATCH as JSON merge patch (RFC 7396). Source: Vault SDK framework/backend.go, HandlePatchOperation. */
import { CodedError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../util/json.ts';
import { fieldValueToJson, type FieldTable } from './field-schema.ts';
import type { PathRequest } from './path-request.ts';

/**
 * The patch that a request asks for: its fields, converted; null where the client sent null, which removes. Names that
 * the path captured or does not know are left out.
 */
export function buildMergePatch<F extends FieldTable>(request: PathRequest<F>): JsonObject {
  const values = new Map<string, unknown>(Object.entries(request.given));
  const patch = new Map<string, JsonValue>();
  for (const name of Object.keys(request.fields)) {
    const sent = Object.hasOwn(request.data, name) ? request.data[name] : undefined;
    if (sent === undefined) continue;
    patch.set(name, sent === null ? null : fieldValueToJson(values.get(name)));
  }
  return Object.fromEntries(patch);
}

/**
 * The resource with the patch applied; neither is changed.
 * @throws CodedError 404 when there is no resource.
 */
export function applyMergePatch(resource: JsonObject | undefined, patch: JsonObject): JsonObject {
  if (resource === undefined) throw new CodedError(404, 'resource does not exist');
  return mergeObjects(resource, patch);
}

function mergeObjects(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else if (isJsonObject(value)) merged.set(name, mergeObjects(objectOrEmpty(merged.get(name)), value));
    else merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

function objectOrEmpty(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
