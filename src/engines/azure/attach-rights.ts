/** Role assignments and group memberships of one principal, in parallel. Repeating the same ones succeeds. */
import type { AzureCall } from '../../azure/provider.ts';
import { isAssignedAlready, isReplicationLag, mayArriveLate } from '../../azure/retry-policy.ts';
import { AzureError, toError } from '../../errors.ts';
import { createAbortController } from '../../util/abort.ts';
import { settleAll } from '../../util/parallel.ts';
import type { AzureGroup, AzureRole } from './model-role.ts';
import type { RightsProgress } from './operation.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';

export interface PlannedAssignment {
  readonly azureRole: AzureRole;
  /** Full ARM id, its GUID chosen by us. */
  readonly id: string;
  /**
   * True when it should be there already. Then it is looked for and only made when it is missing: making it again would
   * take away a condition that somebody has put on it.
   */
  readonly isPresent?: boolean;
}

export interface Rights {
  readonly servicePrincipalId: string;
  readonly assignments: readonly PlannedAssignment[];
  readonly groups: readonly AzureGroup[];
}

/**
 * @returns the full ARM ids of the assignments, in order: the planned ones, or those that the principal had already
 * under another id.
 * @throws the first failure, when all calls under way have ended: the clean-up comes next.
 */
export async function attachRights(
  context: ProcedureContext,
  { servicePrincipalId, assignments, groups }: Rights,
  progress: RightsProgress,
): Promise<readonly string[]> {
  const { directory, roles } = context.session.provider;
  const steps = stepContext(context);
  const futile = createAbortController();
  const options = { shouldRetry: isReplicationLag, stop: futile.signal };
  const made = assignments.map(({ id }) => id);
  const assign = async ({ azureRole, id, isPresent = false }: PlannedAssignment, index: number): Promise<void> => {
    const { scope, roleDefinitionId, roleName } = azureRole;
    const spec = { scope, assignmentGuid: guidOf(id), roleDefinitionId, principalId: servicePrincipalId };
    const find = async (call: AzureCall): Promise<boolean> => {
      const found = await roles.findRoleAssignment(spec, { ...call, step: 'look for a role assignment' });
      made[index] = found ?? id;
      return found !== undefined;
    };
    const attempt = async (call: AzureCall): Promise<void> => {
      if (isPresent && (await find(call))) return;
      try {
        await roles.createRoleAssignment(spec, call);
      } catch (error) {
        if (error instanceof AzureError && isAssignedAlready(error) && (await find(call))) return;
        if (isLate(error, call)) progress.mayAssignLate = true;
        throw error;
      }
    };
    await retryStep(steps, `assign role ${roleName} at ${scope}`, attempt, options);
  };
  const join = async ({ groupId, groupName }: AzureGroup): Promise<void> => {
    const attempt = async (call: AzureCall): Promise<void> => {
      try {
        await directory.addGroupMember(groupId, servicePrincipalId, call);
      } catch (error) {
        if (isLate(error, call)) progress.mayJoinLate = true;
        throw error;
      }
    };
    await retryStep(steps, `add to group ${groupName}`, attempt, options);
  };
  const works = [
    ...assignments.map((assignment, index) => () => assign(assignment, index)),
    ...groups.map((group) => () => join(group)),
  ];
  await settleAll(works, PARALLEL_CALLS, async (work) => {
    if (futile.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      futile.abort(toError(error));
    }
  });
  futile.signal.throwIfAborted();
  return made;
}

function isLate(error: unknown, call: AzureCall): boolean {
  return call.signal.aborted || (error instanceof AzureError && mayArriveLate(error));
}

function guidOf(roleAssignmentId: string): string {
  return roleAssignmentId.slice(roleAssignmentId.lastIndexOf('/') + 1);
}
