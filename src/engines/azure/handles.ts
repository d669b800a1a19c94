/** The marks by which objects in the tenant are found again. Chosen on our side before the first call. */

import { InvalidRequestError } from '../../errors.ts';

/** On every application of this mount, for example `vault-mount:9a1c0e6e-…`. */
export function mountTag(backendUuid: string): string {
  return `vault-mount:${backendUuid}`;
}

/** On the application of one operation, for example `vault-op:1b4e28ba-…`. */
export function operationTag(operationId: string): string {
  return `vault-op:${operationId}`;
}

/** Display name of the password of one operation, for example `vault-1b4e28ba-…`. */
export function passwordName(operationId: string): string {
  return `vault-${operationId}`;
}

/** Display name of a dynamic application. Same form as the Go plugin's: `vault-` and a UUID. */
export function applicationName(operationId: string): string {
  return `vault-${operationId}`;
}

/** Graph takes 256 characters; the rest is for the prefix and the time. */
const MAX_ROLE_NAME_LENGTH = 200;

/**
 * Display name of the application that a role owns, for example `vault-web-1764226800`.
 * Source: vault-plugin-secrets-azure v0.23.0, client.go (createAppWithName).
 */
export function persistedApplicationName(roleName: string, now: Date): string {
  return `vault-${roleName.slice(0, MAX_ROLE_NAME_LENGTH)}-${Math.floor(now.getTime() / 1000)}`;
}

/** True for tags that only the engine may give: by them it finds, and removes, its own applications. */
export function isReservedTag(tag: string): boolean {
  return /^vault-(?:mount|op):/i.test(tag);
}

/** What would make an ARM address name something else: empty and dot segments aside, the marks of query and fragment. */
const NOT_IN_SCOPES = /(?:^|\/)\.{1,2}(?:\/|$)|[?#\\\p{Cc}]/u;

/** True for what ARM can take as a scope, for example `/subscriptions/…/resourceGroups/web`. */
export function isScope(scope: string): boolean {
  return !NOT_IN_SCOPES.test(scope);
}

/**
 * Full ARM id of an assignment whose GUID we chose. `scope` may end in a slash.
 * @throws InvalidRequestError for a scope that would name something else.
 */
export function roleAssignmentId(scope: string, assignmentGuid: string): string {
  if (!isScope(scope))
    throw new InvalidRequestError(`the role's scope ${JSON.stringify(scope)} is no Azure resource id`);
  return `${scope.replace(/\/+$/, '')}/providers/Microsoft.Authorization/roleAssignments/${assignmentGuid}`;
}
