/**
 * Finishes or takes back what a crash has left: works off one intent.
 *
 * What carries the intent's handle and was not handed out is removed. Because an object can appear late (the creating
 * call was still under way, or a replica lagged), the intent is dropped only after three look-ups, spread over at
 * least 30 minutes, that found nothing.
 */
import { isGone } from '../../azure/retry-policy.ts';
import { AzureError, errorMessage, InternalError, toError } from '../../errors.ts';
import { rejections, settleAll } from '../../util/parallel.ts';
import { addMs } from '../../util/rfc3339.ts';
import { operationTag, passwordName } from './handles.ts';
import { staticRoleLock } from './lock-keys.ts';
import { removePart, saveLeftover } from './leftovers.ts';
import { roleLock } from './lock-keys.ts';
import type { OperationRecord } from './model-tracking.ts';
import { without } from './plan-rights.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { listOwned, removeUnnamedRights } from './recover-persisted.ts';
import { retryStep } from './retry.ts';
import { dropCredsWithoutRole, findNamedKeyIds } from './static-secrets.ts';
import { requireTenant } from './tenant.ts';
import { revokeApplication, revokePassword } from './steps-revoke.ts';
import { isSameId } from './same-id.ts';

const REQUIRED_EMPTY_LOOKUPS = 3;
const LOOKUP_INTERVAL_MS = 15 * 60 * 1000;

/** True when the intent is due: its deadline has passed, and the last empty look-up is long enough ago. */
export function isDue(operation: OperationRecord, now: Date): boolean {
  const { deadline, firstEmptyLookupAt, emptyLookups } = operation;
  if (now.getTime() < deadline.getTime()) return false;
  return firstEmptyLookupAt === undefined || now.getTime() >= nextLookup(firstEmptyLookupAt, emptyLookups).getTime();
}

/** @throws AzureError and others; the intent stays then. */
export async function recoverOperation(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
): Promise<void> {
  context.mount.dependencies.logger.info('working off an unfinished operation', {
    operation: operationId,
    kind: operation.kind,
    role: operation.roleName,
  });
  await requireTenant(context, operation.tenantId);
  switch (operation.kind) {
    case 'application':
      return noteLookup(context, operationId, operation, await takeBackApplication(context, operationId, operation));
    case 'password':
      return noteLookup(context, operationId, operation, await removePasswords(context, operationId, operation));
    case 'root_password':
      return recoverRootPassword(context, operationId, operation);
    case 'persisted_application':
      return withRole(context, operation, () => recoverPersistedApplication(context, operationId, operation));
    case 'persisted_rights':
      return withRole(context, operation, () => recoverPersistedRights(context, operationId, operation));
    case 'static_password': {
      const displayName = passwordName(operationId);
      const find = (): Promise<string[]> => listKeyIds(context, operation.applicationObjectId, displayName);
      const { removed, keptId = operation.keptId } = await removeUnnamed(context, operation, find);
      return noteLookup(context, operationId, { ...operation, keptId }, removed);
    }
    case 'static_role':
      await removeUnnamed(context, operation, () => Promise.resolve(operation.retiredKeyIds));
      return context.mount.stores.operations.delete(context.mount.dependencies.storage, operationId);
  }
}

/** Nobody writes the role meanwhile. */
function withRole(
  { mount, budget }: ProcedureContext,
  { roleName }: OperationRecord,
  work: () => Promise<void>,
): Promise<void> {
  return mount.locks.run(roleLock(roleName), work, budget.signal);
}

/** Kind `persisted_application`: what the role names stays. */
async function recoverPersistedApplication(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
): Promise<void> {
  const owned = await listOwned(context.mount, operation.roleName);
  const found = await removeApplications(context, operationId, operation, owned.applicationObjectIds);
  const roleAssignmentIds = without(operation.roleAssignmentIds, owned.roleAssignmentIds);
  await removeAssignments(context, operationId, { ...operation, roleAssignmentIds });
  await noteLookup(context, operationId, operation, found);
}

/** Kind `persisted_rights`: the same. What cannot be removed is tried again: the role may name it again by then. */
async function recoverPersistedRights(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
): Promise<void> {
  const settled = await removeUnnamedRights(context, operation);
  const [reason] = rejections(settled);
  if (reason !== undefined) throw toError(reason);
  await noteLookup(context, operationId, operation, 0);
}

/**
 * Kind `root_password`: the config says how far the rotation came. Staged: nothing to do, it is promoted later.
 * In force: the old keys go. Neither: the new key goes, the old secret has stayed in force.
 */
async function recoverRootPassword(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
): Promise<void> {
  const { mount, session, budget } = context;
  const { applicationObjectId } = operation;
  const newKeyIds = await listKeyIds(context, applicationObjectId, passwordName(operationId));
  // Read after the list: a rotation may just have ended.
  const config = await mount.stores.configs.get(mount.dependencies.storage, '');
  if (config === undefined) throw new InternalError('config is nil');
  const isNew = (keyId: string | undefined): boolean =>
    keyId !== undefined && keyId !== '' && (keyId === operation.keptId || newKeyIds.includes(keyId));
  if (isNew(config.staged?.keyId)) return;
  const keptId = isNew(config.clientSecretKeyId) ? config.clientSecretKeyId : '';
  if (keptId !== '') {
    for (const keyId of operation.retiredKeyIds) {
      await revokePassword({ mount, session, budget }, { applicationObjectId, keyId, createdAt: undefined });
    }
  }
  const settled = { ...operation, keptId, retiredKeyIds: keptId === '' ? operation.retiredKeyIds : [] };
  await noteLookup(context, operationId, settled, await removePasswords(context, operationId, settled));
}

