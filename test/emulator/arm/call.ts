/** One authenticated ARM call, and what its caller may do. */
import { isJsonObject, parseJson, type JsonObject } from '../json.ts';
import type { Emulation } from '../emulation.ts';
import type { AccessTokenClaims } from '../entra/token-authority.ts';
import { findAudience } from '../hosts.ts';
import type { EmulatorRequest } from '../server/exchange.ts';
import type { RoleAssignment } from '../state/role-assignments.ts';
import type { RoleDefinition } from '../state/role-definitions.ts';
import { isScopeWithin, parseScope, type ParsedScope } from '../state/scopes.ts';
import { ArmError, resourceGroupNotFound, scopeLocked, subscriptionNotFound } from './errors.ts';

export interface ArmCall {
  readonly emulation: Emulation;
  readonly request: EmulatorRequest;
  readonly caller: AccessTokenClaims;
}

/** @throws ArmError 401 */
export function authenticate(emulation: Emulation, request: EmulatorRequest): ArmCall {
  const { tenant, tokens } = emulation;
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const refuse = (code: string, message: string): ArmError =>
    new ArmError(401, code, message, {
      'www-authenticate': `Bearer authorization_uri="https://login.windows.net/${tenant.id}", error="invalid_token", error_description="${message}"`,
    });
  if (token === undefined) {
    throw refuse('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
  }
  const claims = tokens.check(token);
  if (claims === undefined) throw refuse('InvalidAuthenticationToken', 'The access token is invalid.');
  if (claims.expiresAtMs <= request.nowMs) {
    throw refuse('ExpiredAuthenticationToken', 'The access token expiry is earlier than current time.');
  }
  if (findAudience(claims.audience, request.host.cloud)?.service !== 'arm') {
    const message = `The access token has been obtained for wrong audience or resource '${claims.audience}'.`;
    throw refuse('InvalidAuthenticationTokenAudience', message);
  }
  if (tenant.servicePrincipals.get(claims.objectId, request.view) === undefined) {
    throw refuse('InvalidAuthenticationToken', 'The principal of the access token does not exist in the directory.');
  }
  return { emulation, request, caller: claims };
}

/** A definition that the caller holds, and where. */
interface HeldRole {
  readonly assignment: RoleAssignment;
  readonly definition: RoleDefinition;
}

/** What a principal holds anywhere, directly or through its groups, as the call's replica sees it. */
export function listHeldRoles({ emulation, request }: ArmCall, principalId: string): readonly HeldRole[] {
  const { tenant } = emulation;
  const groups = tenant.listGroupsOf(principalId, request.view);
  return [principalId, ...groups.map(({ id }) => id)]
    .flatMap((id) => tenant.roleAssignments.listByPrincipal(id, request.view))
    .flatMap((assignment) => {
      const definition = tenant.roleDefinitions.get(assignment.roleName);
      return definition === undefined ? [] : { assignment, definition };
    });
}

export function isAllowed(call: ArmCall, action: string, scope: string): boolean {
  const { roleDefinitions } = call.emulation.tenant;
  return listHeldRoles(call, call.caller.objectId).some(
    ({ assignment, definition }) =>
      isScopeWithin(scope, assignment.scope) && roleDefinitions.allowsAction(definition, action),
  );
}

/** @throws ArmError 403 */
export function requireAction(call: ArmCall, action: string, scope: string): void {
  if (isAllowed(call, action, scope)) return;
  const { appId, objectId } = call.caller;
  const message = `The client '${appId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  throw new ArmError(403, 'AuthorizationFailed', message);
}

/**
 * Reads a scope, checks the right, then that the scope exists: a caller without rights learns nothing of it.
 * @throws ArmError 404, 403
 */
export function requireScope(call: ArmCall, path: string, action: string): ParsedScope {
  const { subscriptions } = call.emulation.tenant;
  const scope = parseScope(path);
  if (scope === undefined) throw new ArmError(404, 'InvalidResourceNamespace', `The scope '${path}' is not valid.`);
  const { subscriptionId, resourceGroup } = scope;
  if (subscriptionId !== undefined && subscriptions.get(subscriptionId) === undefined) {
    throw subscriptionNotFound(subscriptionId);
  }
  requireAction(call, action, scope.path);
  if (subscriptionId !== undefined && resourceGroup !== undefined) {
    if (subscriptions.findResourceGroup(subscriptionId, resourceGroup) === undefined) {
      throw resourceGroupNotFound(resourceGroup);
    }
  }
  return scope;
}

/** @throws ArmError 409 */
export function requireUnlocked({ emulation }: ArmCall, scope: string, operation: 'write' | 'delete'): void {
  const lock = emulation.tenant.subscriptions.findLock(scope, operation);
  if (lock !== undefined) throw scopeLocked(scope, lock.scope, operation);
}

/** @throws ArmError 400 */
export function parseBody(request: EmulatorRequest): JsonObject {
  try {
    const value = parseJson(request.body.toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // Answered below, as any other body that is no object.
  }
  throw invalidContent('The request content was invalid and could not be deserialized.');
}

export function invalidContent(message: string): ArmError {
  return new ArmError(400, 'InvalidRequestContent', message);
}

export function readText(body: JsonObject, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalidContent(`The value of '${name}' must be a string.`);
  return value;
}
