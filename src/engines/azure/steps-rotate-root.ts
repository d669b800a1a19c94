/**
 * Rotates the secret that the plugin itself logs in with.
 *
 * 1. Find the application of the client id; decide which keys will go.
 * 2. Write the intent `operations/<id>` with them.
 * 3. Add the new password, named after the intent; note its key id in the intent.
 * 4. Stage it in `config` (the Go plugin's fields).
 * 5. Prove it: several logins in a row, each on a connection of its own.
 * 6. Promote it in `config`.
 * 7. Remove the keys that were decided in 1.
 * 8. Drop the intent.
 *
 * What an earlier rotation still had to remove (7) is taken over in 1.
 *
 * A crash after 2 or 3 leaves the old secret in force; recovery removes the new one. After 4 or 5 the new one is staged:
 * the periodic function goes on at 5. After 6 or 7: recovery removes the old keys.
 */
import type { Application, NewPassword } from '../../azure/provider.ts';
import { errorMessage, InternalError } from '../../errors.ts';
import { addMs, earlier } from '../../util/rfc3339.ts';
import { addPassword, type AddPasswordProgress } from './add-password.ts';
import { passwordName } from './handles.ts';
import { CONFIG_LOCK, ROTATION_LOCK } from './lock-keys.ts';
import { type ConfigRecord, DEFAULT_ROOT_PASSWORD_TTL_SECONDS, type StagedRootSecret } from './model-config.ts';
import type { OperationRecord } from './model-tracking.ts';
import { newOperation } from './operation.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep, type StepContext } from './retry.ts';
import { keysToRetire, refuseUnrotatable } from './root-secret.ts';
import { recoverOperation } from './steps-recover.ts';
import { revokePassword } from './steps-revoke.ts';
import { UNDO_TIMEOUT_SECONDS, undoInBackground } from './steps-undo.ts';

/** One success does not prove the next: other front ends may not know the secret yet. */
const REQUIRED_LOGINS = 3;
const LOGIN_INTERVAL_MS = 1_000;
/** Kept from the request's budget for what follows the proof. */
const PROOF_RESERVE_MS = 10_000;
/** A secret that was staged earlier is either accepted soon or not: the minute has other work. */
const LATER_PROOF_MS = 15_000;
/** The Go plugin waits this long before it uses a staged secret. */
const STAGED_SETTLES_MS = 60_000;
/** By then every replica of the directory lists a password that it has. */
const STAGED_REPLICATES_MS = 15 * 60_000;
const CONFIG_WRITTEN_TEXT =
  'config was written while the root secret was being rotated; the written one stays in force';

export interface RotationOutcome {
  /** False: staged, and put into force by the periodic function as soon as Azure accepts it. */
  readonly isInForce: boolean;
  readonly keyId: string;
  readonly retiredKeyIds: readonly string[];
  /** False: some of them are removed later, by the periodic function. */
  readonly areRetiredGone: boolean;
  /** False: the password that was in use could not be told from others, so it stays. */
  readonly isOldKeyKnown: boolean;
}

/**
 * One at a time: a second one waits and then rotates what the first has put in force.
 * @throws InvalidRequestError, AzureError, DeadlineError, StorageError; the old secret is in force then.
 */
export async function rotateRoot(
  context: Omit<ProcedureContext, 'session'>,
  options: { readonly shouldRemoveOthers: boolean },
): Promise<RotationOutcome> {
  const { mount, budget } = context;
  const rotate = async (): Promise<RotationOutcome> => {
    const session = await mount.session(mount.dependencies.storage);
    return rotateAlone({ ...context, session }, options);
  };
  return mount.locks.run(ROTATION_LOCK, rotate, budget.signal);
}

async function rotateAlone(
  context: ProcedureContext,
  { shouldRemoveOthers }: { readonly shouldRemoveOthers: boolean },
): Promise<RotationOutcome> {
  const { mount, session, budget } = context;
  const { storage, clock, random } = mount.dependencies;
  refuseUnrotatable(session.settings);
  const steps = stepContext(context);
  const application = await findRootApplication(steps, context); // 1
  const operationId = random.uuid();
  const own = keysToRetire(application, session.config);
  const inherited = (await findIntents(context, session.config.clientSecretKeyId)).flatMap(
    (operation) => operation.retiredKeyIds,
  );
  const listed = application.passwordCredentials.map((password) => password.keyId);
  const operation: OperationRecord = {
    ...newOperation('root_password', clock.now(), context),
    applicationObjectId: application.id,
    retiredKeyIds: shouldRemoveOthers
      ? listed
      : listed.filter((keyId) => own.inUse === keyId || own.staged === keyId || inherited.includes(keyId)),
  };
  mount.runningOperations.add(operationId);
  try {
    await mount.stores.operations.put(storage, operationId, operation); // 2
    const progress = { isAmbiguous: false };
    const password = await addRootPassword(context, application, operationId, progress); // 3
    await mount.stores.operations.put(storage, operationId, { ...operation, keptId: password.keyId });
    await stage(context, password); // 4
    const outcome = {
      keyId: password.keyId,
      retiredKeyIds: operation.retiredKeyIds,
      isOldKeyKnown: own.inUse !== undefined || shouldRemoveOthers,
    };
    const proofEndsAt = addMs(budget.endsAt, -PROOF_RESERVE_MS);
    const isInForce = await isProven(steps, context, password.secretText, proofEndsAt); // 5
    let areRetiredGone = false;
    if (isInForce) {
      await promote(context, password.keyId); // 6
      const kept = { ...operation, keptId: password.keyId };
      areRetiredGone = await finish(context, operationId, kept, progress.isAmbiguous); // 7, 8
    }
    mount.runningOperations.delete(operationId);
    return { ...outcome, isInForce, areRetiredGone };
  } catch (error) {
    undoInBackground(mount, 'clean-up after a failed root rotation', operationId, async () => {
      using cleanUpBudget = mount.startBackgroundBudget(UNDO_TIMEOUT_SECONDS);
      // The config may have changed meanwhile, and it decides what is kept.
      const current = await mount.session(storage);
      await recoverOperation({ mount, session: current, budget: cleanUpBudget }, operationId, operation);
    });
    throw error;
  }
}

