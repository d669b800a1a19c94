/**
 * One more password for a static role. Its user holds the role's lock.
 *
 * 1. Write the intent `operations/<id>`.
 * 2. Add the password; its display name is the handle. An application that takes no more of them first loses what the
 *    role does not need any more.
 * 3. Write `static-creds/<role>` with it (a new role: and `static-roles/<role>`).
 * 4. Drop the intent, unless an answer was lost: then a password may turn up that nobody knows, and the intent notes
 *    which one was kept.
 *
 * A crash after 1 or 2: recovery removes every password of that name. After 3: it keeps what the records of the role
 * name, and removes the rest. A new role without its `static-roles/<role>` does not exist: its secret goes.
 */
import { isPasswordLimit, isTwoPasswordLimit } from '../../azure/retry-policy.ts';
import type { NewPassword, PasswordCredential, PasswordSpec } from '../../azure/provider.ts';
import { AzureError, InternalError, InvalidRequestError } from '../../errors.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { addPassword } from './add-password.ts';
import { findStaticRemedy } from './azure-remedies.ts';
import { passwordName } from './handles.ts';
import type { StaticSecret } from './model-static.ts';
import type { OperationRecord } from './model-tracking.ts';
import { newOperation, PasswordProgress } from './operation.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { dropCredsWithoutRole, findNamedKeyIds } from './static-secrets.ts';
import { revokePassword } from './steps-revoke.ts';
import { staticRoleLock } from './lock-keys.ts';
import { UNDO_TIMEOUT_SECONDS, undoInBackground } from './steps-undo.ts';

export interface StaticIssueRequest {
  readonly roleName: string;
  readonly applicationObjectId: string;
  readonly applicationId: string;
  /** `undefined`: at once. */
  readonly startsAt?: Date | undefined;
  readonly periodStartsAt: Date;
  readonly expiresAt: Date;
  /** Removes what the role does not need any more, if there is such. */
  readonly makeRoom: () => Promise<boolean>;
  /** Step 3. */
  readonly store: (secret: StaticSecret) => Promise<void>;
}

/**
 * @throws InvalidRequestError when the application's two passwords are both somebody else's; AzureError, DeadlineError,
 * StorageError. Nothing stays behind then that no record stands for.
 */
export async function issueStaticSecret(context: ProcedureContext, request: StaticIssueRequest): Promise<void> {
  const { mount } = context;
  const { storage, random, clock } = mount.dependencies;
  const { roleName, applicationObjectId, applicationId, periodStartsAt } = request;
  const operationId = random.uuid();
  const operation: OperationRecord = {
    ...newOperation('static_password', clock.now(), context),
    roleName,
    applicationObjectId,
  };
  const progress = new PasswordProgress();
  mount.runningOperations.add(operationId);
  try {
    await mount.stores.operations.put(storage, operationId, operation); // 1
    const password = await addWithRoom(context, request, operationId, progress); // 2
    progress.keyId = password.keyId;
    await request.store({
      tenantId: operation.tenantId,
      applicationObjectId,
      clientId: applicationId,
      clientSecret: password.secretText,
      keyId: password.keyId,
      expiresAt: password.expiresAt,
      createdAt: clock.now(),
      periodStartsAt,
      isOurs: true,
    }); // 3
    if (progress.isAmbiguous) {
      await mount.stores.operations.put(storage, operationId, { ...operation, keptId: password.keyId });
    } else {
      await mount.stores.operations.delete(storage, operationId);
    } // 4
    mount.runningOperations.delete(operationId);
  } catch (error) {
    undoInBackground(mount, 'clean-up after a failed change of a static secret', operationId, () =>
      undo(context, operationId, operation, progress),
    );
    throw error;
  }
}

/** Step 2. */
async function addWithRoom(
  context: ProcedureContext,
  request: StaticIssueRequest,
  operationId: string,
  progress: PasswordProgress,
): Promise<NewPassword> {
  const { applicationObjectId, startsAt, expiresAt } = request;
  const displayName = passwordName(operationId);
  const spec: PasswordSpec = { displayName, expiresAt, ...(startsAt === undefined ? {} : { startsAt }) };
  const add = (): Promise<NewPassword> =>
    addPassword(context, 'add password', applicationObjectId, spec, progress, { findRemedy: findStaticRemedy });
  try {
    return await add();
  } catch (error) {
    if (!(error instanceof AzureError) || !isPasswordLimit(error)) throw error;
    const hasMadeRoom = await request.makeRoom();
    const isLostOneGone = await removeLost(context, applicationObjectId, displayName, progress);
    if (!hasMadeRoom && !isLostOneGone) throw await explainLimit(context, request, error);
  }
  try {
    return await add();
  } catch (error) {
    if (!(error instanceof AzureError) || !isPasswordLimit(error)) throw error;
    throw await explainLimit(context, request, error);
  }
}

/** An earlier attempt whose answer was lost may have taken the last place. */
async function removeLost(
  context: ProcedureContext,
  applicationObjectId: string,
  displayName: string,
  { isAmbiguous }: PasswordProgress,
): Promise<boolean> {
  if (!isAmbiguous) return false;
  const lost = (await listPasswords(context, applicationObjectId)).filter(
    (password) => password.displayName === displayName,
  );
  for (const { keyId } of lost) {
    await revokePassword(context, { applicationObjectId, keyId, createdAt: context.mount.dependencies.clock.now() });
  }
  return lost.length > 0;
}

/** Whose the passwords are that leave no room. */
async function explainLimit(
  context: ProcedureContext,
  { roleName, applicationObjectId }: StaticIssueRequest,
  error: AzureError,
): Promise<Error> {
  if (!isTwoPasswordLimit(error)) {
    const text = `maximum number of Application passwords reached: ${error.message}; remove unused passwords of the application`;
    return new InternalError(text, { cause: error });
  }
  const named = await findNamedKeyIds(context.mount, roleName);
  const passwords = await listPasswords(context, applicationObjectId);
  const foreign = passwords.filter(({ keyId }) => !named.has(keyId)).map(describePassword);
  return new InvalidRequestError(
    `the application takes two passwords at most, and these are not of this role: ${foreign.join(', ')}; remove one that nobody uses, or import it with static-roles/<name>/import (${error.message})`,
    { cause: error },
  );
}

function describePassword({ keyId, hint, expiresAt }: PasswordCredential): string {
  return `key id ${keyId} (begins with "${hint}", ends ${formatTime(expiresAt)})`;
}

async function listPasswords(
  context: ProcedureContext,
  applicationObjectId: string,
): Promise<readonly PasswordCredential[]> {
  const application = await retryStep(stepContext(context), 'list the passwords of the application', (call) =>
    context.session.provider.directory.getApplication(applicationObjectId, call),
  );
  return application.passwordCredentials;
}

async function undo(
  { mount, session }: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
  { keyId, isAmbiguous }: PasswordProgress,
): Promise<void> {
  const { storage, clock } = mount.dependencies;
  const { roleName, applicationObjectId } = operation;
  using budget = mount.startBackgroundBudget(UNDO_TIMEOUT_SECONDS);
  const removeUnnamed = async (): Promise<void> => {
    await dropCredsWithoutRole(mount, roleName);
    if (keyId === '' || (await findNamedKeyIds(mount, roleName)).has(keyId)) return;
    await revokePassword({ mount, session, budget }, { applicationObjectId, keyId, createdAt: clock.now() });
  };
  await mount.locks.run(staticRoleLock(roleName), removeUnnamed, budget.signal);
  if (!isAmbiguous) await mount.stores.operations.delete(storage, operationId);
}
