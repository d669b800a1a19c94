/** The marks by which objects in the tenant are found again. Chosen on our side before the first call. */

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

/** Full ARM id of an assignment whose GUID we chose. `scope` may end in a slash. */
export function roleAssignmentId(scope: string, assignmentGuid: string): string {
  return `${scope.replace(/\/+$/, '')}/providers/Microsoft.Authorization/roleAssignments/${assignmentGuid}`;
}