/**
 * Steps 5 and 6 for a secret that was staged earlier, by us or by the Go plugin. Leaves it alone while it is too young,
 * or while a rotation is under way.
 * @returns false when Azure does not accept it yet.
 */
export async function promoteStagedRoot(context: ProcedureContext): Promise<boolean> {
  const { mount, session, budget } = context;
  const { clock } = mount.dependencies;
  const { staged } = session.config;
  const { settings } = session;
  if (staged === undefined || settings.credential.method !== 'client_secret' || settings.isCredentialFromEnvironment) {
    return true;
  }
  if (staged.createdAt !== undefined && clock.now() < addMs(staged.createdAt, STAGED_SETTLES_MS)) return true;
  if (mount.locks.isHeld(ROTATION_LOCK)) return true;
  return mount.locks.run(ROTATION_LOCK, () => promoteAlone(context, staged), budget.signal);
}

async function promoteAlone(context: ProcedureContext, staged: StagedRootSecret): Promise<boolean> {
  const { mount, session, budget } = context;
  const { storage, clock, random, logger } = mount.dependencies;
  const steps = stepContext(context);
  const proofEndsAt = earlier(addMs(clock.now(), LATER_PROOF_MS), addMs(budget.endsAt, -PROOF_RESERVE_MS));
  if (!(await isProven(steps, context, staged.clientSecret, proofEndsAt))) {
    if (await isLost(steps, context, staged)) {
      await unstage(context, staged.keyId);
      logger.warn('the staged root secret is given up: its password is not on the application any more', {
        key_id: staged.keyId,
      });
      return true;
    }
    logger.warn('the staged root secret is not accepted by Azure yet; the old one stays in force', {
      key_id: staged.keyId,
    });
    return false;
  }
  if ((await findIntents(context, staged.keyId)).length === 0) {
    const application = await findRootApplication(steps, context);
    const { inUse } = keysToRetire(application, session.config);
    await mount.stores.operations.put(storage, random.uuid(), {
      ...newOperation('root_password', clock.now(), context),
      applicationObjectId: application.id,
      keptId: staged.keyId,
      retiredKeyIds: inUse === undefined || inUse === staged.keyId ? [] : [inUse],
    });
  }
  await promote(context, staged.keyId);
  logger.info('the staged root secret is in force', { key_id: staged.keyId });
  return true;
}

/** True when somebody has removed the password: it will never be accepted. */
async function isLost(steps: StepContext, context: ProcedureContext, staged: StagedRootSecret): Promise<boolean> {
  const { clock } = context.mount.dependencies;
  if (staged.createdAt !== undefined && clock.now() < addMs(staged.createdAt, STAGED_REPLICATES_MS)) return false;
  const application = await findRootApplication(steps, context);
  return !application.passwordCredentials.some((password) => password.keyId === staged.keyId);
}

/**
 * The intents of ours that stand behind a key: which keys it retires was decided when it was staged. Records that cannot
 * be read are somebody else's trouble: recovery tells of them.
 */
async function findIntents({ mount }: ProcedureContext, keyId: string): Promise<OperationRecord[]> {
  const { storage } = mount.dependencies;
  if (keyId === '') return [];
  const found: OperationRecord[] = [];
  for (const id of await mount.stores.operations.list(storage)) {
    const operation = await mount.stores.operations.getReadable(storage, id);
    if (operation?.kind === 'root_password' && operation.keptId === keyId) found.push(operation);
  }
  return found;
}