/**
 * The kinds of static roles: of the passwords that `find` names, removes those that the records of the role do not.
 * Secrets of a role that does not exist go as well, but not the one that the operation is known to have handed over: it
 * may live on without the role.
 */
async function removeUnnamed(
  context: ProcedureContext,
  { roleName, applicationObjectId, createdAt, keptId }: OperationRecord,
  find: () => Promise<readonly string[]>,
): Promise<{ readonly removed: number; readonly keptId: string | undefined }> {
  const { mount, budget } = context;
  const remove = async (): Promise<{ removed: number; keptId: string | undefined }> => {
    await dropCredsWithoutRole(mount, roleName);
    const keyIds = await find();
    const named = await findNamedKeyIds(mount, roleName);
    const unnamed = keyIds.filter((keyId) => keyId !== keptId && !named.has(keyId));
    for (const keyId of unnamed) await revokePassword(context, { applicationObjectId, keyId, createdAt });
    return { removed: unnamed.length, keptId: keyIds.find((keyId) => named.has(keyId)) };
  };
  return mount.locks.run(staticRoleLock(roleName), remove, budget.signal);
}

/** Kind `application`. Answers how many were found. */
async function takeBackApplication(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
): Promise<number> {
  const { mount } = context;
  const found = await removeApplications(context, operationId, operation, [operation.keptId]);
  if (operation.keptId === '') {
    await removeAssignments(context, operationId, operation);
    await mount.stores.issued.delete(mount.dependencies.storage, `${operation.roleName}/${operationId}`);
  }
  return found;
}

/** Those that carry the operation's mark, except `keptIds`. Answers how many were found. */
async function removeApplications(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
  keptIds: readonly string[],
): Promise<number> {
  const steps = stepContext(context);
  const { directory } = context.session.provider;
  const tagged = await retryStep(steps, 'look for applications of an unfinished operation', (call) =>
    directory.findApplicationsByTag(operationTag(operationId), call),
  );
  const found = tagged.filter((application) => !keptIds.some((keptId) => isSameId(keptId, application.id)));
  for (const application of found) {
    const servicePrincipal = await retryStep(
      steps,
      'look for the service principal of an unfinished operation',
      (call) => directory.findServicePrincipalByAppId(application.appId, call),
    );
    await revokeApplication(context, {
      roleName: operation.roleName,
      applicationObjectId: application.id,
      servicePrincipalId: servicePrincipal?.id ?? '',
      roleAssignmentIds: [],
      groupIds: [],
      permanentlyDelete: operation.permanentlyDelete,
      createdAt: undefined, // it is looked up again in any case
    });
  }
  return found.length;
}

/** Assignments outlive their principal, so they go also when the application is not found. */
async function removeAssignments(
  context: ProcedureContext,
  operationId: string,
  { roleName, roleAssignmentIds }: OperationRecord,
): Promise<void> {
  const parts = roleAssignmentIds.map((id) => ({ type: 'role_assignment' as const, roleAssignmentId: id }));
  const settled = await settleAll(parts, PARALLEL_CALLS, (part) =>
    removePart(stepContext(context), context.session, part),
  );
  const [reason, ...more] = rejections(settled);
  if (reason === undefined && more.length === 0) return;
  await saveLeftover(context, operationId, {
    roleName,
    parts: settled.filter(({ result }) => result.status === 'rejected').map(({ item }) => item),
    reason: errorMessage(reason),
  });
}

/** Both kinds of passwords: those of the handle's name that were not handed out. Answers how many were found. */
async function removePasswords(
  context: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
): Promise<number> {
  const { mount, session } = context;
  const { applicationObjectId, keptId, createdAt } = operation;
  const keyIds = await listKeyIds(context, applicationObjectId, passwordName(operationId));
  const found = keyIds.filter((keyId) => keyId !== keptId);
  for (const keyId of found) {
    await revokePassword({ mount, session, budget: context.budget }, { applicationObjectId, keyId, createdAt });
  }
  if (keptId === '' && operation.roleName !== '') {
    await mount.stores.issued.delete(mount.dependencies.storage, `${operation.roleName}/${operationId}`);
  }
  return found.length;
}

/** Key ids of the application's passwords of that name; none when the application itself is gone. */
async function listKeyIds(
  context: ProcedureContext,
  applicationObjectId: string,
  displayName: string,
): Promise<string[]> {
  try {
    const application = await retryStep(stepContext(context), 'look for passwords of an unfinished operation', (call) =>
      context.session.provider.directory.getApplication(applicationObjectId, call),
    );
    return application.passwordCredentials
      .filter((password) => password.displayName === displayName)
      .map((password) => password.keyId);
  } catch (error) {
    if (error instanceof AzureError && isGone(error)) return [];
    throw error;
  }
}

async function noteLookup(
  { mount }: ProcedureContext,
  operationId: string,
  operation: OperationRecord,
  found: number,
): Promise<void> {
  const { storage, clock } = mount.dependencies;
  const now = clock.now();
  const emptyLookups = found > 0 ? 0 : operation.emptyLookups + 1;
  const firstEmptyLookupAt = found > 0 ? undefined : (operation.firstEmptyLookupAt ?? now);
  if (emptyLookups >= REQUIRED_EMPTY_LOOKUPS) {
    await mount.stores.operations.delete(storage, operationId);
    return;
  }
  await mount.stores.operations.put(storage, operationId, { ...operation, emptyLookups, firstEmptyLookupAt });
}

function nextLookup(firstEmptyLookupAt: Date, emptyLookups: number): Date {
  return addMs(firstEmptyLookupAt, emptyLookups * LOOKUP_INTERVAL_MS);
}
