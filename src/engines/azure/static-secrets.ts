/** The secrets of one static role while somebody works on them: always as stored. Its user holds the role's lock. */
import { errorMessage } from '../../errors.ts';
import { NO_STATIC_CREDS, type RetiredSecret, type StaticCredsRecord, type StaticRoleRecord } from './model-static.ts';
import type { AzureMount } from './mount.ts';
import type { ProcedureContext } from './procedure.ts';
import { withoutRetired } from './static-schedule.ts';
import { revokePassword } from './steps-revoke.ts';
import { requireTenant } from './tenant.ts';

/** Attempts to remove a password that can be removed later as well. */
const REMOVAL_ATTEMPTS = 3;

export class StaticSecrets {
  readonly roleName: string;
  readonly #context: ProcedureContext;
  #creds: StaticCredsRecord;

  constructor(context: ProcedureContext, roleName: string, creds: StaticCredsRecord) {
    this.#context = context;
    this.roleName = roleName;
    this.#creds = creds;
  }

  get creds(): StaticCredsRecord {
    return this.#creds;
  }

  async save(creds: StaticCredsRecord): Promise<void> {
    const { mount } = this.#context;
    await mount.stores.staticCreds.put(mount.dependencies.storage, this.roleName, creds);
    this.#creds = creds;
  }

  /**
   * Removes them from Azure, then from the record. One that cannot be removed does not stop the others.
   * @throws AzureError, DeadlineError or InternalError for the first that is not known to be gone; the record has it still.
   */
  async remove(retired: readonly RetiredSecret[]): Promise<void> {
    const context = { ...this.#context, maxAttempts: REMOVAL_ATTEMPTS };
    const failures: unknown[] = [];
    for (const secret of retired) {
      try {
        await requireTenant(context, secret.tenantId);
        await revokePassword(context, secret);
      } catch (error) {
        context.budget.signal.throwIfAborted();
        failures.push(error);
        continue;
      }
      await this.save(withoutRetired(this.#creds, [secret.keyId]));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Removes what is due. What cannot be removed is for the work of a later minute. */
  async removeDue(): Promise<void> {
    const { clock, logger } = this.#context.mount.dependencies;
    const now = clock.now();
    try {
      await this.remove(this.#creds.retired.filter(({ removeAt }) => removeAt <= now));
    } catch (error) {
      this.#context.budget.signal.throwIfAborted();
      logger.warn('a password of a static role that is not needed any more is removed later', {
        role: this.roleName,
        error: errorMessage(error),
      });
    }
  }
}

/** The stored secrets of a role; what a record of Vault Enterprise lacks is the role's. */
export async function loadStaticCreds(
  mount: AzureMount,
  roleName: string,
  role: StaticRoleRecord,
): Promise<StaticCredsRecord> {
  const creds = (await mount.stores.staticCreds.get(mount.dependencies.storage, roleName)) ?? NO_STATIC_CREDS;
  const { current } = creds;
  if (current?.applicationObjectId !== '') return creds;
  return { ...creds, current: { ...current, applicationObjectId: role.applicationObjectId } };
}

/** Key ids that the records of the role name; none when there is no such role. */
export async function findNamedKeyIds(mount: AzureMount, roleName: string): Promise<ReadonlySet<string>> {
  const role = await mount.stores.staticRoles.get(mount.dependencies.storage, roleName);
  if (role === undefined) return new Set();
  const { current, staged, retired } = await loadStaticCreds(mount, roleName, role);
  return new Set([current, staged, ...retired].flatMap((secret) => secret?.keyId ?? []));
}

/** Secrets whose role does not exist: its creation or its deletion was interrupted. */
export async function dropCredsWithoutRole(mount: AzureMount, roleName: string): Promise<void> {
  const { storage } = mount.dependencies;
  if ((await mount.stores.staticRoles.get(storage, roleName)) !== undefined) return;
  if ((await mount.stores.staticCreds.get(storage, roleName)) === undefined) return;
  await mount.stores.staticCreds.delete(storage, roleName);
}
