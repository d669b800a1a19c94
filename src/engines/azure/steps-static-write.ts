/**
 * Creates or changes a static role.
 *
 * 1. Look up the application, unless it is the one that the role has; refuse the engine's own.
 * 2. Import: look up the password; with its text, log in with it.
 * 3. A new secret of the same application takes the place of the staged one, which is stored as retired and removed as
 *    far as that works now.
 * 4. Store.
 *    - A new secret is due (a new role, another application, "rotate on import"): steps-static-issue.ts, which writes
 *      `static-creds/<name>` and then `static-roles/<name>`.
 *    - Else `static-roles/<name>` first, then `static-creds/<name>` if its secrets changed.
 *
 * Secrets that the engine made and that the role does not stand for any more are stored as retired, and removed by the
 * work of a later minute. A crash in the second case leaves a role that has its old secrets, or none yet, for the writer
 * to write again; in the first case see there.
 */
import type { Application } from '../../azure/provider.ts';
import { isSecretUnknown } from '../../azure/retry-policy.ts';
import { AzureError, InvalidRequestError } from '../../errors.ts';
import { addMs, formatTime } from '../../util/rfc3339.ts';
import { findStaticRemedy } from './azure-remedies.ts';
import { NO_STATIC_CREDS, type StaticCredsRecord, type StaticRoleRecord, type StaticSecret } from './model-static.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { loadApplication } from './role-azure.ts';
import { refuseSelfTarget } from './self-target.ts';
import type { ImportSpec } from './static-role-fields.ts';
import { releaseSecrets, replaceCurrent, settleStaged } from './static-schedule.ts';
import { loadStaticCreds, StaticSecrets } from './static-secrets.ts';
import { issueStaticSecret } from './steps-static-issue.ts';
import { checkedApplicationId, makeRoom } from './steps-static-rotate.ts';
import { isSameId } from './same-id.ts';

/** Entra shows this much of a secret. */
const HINT_LENGTH = 3;

export interface StaticRoleWrite {
  readonly roleName: string;
  /** `undefined`: a new role. */
  readonly before: StaticRoleRecord | undefined;
  /** As it is to be; `applicationId` is still that of `before`. */
  readonly role: StaticRoleRecord;
  readonly imported: ImportSpec | undefined;
  /** A new role gets its first secret later. */
  readonly isDeferred: boolean;
}

/** The caller holds the role's lock. @throws InvalidRequestError, AzureError, DeadlineError, StorageError. */
export async function writeStaticRole(context: ProcedureContext, write: StaticRoleWrite): Promise<void> {
  const { mount, session } = context;
  const { storage, clock } = mount.dependencies;
  const { roleName, before, imported } = write;
  // What may be stored under the name of a role that does not exist belongs to an unfinished operation.
  const stored = before === undefined ? NO_STATIC_CREDS : await loadStaticCreds(mount, roleName, before);
  const { current } = stored;
  const isMoved = current !== undefined && !isSameId(current.applicationObjectId, write.role.applicationObjectId);
  if (before !== undefined && !isMoved && imported === undefined) {
    const role = { ...write.role, applicationId: await checkedApplicationId(context, write.role) };
    await mount.stores.staticRoles.put(storage, roleName, role);
    return;
  }
  const application = await loadApplication(stepContext(context), session, write.role.applicationObjectId); // 1
  refuseSelfTarget(application.appId, session.settings);
  const role = { ...write.role, applicationObjectId: application.id, applicationId: application.appId };
  const importedSecret = imported && (await findImportedSecret(context, application, imported, current)); // 2

  const secrets = new StaticSecrets(context, roleName, stored);
  const now = clock.now();
  const isIssued = imported === undefined ? !write.isDeferred : imported.mode === 'rotate';
  if (isIssued && !isMoved && stored.staged !== undefined) {
    await secrets.save(settleStaged(stored, now));
    await secrets.removeDue();
  } // 3
  const isReplaced = isMoved || importedSecret !== undefined;
  const planned: StaticCredsRecord = isReplaced
    ? { ...releaseSecrets(role, secrets.creds, importedSecret?.keyId, now), current: importedSecret }
    : secrets.creds;
  if (isIssued) {
    await issueStaticSecret(context, {
      roleName,
      applicationObjectId: application.id,
      applicationId: application.appId,
      periodStartsAt: now,
      expiresAt: addMs(now, role.rotationPeriodSeconds * 1000),
      makeRoom: () => makeRoom(context, role, secrets),
      store: async (secret) => {
        await secrets.save(replaceCurrent(role, planned, secret, clock.now()));
        await mount.stores.staticRoles.put(storage, roleName, role);
      },
    });
    await secrets.removeDue();
    return;
  }
  await mount.stores.staticRoles.put(storage, roleName, role);
  if (!isReplaced) return;
  await secrets.save(planned);
  await secrets.removeDue();
}

/** Step 2. */
async function findImportedSecret(
  context: ProcedureContext,
  application: Application,
  { mode, keyId, clientSecret }: ImportSpec,
  current: StaticSecret | undefined,
): Promise<StaticSecret> {
  const { clock } = context.mount.dependencies;
  const now = clock.now();
  const password = application.passwordCredentials.find((credential) => isSameId(credential.keyId, keyId));
  if (password === undefined) {
    throw new InvalidRequestError(
      `secret_id: application ${application.id} has no password with key id ${keyId}; if it was made a moment ago, try again`,
    );
  }
  if (password.expiresAt <= now && mode !== 'rotate') {
    throw new InvalidRequestError(
      `secret_id: the password ${keyId} ended at ${formatTime(password.expiresAt)}; leave client_secret and skip_import_rotation out to replace it`,
    );
  }
  if (mode === 'full') {
    if (password.hint !== '' && password.hint !== clientSecret.slice(0, HINT_LENGTH)) {
      throw new InvalidRequestError(
        `client_secret is not the text of the password ${keyId}, which begins with "${password.hint}"`,
      );
    }
    await tryLogin(context, application.appId, clientSecret);
  }
  // Imported again, the secret of the role stays what it is; its text is nowhere else.
  const isKnown = current?.keyId === password.keyId;
  const known = isKnown ? current : { createdAt: now, periodStartsAt: now, isOurs: false };
  return {
    ...known,
    tenantId: context.session.settings.tenantId,
    applicationObjectId: application.id,
    clientId: application.appId,
    clientSecret: isKnown && clientSecret === '' ? current.clientSecret : clientSecret,
    keyId: password.keyId,
    expiresAt: password.expiresAt,
  };
}

/** Refuses a text that Entra ID refuses. What else keeps a login from succeeding is not the secret's fault. */
async function tryLogin(context: ProcedureContext, clientId: string, clientSecret: string): Promise<void> {
  const { session, mount } = context;
  try {
    await retryStep(
      stepContext(context),
      'log in with the imported client_secret',
      (call) => session.provider.login.verifyLogin(clientId, clientSecret, call),
      { findRemedy: findStaticRemedy },
    );
  } catch (error) {
    if (!(error instanceof AzureError) || error.status === undefined) throw error;
    if (isSecretUnknown(error)) {
      throw new InvalidRequestError(
        `client_secret is not accepted by Azure; if it was made a moment ago, try again in a minute: ${error.message}`,
        { cause: error },
      );
    }
    mount.dependencies.logger.warn('the imported secret of a static role could not be tried', { error: error.message });
  }
}
