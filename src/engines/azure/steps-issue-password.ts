/**
 * Issues a credential of an existing application: one more password on it.
 *
 * 1. Write the intent `operations/<id>`.
 * 2. Add the password; its display name is the handle.
 * 3. Write `issued/<role>/<id>`.
 * 4. Drop the intent (or keep it with the key that was handed out, if an answer was lost).
 *
 * Graph refuses concurrent changes of one application, so requests take turns at 2.
 * A crash after 1–3 leaves an intent: recovery removes every password of that name. After 4: `issued` stands for it.
 */
import type { NewPassword } from '../../azure/provider.ts';
import { isPasswordLimit } from '../../azure/retry-policy.ts';
import { AzureError, InternalError } from '../../errors.ts';
import { addMs } from '../../util/rfc3339.ts';
import { addPassword } from './add-password.ts';
import { passwordName } from './handles.ts';
import { leaseMaxTtlSeconds } from './model-role.ts';
import type { IssuedRecord, OperationRecord } from './model-tracking.ts';
import { type Credential, type IssueRequest, newOperation, passwordEnd, PasswordProgress } from './operation.ts';
import { undoInBackground, undoPassword } from './steps-undo.ts';

/** @throws AzureError, DeadlineError, StorageError; nothing stays behind that no record stands for. */
export async function issuePassword(request: IssueRequest): Promise<Credential> {
  const { mount, roleName, role } = request;
  const { storage, random, clock } = mount.dependencies;
  const operationId = random.uuid();
  const operation: OperationRecord = {
    ...newOperation('password', clock.now(), request),
    roleName,
    applicationObjectId: role.applicationObjectId,
  };
  const progress = new PasswordProgress();
  mount.runningOperations.add(operationId);
  try {
    await mount.stores.operations.put(storage, operationId, operation); // 1
    const credential = await issue(request, operationId, operation, progress);
    // Nobody is there to take it: without an answer the host keeps no lease that would end it.
    request.budget.signal.throwIfAborted();
    mount.runningOperations.delete(operationId);
    return credential;
  } catch (error) {
    undoInBackground(mount, 'clean-up after a failed credential request', operationId, () =>
      undoPassword(mount, request.session, operationId, operation, progress),
    );
    throw error;
  }
}

async function issue(
  request: IssueRequest,
  operationId: string,
  operation: OperationRecord,
  progress: PasswordProgress,
): Promise<Credential> {
  const { mount, roleName, role } = request;
  const { storage, clock } = mount.dependencies;
  const password = await addRolePassword(request, operationId, progress); // 2
  progress.keyId = password.keyId;

  const now = clock.now();
  const maxTtlSeconds = leaseMaxTtlSeconds(role) || (await request.hostMaxTtlSeconds);
  const issued: IssuedRecord = {
    kind: 'password',
    roleName,
    applicationObjectId: role.applicationObjectId,
    servicePrincipalId: '',
    roleAssignmentIds: [],
    groupIds: [],
    keyId: password.keyId,
    permanentlyDelete: false,
    tenantId: operation.tenantId,
    createdAt: now,
    keyExpiresAt: password.expiresAt,
    leaseDeadline: addMs(now, maxTtlSeconds * 1000),
  };
  await mount.stores.issued.put(storage, `${roleName}/${operationId}`, issued); // 3
  request.budget.signal.throwIfAborted();
  if (progress.isAmbiguous) {
    await mount.stores.operations.put(storage, operationId, { ...operation, keptId: password.keyId });
  } else {
    await mount.stores.operations.delete(storage, operationId); // 4
  }
  return { operationId, issued, clientId: role.applicationId, clientSecret: password.secretText };
}

/** Step 2. A password whose answer was lost is of no use (its secret is gone); recovery removes it by its name. */
async function addRolePassword(
  request: IssueRequest,
  operationId: string,
  progress: PasswordProgress,
): Promise<NewPassword> {
  const { mount, role } = request;
  const expiresAt = passwordEnd(role, mount.dependencies.clock.now());
  const spec = { displayName: passwordName(operationId), expiresAt };
  try {
    return await addPassword(request, 'add password', role.applicationObjectId, spec, progress);
  } catch (error) {
    if (error instanceof AzureError && isPasswordLimit(error)) {
      throw new InternalError(
        `maximum number of Application passwords reached: ${error.message}; revoke unused leases of the role, shorten its ttl, or use another application`,
        { cause: error },
      );
    }
    throw error;
  }
}
