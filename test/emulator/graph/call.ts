/** One authorised Graph call, and the checks and look-ups that many routes share. */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { Emulation } from '../emulation.ts';
import type { AccessTokenClaims } from '../entra/token-authority.ts';
import type { EmulatorReply, EmulatorRequest } from '../server/exchange.ts';
import type { GraphError } from './errors.ts';
import { badRequest, insufficientPrivileges } from './errors.ts';

/** A key out of the path: `{id}` or `(appId='…')`. */
export interface PathKey {
  readonly name: string;
  readonly value: string;
}

export interface GraphCall {
  readonly emulation: Emulation;
  readonly request: EmulatorRequest;
  readonly caller: AccessTokenClaims;
  /** In the order of the path. */
  readonly keys: readonly PathKey[];
  readonly body: JsonObject;
  /** The caller may only touch what it owns (`Application.ReadWrite.OwnedBy`). */
  readonly isOwnedOnly: boolean;
}

export interface GraphRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Literal segments and `{}` for keys, for example `/applications/{}/addPassword`. */
  readonly path: string;
  /** One of these app roles is needed. */
  readonly rights: readonly string[];
  /** With one of these, the call is allowed on objects that the caller owns. */
  readonly ownedRights?: readonly string[];
  answer(call: GraphCall): EmulatorReply;
}

/** The n-th key of the path; there is one for each `{}`. */
export function readKey(call: GraphCall, position: number): PathKey {
  const key = call.keys[position];
  if (key === undefined) throw new Error(`route without key ${position}`);
  return key;
}

/** @throws GraphError 403 when the caller's rights end at what it owns, and it does not own this. */
export function requireOwnership(call: GraphCall, objectId: string): void {
  if (call.isOwnedOnly && !call.emulation.tenant.owners.isOwner(objectId, call.caller.objectId)) {
    throw insufficientPrivileges();
  }
}

/** Whether the caller's token carries one of `rights`. */
export function holdsRight(call: GraphCall, rights: readonly string[]): boolean {
  return rights.some((right) => call.caller.roles.includes(right));
}

export function prefersCreation(call: GraphCall): boolean {
  const { prefer } = call.request.headers;
  return typeof prefer === 'string' && prefer.split(',').some((item) => item.trim() === 'create-if-missing');
}

export function readText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidValue(name);
  return value;
}

export function readFlag(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalidValue(name);
  return value;
}

export function readTextList(body: JsonObject, name: string): readonly string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isJsonArray(value)) throw invalidValue(name);
  return value.map((item) => {
    if (typeof item !== 'string') throw invalidValue(name);
    return item;
  });
}

export function readObjectList(body: JsonObject, name: string): readonly JsonObject[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isJsonArray(value)) throw invalidValue(name);
  return value.map((item: JsonValue) => {
    if (!isJsonObject(item)) throw invalidValue(name);
    return item;
  });
}

export function readTime(body: JsonObject, name: string): Date | undefined {
  const text = readText(body, name);
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw invalidValue(name);
  return time;
}

export function invalidValue(name: string): GraphError {
  return badRequest(`Invalid value specified for property '${name}' of resource.`);
}

const REFERENCE = /\/(?:v1\.0|beta)\/(?:directoryObjects|servicePrincipals|users|groups)\/([^/]+)$/i;

/** The object id in a `$ref` body: `{"@odata.id":"https://graph…/v1.0/directoryObjects/{id}"}`. */
export function readReference(body: JsonObject): string {
  return parseReference(readText(body, '@odata.id'));
}

export function parseReference(url: string | undefined): string {
  const id = REFERENCE.exec(url ?? '')?.[1];
  if (id === undefined) throw badRequest("The value of '@odata.id' does not name a directory object.");
  return id;
}
