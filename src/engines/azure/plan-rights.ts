/** What changes when a role that owns an application is written: the difference between what it has and what it is to have. */
import type { Random } from '../../util/random.ts';
import type { PlannedAssignment } from './attach-rights.ts';
import { roleAssignmentId } from './handles.ts';
import type { AzureGroup, AzureRole, RoleRecord } from './model-role.ts';

/** Of an application that is new. */
export function planAssignments({ azureRoles }: RoleRecord, random: Random): PlannedAssignment[] {
  return (azureRoles ?? []).map((azureRole) => ({ azureRole, id: roleAssignmentId(azureRole.scope, random.uuid()) }));
}

export interface RightsPlan {
  /** One per role, in its order: those that stay keep their id. */
  readonly assignments: readonly PlannedAssignment[];
  /** Of these, the ids that are new. */
  readonly newAssignmentIds: readonly string[];
  readonly groups: readonly AzureGroup[];
  readonly newGroupIds: readonly string[];
}

/**
 * Assignments are known by role definition and scope, memberships by group.
 * @param old the stored role.
 * @throws InvalidRequestError for a scope that would name something else.
 */
export function planRights(
  old: RoleRecord,
  azureRoles: readonly AzureRole[] | null,
  azureGroups: readonly AzureGroup[] | null,
  random: Random,
): RightsPlan {
  const present = presentAssignments(old);
  const newAssignmentIds: string[] = [];
  const assignments = (azureRoles ?? []).map((azureRole) => {
    const presentId = present.get(rightKey(azureRole));
    if (presentId !== undefined) return { azureRole, id: presentId, isPresent: true };
    const id = roleAssignmentId(azureRole.scope, random.uuid());
    newAssignmentIds.push(id);
    return { azureRole, id };
  });
  const groups = azureGroups ?? [];
  const newGroupIds = without(
    groups.map(({ groupId }) => groupId),
    old.groupMembershipIds ?? [],
  );
  return { assignments, newAssignmentIds, groups, newGroupIds };
}

/** Those of `ids` that are not among `others`. ARM and Graph compare ids without regard to case. */
export function without(ids: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map((id) => id.toLowerCase()));
  return ids.filter((id) => id !== '' && !known.has(id.toLowerCase()));
}

/**
 * The ids are stored in the order of the roles. The Go plugin changes the roles alone while `persist_app` is false, and
 * a failed write of it leaves ids behind that are gone: what does not fit is not relied on.
 */
function presentAssignments({ persistApp, azureRoles, roleAssignmentIds }: RoleRecord): Map<string, string> {
  const roles = azureRoles ?? [];
  const ids = roleAssignmentIds ?? [];
  if (!persistApp || roles.length !== ids.length) return new Map();
  return new Map(
    roles.flatMap((role, index): [string, string][] => {
      const id = ids[index] ?? '';
      return isAtScope(id, role.scope) ? [[rightKey(role), id]] : [];
    }),
  );
}

function isAtScope(id: string, scope: string): boolean {
  const prefix = `${trimmed(scope)}/providers/microsoft.authorization/roleassignments/`;
  const path = `/${id.toLowerCase().replace(/^\/+/, '')}`;
  return path.startsWith(prefix) && !path.slice(prefix.length).includes('/');
}

/** Definitions are compared by their GUID: the same one is known under the id of every scope above it. */
function rightKey({ roleDefinitionId, scope }: AzureRole): string {
  return `${roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1).toLowerCase()}||${trimmed(scope)}`;
}

function trimmed(scope: string): string {
  return scope.replace(/\/+$/, '').toLowerCase();
}
