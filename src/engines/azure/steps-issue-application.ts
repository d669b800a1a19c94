/**
 * Issues a dynamic credential: an application of its own with its principal, assignments and memberships.
 *
 * 1. Write the intent `operations/<id>` with the handles that everything will carry.
 * 2. Create the application, its password in the same request.
 * 3. Create the service principal.
 * 4. In parallel: role assignments (GUIDs from the intent) and group memberships.
 * 5. Write `issued/<role>/<id>` with the end of the longest possible lease.
 * 6. Drop the intent (or, if an answer was lost on the way, keep it with what was handed out).
 *
 * A crash after 1–4 leaves an intent: recovery removes all that carries its handles. After 5: the same, the answer was
 * never given. After 6, before the host has stored the lease: `issued` is removed a day after its deadline.
 * A failure starts the removal at once, in the background.
 */
import type { Application, AzureCall, NewPassword } from '../../azure/provider.ts';
import {
  isBackingApplicationNotReplicated,
  isReplicationLag,
  mayArriveLate,
  refusesPasswordAtCreation,
} from '../../azure/retry-policy.ts';
import { AzureError, toError } from '../../errors.ts';
import { createAbortController } from '../../util/abort.ts';
import { addMs } from '../../util/rfc3339.ts';
import { settleAll } from '../../util/parallel.ts';
import { applicationName, mountTag, operationTag, passwordName, roleAssignmentId } from './handles.ts';
import { type AzureGroup, type AzureRole, leaseMaxTtlSeconds } from './model-role.ts';
import type { IssuedRecord, OperationRecord } from './model-tracking.ts';
import { ApplicationProgress, type Credential, type IssueRequest, newOperation, passwordEnd } from './operation.ts';
import { PARALLEL_CALLS, stepContext } from './procedure.ts';
import { mayHaveBeenDone, retryStep, type StepContext } from './retry.ts';
import { undoApplication } from './steps-undo.ts';

/** The password's end may differ from what was asked by this much, or it is replaced. */
const END_TOLERANCE_MS = 24 * 3600 * 1000;
const DEFAULT_SIGN_IN_AUDIENCE = 'AzureADMyOrg';

/** @throws AzureError, DeadlineError, StorageError; nothing stays behind that no record stands for. */
export async function issueApplication(request: IssueRequest): Promise<Credential> {
  const { mount, roleName, role } = request;
  const { storage, random, clock } = mount.dependencies;
  const operationId = random.uuid();
  const assignments = (role.azureRoles ?? []).map((azureRole) => ({ azureRole, guid: random.uuid() }));
  const operation: OperationRecord = {
    ...newOperation('application', clock.now(), request),
    roleName,
    roleAssignmentIds: assignments.map(({ azureRole, guid }) => roleAssignmentId(azureRole.scope, guid)),
    permanentlyDelete: role.permanentlyDelete,
  };
  const progress = new ApplicationProgress();
  mount.runningOperations.add(operationId);
  try {
    await mount.stores.operations.put(storage, operationId, operation); // 1
    const issued = await issue(request, operationId, operation, assignments, progress);
    // Nobody is there to take it: without an answer the host keeps no lease that would end it.
    request.budget.signal.throwIfAborted();
    mount.runningOperations.delete(operationId);
    return issued;
  } catch (error) {
    mount.background.start('clean-up after a failed credential request', async () => {
      try {
        await undoApplication(mount, request.session, operationId, operation, progress);
      } finally {
        mount.runningOperations.delete(operationId);
      }
    });
    throw error;
  }
}

interface PlannedAssignment {
  readonly azureRole: AzureRole;
  readonly guid: string;
}

async function issue(
  request: IssueRequest,
  operationId: string,
  operation: OperationRecord,
  assignments: readonly PlannedAssignment[],
  progress: ApplicationProgress,
): Promise<Credential> {
  const { mount, session, roleName, role } = request;
  const { storage, clock } = mount.dependencies;
  const { directory } = session.provider;
  const context = stepContext(request);

  const { application, password } = await createWithPassword(request, context, operationId, progress); // 2

  const servicePrincipal = await retryStep(
    context,
    'create service principal',
    (call) => directory.upsertServicePrincipal(application.appId, call, application.displayName),
    { shouldRetry: (error) => isReplicationLag(error) || isBackingApplicationNotReplicated(error) },
  ); // 3
  progress.servicePrincipalId = servicePrincipal.id;

  progress.hasTriedAssignments = assignments.length > 0;
  await attachRights(request, context, servicePrincipal.id, assignments, progress); // 4

  const now = clock.now();
  const maxTtlSeconds = leaseMaxTtlSeconds(role) || (await request.hostMaxTtlSeconds);
  const issued: IssuedRecord = {
    kind: 'application',
    roleName,
    applicationObjectId: application.id,
    servicePrincipalId: servicePrincipal.id,
    roleAssignmentIds: operation.roleAssignmentIds,
    groupIds: (role.azureGroups ?? []).map((group) => group.groupId),
    keyId: '',
    permanentlyDelete: role.permanentlyDelete,
    tenantId: operation.tenantId,
    createdAt: now,
    keyExpiresAt: password.expiresAt,
    leaseDeadline: addMs(now, maxTtlSeconds * 1000),
  };
  await mount.stores.issued.put(storage, `${roleName}/${operationId}`, issued); // 5
  request.budget.signal.throwIfAborted();
  if (progress.isAmbiguous) {
    await mount.stores.operations.put(storage, operationId, { ...operation, keptId: application.id });
  } else {
    await mount.stores.operations.delete(storage, operationId); // 6
  }
  return { operationId, issued, clientId: application.appId, clientSecret: password.secretText };
}

