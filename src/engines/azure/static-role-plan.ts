/** When the minute works on which static role: at once when something is due, later and later when that fails. */
import { errorMessage } from '../../errors.ts';
import type { AzureMount } from './mount.ts';
import type { ProcedureContext } from './procedure.ts';
import { RetryPlan } from './retry-plan.ts';
import { listOwnSecrets } from './static-schedule.ts';
import { loadStaticCreds } from './static-secrets.ts';
import { advanceStaticRole, findStaticWork } from './steps-static-advance.ts';

/** Without a new secret readers would soon be without a good one. */
const MAX_REPLACEMENT_PAUSE_MS = 5 * 60_000;

export class StaticRolePlan {
  readonly #mount: AzureMount;
  /** The two do not wait for one another: a password that cannot be removed must not delay a rotation. */
  readonly #replacements = new RetryPlan(MAX_REPLACEMENT_PAUSE_MS);
  readonly #others = new RetryPlan();

  constructor(mount: AzureMount) {
    this.#mount = mount;
  }

  keepOnly(roleNames: readonly string[]): void {
    const kept = new Set(roleNames);
    for (const roleName of this.#mount.staticRoleErrors.keys()) {
      if (!kept.has(roleName)) this.#mount.staticRoleErrors.delete(roleName);
    }
    this.#replacements.keepOnly(roleNames);
    this.#others.keepOnly(roleNames);
  }

  /** Does what is due for the role. Opens the context only then. @throws what the work throws. */
  async advance(roleName: string, open: () => Promise<ProcedureContext>): Promise<void> {
    const { dependencies, staticRoleErrors } = this.#mount;
    const { clock } = dependencies;
    const work = await findStaticWork(this.#mount, roleName);
    if (work === undefined) {
      staticRoleErrors.delete(roleName);
      return;
    }
    const plan = work.type === 'replace' ? this.#replacements : this.#others;
    if (!plan.isDue(roleName, clock.now())) return;
    try {
      await advanceStaticRole(await open(), roleName);
      plan.noteSuccess(roleName);
      staticRoleErrors.delete(roleName);
    } catch (error) {
      plan.noteFailure(roleName, clock.now());
      staticRoleErrors.set(roleName, errorMessage(error));
      throw error;
    }
  }
}

/** For an operator who disables a mount: its secrets live on in Azure, and nobody knows of them any more. */
export async function warnOfStaticSecrets(mount: AzureMount, roleName: string): Promise<void> {
  const { storage, logger } = mount.dependencies;
  const role = await mount.stores.staticRoles.get(storage, roleName);
  if (role === undefined) return;
  const secrets = listOwnSecrets(await loadStaticCreds(mount, roleName, role));
  if (secrets.length === 0) return;
  logger.warn('the mount is going away; the secrets of a static role stay in Azure', {
    role: roleName,
    application_object_id: role.applicationObjectId,
    key_ids: secrets.map(({ keyId }) => keyId),
  });
}
