/**
 * Deletes a static role.
 *
 * 0. Take keys that are to stay out of the intents of an earlier deletion that came no further than 1.
 * 1. Write the intent `operations/<id>`, one for each application, with the keys that go: those that the engine made,
 *    none if the secret is to be kept.
 * 2. Delete `static-roles/<name>`: from here on the role does not exist.
 * 3. Delete `static-creds/<name>`.
 * 4. Remove the keys.
 * 5. Drop the intents.
 *
 * A crash after 0 or 1 leaves the role as it was; recovery drops the intent. After 2, 3 and 4: recovery does the rest.
 */
import { errorMessage } from '../../errors.ts';
import type { RetiredSecret } from './model-static.ts';
import type { OperationRecord } from './model-tracking.ts';
import type { AzureMount } from './mount.ts';
import { newOperation } from './operation.ts';
import type { ProcedureContext } from './procedure.ts';
import { revokePassword } from './steps-revoke.ts';
import { requireTenant } from './tenant.ts';

export interface StaticRoleDeletion {
  readonly roleName: string;
  /** Those that go with the role. */
  readonly secrets: readonly RetiredSecret[];
  /** Key ids of those that stay although the engine made them. */
  readonly keptKeyIds: readonly string[];
}

type Intent = [operationId: string, operation: OperationRecord];

/**
 * The caller holds the role's lock.
 * @returns key ids that could not be removed yet; that is tried again every minute.
 * @throws StorageError
 */
export async function deleteStaticRole(
  context: ProcedureContext,
  { roleName, secrets, keptKeyIds }: StaticRoleDeletion,
): Promise<readonly string[]> {
  const { mount } = context;
  const { storage, random, clock, logger } = mount.dependencies;
  if (keptKeyIds.length > 0) await keepFromEarlierDeletions(mount, roleName, keptKeyIds); // 0
  const base = { ...newOperation('static_role', clock.now(), context), roleName };
  const places = new Map(secrets.map((secret) => [`${secret.tenantId}/${secret.applicationObjectId}`, secret]));
  const operations = [...places.values()].map(({ tenantId, applicationObjectId }): Intent => [
    random.uuid(),
    {
      ...base,
      tenantId,
      applicationObjectId,
      retiredKeyIds: secrets
        .filter((secret) => secret.tenantId === tenantId && secret.applicationObjectId === applicationObjectId)
        .map(({ keyId }) => keyId),
    },
  ]);
  // Nothing goes in Azure, but the role's records are two.
  if (operations.length === 0) operations.push([random.uuid(), base]);
  for (const [operationId] of operations) mount.runningOperations.add(operationId);
  try {
    for (const [operationId, operation] of operations)
      await mount.stores.operations.put(storage, operationId, operation); // 1
    await mount.stores.staticRoles.delete(storage, roleName); // 2
    await mount.stores.staticCreds.delete(storage, roleName); // 3
    const remaining: string[] = [];
    for (const secret of secrets) {
      try {
        await requireTenant(context, secret.tenantId);
        await revokePassword(context, secret); // 4
      } catch (error) {
        remaining.push(secret.keyId);
        logger.warn('a password of a deleted static role is removed later', {
          role: roleName,
          application_object_id: secret.applicationObjectId,
          key_id: secret.keyId,
          error: errorMessage(error),
        });
      }
    }
    for (const [operationId, { retiredKeyIds }] of operations) {
      const isDone = !retiredKeyIds.some((keyId) => remaining.includes(keyId));
      if (isDone) await mount.stores.operations.delete(storage, operationId); // 5
    }
    return remaining;
  } finally {
    for (const [operationId] of operations) mount.runningOperations.delete(operationId);
  }
}

/** Step 0. Intents that cannot be read remove nothing. */
async function keepFromEarlierDeletions(
  mount: AzureMount,
  roleName: string,
  keptKeyIds: readonly string[],
): Promise<void> {
  const { stores, dependencies } = mount;
  const { storage } = dependencies;
  for (const operationId of await stores.operations.list(storage)) {
    const operation = await stores.operations.getReadable(storage, operationId);
    if (operation?.kind !== 'static_role' || operation.roleName !== roleName) continue;
    const retiredKeyIds = operation.retiredKeyIds.filter((keyId) => !keptKeyIds.includes(keyId));
    if (retiredKeyIds.length === operation.retiredKeyIds.length) continue;
    await stores.operations.put(storage, operationId, { ...operation, retiredKeyIds });
  }
}
