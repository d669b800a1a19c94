/**
 * Brings what the application of a role may do to what the role says, by difference, and stores the role.
 *
 * 1. Write the intent `operations/<id>`: every assignment and membership that will come or go. Not when nothing will.
 * 2. In parallel: make the assignments and memberships that the role is to have and that are not there: new ones, and
 *    those that somebody has removed by hand.
 * 3. Write the role, which names them.
 * 4. In parallel: remove those that it does not name any more.
 * 5. Drop the intent, unless something of 4 could not be removed, or may still appear.
 *
 * The stored role decides: of what the intent names, that stays which the role names as well. So a crash or failure
 * before 3 takes the new ones back, and one after 3 removes the old ones. A failure of 1–2 is taken back at once, in
 * the background; one of 3 is not: the role may be stored all the same, so recovery looks at it later.
 */
import { errorMessage, toError } from '../../errors.ts';
import { rejections } from '../../util/parallel.ts';
import { attachRights } from './attach-rights.ts';
import { describePart } from './leftovers.ts';
import { roleLock } from './lock-keys.ts';
import type { RoleRecord } from './model-role.ts';
import type { OperationRecord } from './model-tracking.ts';
import { newOperation, RightsProgress } from './operation.ts';
import { planRights, without } from './plan-rights.ts';
import type { ProcedureContext } from './procedure.ts';
import { removeUnnamedRights } from './recover-persisted.ts';
import { UNDO_TIMEOUT_SECONDS, undoInBackground } from './steps-undo.ts';

/**
 * Call with the role's lock held.
 * @param old the stored role. @param role as it is to be stored, but for its assignments and memberships.
 * @returns warnings: what could not be removed yet.
 * @throws AzureError, DeadlineError, StorageError; nothing stays behind that no record stands for.
 */
export async function changePersistedRights(
  context: ProcedureContext,
  roleName: string,
  old: RoleRecord,
  role: RoleRecord,
): Promise<string[]> {
  const { mount, session } = context;
  const { storage, random, clock } = mount.dependencies;
  const plan = planRights(old, role.azureRoles, role.azureGroups, random);
  const groupIds = plan.groups.map(({ groupId }) => groupId);
  const plannedIds = plan.assignments.map(({ id }) => id);
  const operationId = random.uuid();
  const operation: OperationRecord = {
    ...newOperation('persisted_rights', clock.now(), context),
    roleName,
    applicationObjectId: role.managedApplicationObjectId,
    servicePrincipalId: role.servicePrincipalId,
    roleAssignmentIds: [...plan.newAssignmentIds, ...without(old.roleAssignmentIds ?? [], plannedIds)],
    groupIds: [...plan.newGroupIds, ...without(old.groupMembershipIds ?? [], groupIds)],
  };
  const isChange = operation.roleAssignmentIds.length > 0 || operation.groupIds.length > 0;
  const progress = new RightsProgress();
  mount.runningOperations.add(operationId);
  let roleAssignmentIds: readonly string[];
  try {
    if (isChange) await mount.stores.operations.put(storage, operationId, operation); // 1
    const { servicePrincipalId } = role;
    const rights = { servicePrincipalId, assignments: plan.assignments, groups: plan.groups };
    roleAssignmentIds = await attachRights(context, rights, progress); // 2
  } catch (error) {
    if (isChange) startUndo(context, operationId, operation, progress);
    else mount.runningOperations.delete(operationId);
    throw error;
  }
  try {
    await mount.stores.roles.put(storage, roleName, {
      ...role,
      roleAssignmentIds: roleAssignmentIds.length === 0 ? null : roleAssignmentIds,
      groupMembershipIds: groupIds,
      managedTenantId: role.managedTenantId || session.settings.tenantId,
    }); // 3
    return isChange ? await finish(context, operationId, operation, progress) : [];
  } finally {
    mount.runningOperations.delete(operationId);
  }
}

/** Steps 4 and 5. */
async function finish(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
  progress: RightsProgress,
): Promise<string[]> {
  const { mount } = context;
  const settled = await removeUnnamedRights(context, operation);
  const [reason] = rejections(settled);
  if (reason === undefined) {
    if (!mayArriveLater(progress)) await mount.stores.operations.delete(mount.dependencies.storage, operationId);
    return [];
  }
  const parts = settled.flatMap(({ item, result }) => (result.status === 'rejected' ? [describePart(item)] : []));
  mount.dependencies.logger.warn(
    'something that a role does not have any more could not be removed; it is removed later',
    {
      role: operation.roleName,
      parts,
      reason: errorMessage(reason),
    },
  );
  return [
    `the role is written, but not everything that it had before could be removed; it is tried again later: ${parts.join(', ')}: ${errorMessage(reason)}`,
  ];
}

/** A later write of the role may come first: then that one decides what stays. */
function startUndo(
  { mount, session }: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
  progress: RightsProgress,
): void {
  const undo = async (): Promise<void> => {
    using budget = mount.startBackgroundBudget(UNDO_TIMEOUT_SECONDS);
    const settled = await removeUnnamedRights({ mount, session, budget }, operation);
    const [reason] = rejections(settled);
    if (reason !== undefined) throw toError(reason);
    if (!mayArriveLater(progress)) await mount.stores.operations.delete(mount.dependencies.storage, operationId);
  };
  undoInBackground(mount, 'clean-up after a failed role write', operationId, () =>
    mount.locks.run(roleLock(operation.roleName), undo),
  );
}

function mayArriveLater({ mayAssignLate, mayJoinLate }: RightsProgress): boolean {
  return mayAssignLate || mayJoinLate;
}
