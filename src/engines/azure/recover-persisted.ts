/**
 * Works off the intents about applications that roles own. The stored role decides: what an intent names and the role
 * does not is removed. Nobody writes the role meanwhile, since both hold its lock.
 */
import { settleAll, type Settled } from '../../util/parallel.ts';
import { removePart } from './leftovers.ts';
import { type RoleRecord } from './model-role.ts';
import type { LeftoverPart, OperationRecord } from './model-tracking.ts';
import type { AzureMount } from './mount.ts';
import { without } from './plan-rights.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { isSameId } from './same-id.ts';

export interface NamedObjects {
  readonly applicationObjectIds: readonly string[];
  readonly roleAssignmentIds: readonly string[];
}

/** What the role owns, and what it owned until it was retired. Call with the role's lock held. */
export async function listOwned(mount: AzureMount, roleName: string): Promise<NamedObjects> {
  const { storage } = mount.dependencies;
  const role = await mount.stores.roles.get(storage, roleName);
  const applicationObjectIds = role === undefined ? [] : [role.managedApplicationObjectId];
  const roleAssignmentIds = [...(role?.roleAssignmentIds ?? [])];
  for (const applicationObjectId of await mount.stores.retired.list(storage)) {
    const retired = await mount.stores.retired.get(storage, applicationObjectId);
    if (retired?.roleName !== roleName) continue;
    applicationObjectIds.push(applicationObjectId);
    roleAssignmentIds.push(...retired.roleAssignmentIds);
  }
  return { applicationObjectIds, roleAssignmentIds };
}

/** Removes the assignments and memberships of the intent that no record names. Call with the role's lock held. */
export async function removeUnnamedRights(
  context: ProcedureContext,
  operation: OperationRecord,
): Promise<readonly Settled<LeftoverPart, void>[]> {
  const named = await namedRights(context.mount, operation);
  const { servicePrincipalId } = operation;
  const parts: LeftoverPart[] = [
    ...without(operation.roleAssignmentIds, named.roleAssignmentIds).map((id) => ({
      type: 'role_assignment' as const,
      roleAssignmentId: id,
    })),
    ...without(operation.groupIds, named.groupIds).map((groupId) => ({
      type: 'group_member' as const,
      groupId,
      memberId: servicePrincipalId,
    })),
  ];
  return settleAll(parts, PARALLEL_CALLS, (part) => removePart(stepContext(context), context.session, part));
}

interface NamedRights {
  readonly roleAssignmentIds: readonly string[];
  readonly groupIds: readonly string[];
}

async function namedRights(
  mount: AzureMount,
  { roleName, applicationObjectId }: OperationRecord,
): Promise<NamedRights> {
  const { storage } = mount.dependencies;
  const role = await mount.stores.roles.get(storage, roleName);
  if (role !== undefined && isSameId(role.managedApplicationObjectId, applicationObjectId)) return rightsOf(role);
  const retired = await mount.stores.retired.get(storage, applicationObjectId);
  return retired ?? { roleAssignmentIds: [], groupIds: [] };
}

function rightsOf({ roleAssignmentIds, groupMembershipIds }: RoleRecord): NamedRights {
  return { roleAssignmentIds: roleAssignmentIds ?? [], groupIds: groupMembershipIds ?? [] };
}