/** Step 2: the application and a password whose secret we hold. */
async function createWithPassword(
  request: IssueRequest,
  context: StepContext,
  operationId: string,
  progress: ApplicationProgress,
): Promise<{ application: Application; password: NewPassword }> {
  const { mount, session, role } = request;
  const { directory } = session.provider;
  const wanted = { displayName: passwordName(operationId), expiresAt: passwordEnd(role, context.clock.now()) };

  const create = async (call: AzureCall): Promise<{ application: Application; password: NewPassword | undefined }> => {
    if (progress.isAmbiguous) {
      const [found] = await directory.findApplicationsByTag(operationTag(operationId), {
        ...call,
        step: 'look for the application whose creation was not answered',
      });
      if (found !== undefined) return { application: found, password: undefined };
    }
    const spec = {
      displayName: applicationName(operationId),
      signInAudience: role.signInAudience || DEFAULT_SIGN_IN_AUDIENCE,
      tags: [...(role.tags ?? []), mountTag(mount.dependencies.backendUuid), operationTag(operationId)],
    };
    try {
      return await directory.createApplication(
        session.canCreateWithPassword ? { ...spec, password: wanted } : spec,
        call,
      );
    } catch (error) {
      if (mayHaveBeenDone(error, call)) progress.isAmbiguous = true;
      throw error;
    }
  };
  const created = await retryStep(context, 'create application', create, {
    shouldRetry: (error) => {
      if (!session.canCreateWithPassword || !refusesPasswordAtCreation(error)) return false;
      session.canCreateWithPassword = false;
      return true;
    },
  });
  progress.applicationObjectIds.add(created.application.id);
  const { application, password } = created;
  if (password !== undefined && isCloseTo(password.expiresAt, wanted.expiresAt)) return { application, password };

  // The tenant created the application and left out (or changed) the password: add one, here and from now on.
  if (!progress.isAmbiguous) session.canCreateWithPassword = false;
  const added = await retryStep(
    context,
    'add password to the new application',
    (call) => directory.addPassword(application.id, wanted, call),
    { shouldRetry: isReplicationLag },
  );
  return { application, password: added };
}

/** Step 4. */
async function attachRights(
  request: IssueRequest,
  context: StepContext,
  servicePrincipalId: string,
  assignments: readonly PlannedAssignment[],
  progress: ApplicationProgress,
): Promise<void> {
  const { directory, roles } = request.session.provider;
  const futile = createAbortController();
  const assign = async ({ azureRole, guid }: PlannedAssignment): Promise<void> => {
    const { scope, roleDefinitionId, roleName } = azureRole;
    const spec = { scope, assignmentGuid: guid, roleDefinitionId, principalId: servicePrincipalId };
    const attempt = async (call: AzureCall): Promise<void> => {
      try {
        await roles.createRoleAssignment(spec, call);
      } catch (error) {
        const isLate = call.signal.aborted || (error instanceof AzureError && mayArriveLate(error));
        if (isLate) progress.mayAssignLate = true;
        throw error;
      }
    };
    await retryStep(context, `assign role ${roleName} at ${scope}`, attempt, {
      shouldRetry: isReplicationLag,
      stop: futile.signal,
    });
  };
  const join = ({ groupId, groupName }: AzureGroup): Promise<void> =>
    retryStep(
      context,
      `add to group ${groupName}`,
      (call) => directory.addGroupMember(groupId, servicePrincipalId, call),
      { shouldRetry: isReplicationLag, stop: futile.signal },
    );
  const works = [
    ...assignments.map((assignment) => () => assign(assignment)),
    ...(request.role.azureGroups ?? []).map((group) => () => join(group)),
  ];
  await settleAll(works, PARALLEL_CALLS, async (work) => {
    if (futile.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      // The first one is told; calls under way are still waited for, since the clean-up comes next.
      futile.abort(toError(error));
    }
  });
  futile.signal.throwIfAborted();
}

function isCloseTo(actual: Date, wanted: Date): boolean {
  return Math.abs(actual.getTime() - wanted.getTime()) <= END_TOLERANCE_MS;
}
