/**
 * The work of a minute on one static role: whatever is due, one thing after the other (static-schedule.ts says what).
 *
 * - promote: the staged secret is written as the current one, the old one as retired.
 * - replace: steps-static-rotate.ts.
 * - unstage: a staged secret that does not fit the role any more is written as retired.
 * - remove: retired passwords are removed from Azure, then from the record.
 * - stage: steps-static-issue.ts, with a start in the future; it is written as staged.
 *
 * Each is complete by itself, so a crash between two loses nothing: the next minute goes on from what is stored.
 */
import { staticRoleLock } from './lock-keys.ts';
import type { StaticRoleRecord } from './model-static.ts';
import type { ProcedureContext } from './procedure.ts';
import { type DueWork, dropStaged, findDueWork, planStaging, promoteStaged } from './static-schedule.ts';
import { loadStaticCreds, StaticSecrets } from './static-secrets.ts';
import { issueStaticSecret } from './steps-static-issue.ts';
import { checkedApplicationId, makeRoom, rotateAlone } from './steps-static-rotate.ts';

/** More than any role can need in one minute. */
const MAX_STEPS = 6;

/** What is to be done for a role now, by the records as they are. */
export async function findStaticWork(mount: ProcedureContext['mount'], roleName: string): Promise<DueWork | undefined> {
  const { storage, clock } = mount.dependencies;
  const role = await mount.stores.staticRoles.get(storage, roleName);
  return role && findDueWork(role, await loadStaticCreds(mount, roleName, role), clock.now());
}

/** @throws AzureError and others; what could not be done is still due then. */
export async function advanceStaticRole(context: ProcedureContext, roleName: string): Promise<void> {
  const { mount, budget } = context;
  const { storage, clock } = mount.dependencies;
  const advance = async (): Promise<void> => {
    const role = await mount.stores.staticRoles.get(storage, roleName);
    if (role === undefined) return;
    const secrets = new StaticSecrets(context, roleName, await loadStaticCreds(mount, roleName, role));
    const failures: unknown[] = [];
    const failed = new Set<string>();
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const work = findDueWork(role, secrets.creds, clock.now(), failed);
      if (work === undefined) break;
      try {
        await perform(context, role, secrets, work);
      } catch (error) {
        if (work.type !== 'remove') throw error;
        budget.signal.throwIfAborted();
        failures.push(error);
        for (const { keyId } of work.retired) failed.add(keyId);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  await mount.locks.run(staticRoleLock(roleName), advance, budget.signal);
}

async function perform(
  context: ProcedureContext,
  role: StaticRoleRecord,
  secrets: StaticSecrets,
  work: DueWork,
): Promise<void> {
  const { clock, logger } = context.mount.dependencies;
  switch (work.type) {
    case 'promote':
      logger.info('the next secret of a static role takes the place of the old one', { role: secrets.roleName });
      return secrets.save(promoteStaged(secrets.creds));
    case 'replace':
      logger.info('rotating a static role', { role: secrets.roleName });
      return rotateAlone(context, role, secrets);
    case 'unstage':
      return secrets.save(dropStaged(secrets.creds, clock.now()));
    case 'remove':
      return secrets.remove(work.retired);
    case 'stage': {
      const applicationId = await checkedApplicationId(context, role);
      const { handedOutFrom, periodStartsAt, ...times } = planStaging(role, work.current, clock.now());
      return issueStaticSecret(context, {
        ...times,
        roleName: secrets.roleName,
        applicationObjectId: role.applicationObjectId,
        applicationId,
        periodStartsAt,
        makeRoom: () => makeRoom(context, role, secrets),
        store: (secret) => secrets.save({ ...secrets.creds, staged: { ...secret, periodStartsAt, handedOutFrom } }),
      });
    }
  }
}