/** Step 1. Texts: vault-plugin-secrets-azure v0.23.0, path_rotate_root.go. */
async function findRootApplication(steps: StepContext, { session }: ProcedureContext): Promise<Application> {
  const applications = await retryStep(steps, 'find the application of client_id', (call) =>
    session.provider.directory.findApplicationsByAppId(session.settings.clientId, call),
  );
  const [application, ...more] = applications;
  if (application === undefined)
    throw new InternalError('no application found: check client_id and tenant_id in config');
  if (more.length > 0) throw new InternalError('multiple applications found - double check your client_id');
  return application;
}

/** Step 3. */
async function addRootPassword(
  context: ProcedureContext,
  application: Application,
  operationId: string,
  progress: AddPasswordProgress,
): Promise<NewPassword> {
  const { mount, session } = context;
  const ttlSeconds = session.config.rootPasswordTtlSeconds || DEFAULT_ROOT_PASSWORD_TTL_SECONDS;
  const spec = {
    displayName: passwordName(operationId),
    expiresAt: addMs(mount.dependencies.clock.now(), ttlSeconds * 1000),
  };
  return addPassword(context, 'add the new root password', application.id, spec, progress);
}

/** Step 4. */
async function stage(context: ProcedureContext, password: NewPassword): Promise<void> {
  const staged: StagedRootSecret = {
    clientSecret: password.secretText,
    keyId: password.keyId,
    createdAt: context.mount.dependencies.clock.now(),
    expiresAt: password.expiresAt,
  };
  await changeConfig(context, (config) => {
    const { clientId, clientSecret, tenantId, environment } = context.session.config;
    const isSame =
      config.clientId === clientId &&
      config.clientSecret === clientSecret &&
      config.tenantId === tenantId &&
      config.environment === environment;
    if (!isSame) throw new InternalError(CONFIG_WRITTEN_TEXT);
    return { ...config, staged };
  });
}

/** Step 5. False when the secret is not accepted by then. */
async function isProven(
  steps: StepContext,
  { session }: ProcedureContext,
  clientSecret: string,
  endsAt: Date,
): Promise<boolean> {
  const { clock, budget, logger } = steps;
  const { clientId } = session.settings;
  let successes = 0;
  while (successes < REQUIRED_LOGINS) {
    try {
      await session.provider.login.verifyLogin(clientId, clientSecret, {
        signal: budget.signal,
        step: 'log in with the new root secret',
      });
      successes++;
    } catch (error) {
      budget.signal.throwIfAborted();
      logger.debug('the new root secret is not accepted yet', { error: errorMessage(error) });
      successes = 0;
    }
    if (successes === REQUIRED_LOGINS) return true;
    if (addMs(clock.now(), LOGIN_INTERVAL_MS) > endsAt) return false;
    await clock.sleep(LOGIN_INTERVAL_MS, budget.signal);
  }
  return true;
}

/** Step 6. */
async function promote(context: ProcedureContext, keyId: string): Promise<void> {
  await changeConfig(context, (config) => {
    const { staged } = config;
    if (staged?.keyId !== keyId) throw new InternalError(CONFIG_WRITTEN_TEXT);
    return {
      ...config,
      clientSecret: staged.clientSecret,
      clientSecretKeyId: staged.keyId,
      rootPasswordExpiresAt: staged.expiresAt,
      rootPasswordCreatedAt: staged.createdAt,
      staged: undefined,
    };
  });
}

/** Steps 7 and 8. What cannot be removed now stays with the intent; then the answer is false. */
async function finish(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
  isAmbiguousSoFar: boolean,
): Promise<boolean> {
  const { mount } = context;
  const { storage, logger } = mount.dependencies;
  try {
    const session = await mount.session(storage);
    // What an operator has written meanwhile may be one of the keys that were to go.
    if (session.config.clientSecretKeyId !== operation.keptId) throw new InternalError(CONFIG_WRITTEN_TEXT);
    for (const keyId of operation.retiredKeyIds) {
      await revokePassword(
        { ...context, session },
        { applicationObjectId: operation.applicationObjectId, keyId, createdAt: undefined },
      );
    }
  } catch (error) {
    logger.warn('the new root secret is in force, the old key is removed later', { error: errorMessage(error) });
    await mount.stores.operations.put(storage, operationId, operation);
    return false;
  }
  if (isAmbiguousSoFar) {
    await mount.stores.operations.put(storage, operationId, { ...operation, retiredKeyIds: [] });
  } else {
    await mount.stores.operations.delete(storage, operationId);
  }
  return true;
}

/** Takes a staged secret back. */
async function unstage(context: ProcedureContext, keyId: string): Promise<void> {
  await changeConfig(context, (config) => (config.staged?.keyId === keyId ? { ...config, staged: undefined } : config));
}

async function changeConfig(context: ProcedureContext, change: (config: ConfigRecord) => ConfigRecord): Promise<void> {
  const { mount } = context;
  const { storage } = mount.dependencies;
  await mount.locks.run(CONFIG_LOCK, async () => {
    const config = await mount.stores.configs.get(storage, '');
    if (config === undefined) throw new InternalError('config was deleted while the root secret was being rotated');
    await mount.stores.configs.put(storage, '', change(config));
  });
}
