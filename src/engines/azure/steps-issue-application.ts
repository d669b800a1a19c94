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
import type { Application, NewPassword } from '../../azure/provider.ts';
import { isReplicationLag } from '../../azure/retry-policy.ts';
import { addMs } from '../../util/rfc3339.ts';
import { attachRights, type PlannedAssignment } from './attach-rights.ts';
import { createMarkedApplication, createServicePrincipal } from './create-application.ts';
import { applicationName, passwordName } from './handles.ts';
import { leaseMaxTtlSeconds } from './model-role.ts';
import type { IssuedRecord, OperationRecord } from './model-tracking.ts';
import { ApplicationProgress, type Credential, type IssueRequest, newOperation, passwordEnd } from './operation.ts';
import { planAssignments } from './plan-rights.ts';
import { stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { undoApplication, undoInBackground } from './steps-undo.ts';

/** The password's end may differ from what was asked by this much, or it is replaced. */
const END_TOLERANCE_MS = 24 * 3600 * 1000;

/** @throws AzureError, DeadlineError, StorageError; nothing stays behind that no record stands for. */
export async function issueApplication(request: IssueRequest): Promise<Credential> {
  const { mount, roleName, role } = request;
  const { storage, random, clock } = mount.dependencies;
  const operationId = random.uuid();
  const assignments = planAssignments(role, random);
  const operation: OperationRecord = {
    ...newOperation('application', clock.now(), request),
    roleName,
    roleAssignmentIds: assignments.map(({ id }) => id),
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
    undoInBackground(mount, 'clean-up after a failed credential request', operationId, () =>
      undoApplication(mount, request.session, operationId, operation, progress),
    );
    throw error;
  }
}

async function issue(
  request: IssueRequest,
  operationId: string,
  operation: OperationRecord,
  assignments: readonly PlannedAssignment[],
  progress: ApplicationProgress,
): Promise<Credential> {
  const { mount, roleName, role } = request;
  const { storage, clock } = mount.dependencies;

  const { application, password } = await createWithPassword(request, operationId, progress); // 2

  const servicePrincipal = await createServicePrincipal(request, application); // 3
  progress.servicePrincipalId = servicePrincipal.id;

  progress.hasTriedAssignments = assignments.length > 0;
  const groups = role.azureGroups ?? [];
  await attachRights(request, { servicePrincipalId: servicePrincipal.id, assignments, groups }, progress); // 4

  const now = clock.now();
  const maxTtlSeconds = leaseMaxTtlSeconds(role) || (await request.hostMaxTtlSeconds);
  const issued: IssuedRecord = {
    kind: 'application',
    roleName,
    applicationObjectId: application.id,
    servicePrincipalId: servicePrincipal.id,
    roleAssignmentIds: operation.roleAssignmentIds,
    groupIds: groups.map((group) => group.groupId),
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
  operationId: string,
  progress: ApplicationProgress,
): Promise<{ application: Application; password: NewPassword }> {
  const { session, role } = request;
  const steps = stepContext(request);
  const wanted = { displayName: passwordName(operationId), expiresAt: passwordEnd(role, steps.clock.now()) };
  const created = await createMarkedApplication(
    request,
    { operationId, displayName: applicationName(operationId), role, password: wanted },
    progress,
  );
  progress.applicationObjectIds.add(created.application.id);
  const { application, password } = created;
  if (password !== undefined && isCloseTo(password.expiresAt, wanted.expiresAt)) return { application, password };

  // The tenant created the application and left out (or changed) the password: add one, here and from now on.
  if (!progress.isAmbiguous) session.canCreateWithPassword = false;
  const added = await retryStep(
    steps,
    'add password to the new application',
    (call) => session.provider.directory.addPassword(application.id, wanted, call),
    { shouldRetry: isReplicationLag },
  );
  return { application, password: added };
}

function isCloseTo(actual: Date, wanted: Date): boolean {
  return Math.abs(actual.getTime() - wanted.getTime()) <= END_TOLERANCE_MS;
}
