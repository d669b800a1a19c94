/**
 * A new secret for a static role, in force at once; the old one stays for the grace period.
 *
 * 1. A staged secret that readers have becomes the current one; one that they do not have is given up. Stored.
 * 2. What is not needed any more is removed from Azure, as far as that works now.
 * 3. Add the new password and store it in the place of the old one: steps-static-issue.ts.
 * 4. Without a grace period, remove the old one.
 *
 * What is to be removed stands in `static-creds/<role>` before anything is removed, so a crash anywhere leaves it to the
 * work of a later minute.
 */
import { InvalidRequestError } from '../../errors.ts';
import { addMs } from '../../util/rfc3339.ts';
import { staticRoleLock } from './lock-keys.ts';
import type { StaticRoleRecord } from './model-static.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { loadApplication } from './role-azure.ts';
import { refuseSelfTarget } from './self-target.ts';
import { replaceCurrent, settleStaged } from './static-schedule.ts';
import { loadStaticCreds, StaticSecrets } from './static-secrets.ts';
import { revokePassword } from './steps-revoke.ts';
import { requireTenant } from './tenant.ts';
import { issueStaticSecret } from './steps-static-issue.ts';
import { isSameId } from './same-id.ts';

/** @throws InvalidRequestError when there is no such role; else what `issueStaticSecret` throws. */
export async function rotateStaticRole(context: ProcedureContext, roleName: string): Promise<void> {
  const { mount, budget } = context;
  const rotate = async (): Promise<void> => {
    const role = await mount.stores.staticRoles.get(mount.dependencies.storage, roleName);
    if (role === undefined) {
      throw new InvalidRequestError(`role not found in storage: there is no static role '${roleName}'`);
    }
    const secrets = new StaticSecrets(context, roleName, await loadStaticCreds(mount, roleName, role));
    await rotateAlone(context, role, secrets);
  };
  await mount.locks.run(staticRoleLock(roleName), rotate, budget.signal);
}

/** The first secret of a role whose creation left it for later. Nothing, if it has one by now. */
export async function issueFirstStaticSecret(context: ProcedureContext, roleName: string): Promise<void> {
  const { mount, budget } = context;
  const issue = async (): Promise<void> => {
    const role = await mount.stores.staticRoles.get(mount.dependencies.storage, roleName);
    if (role === undefined) return;
    const creds = await loadStaticCreds(mount, roleName, role);
    if (creds.current === undefined) await rotateAlone(context, role, new StaticSecrets(context, roleName, creds));
  };
  await mount.locks.run(staticRoleLock(roleName), issue, budget.signal);
}

/** The caller holds the role's lock. */
export async function rotateAlone(
  context: ProcedureContext,
  role: StaticRoleRecord,
  secrets: StaticSecrets,
): Promise<void> {
  const { clock } = context.mount.dependencies;
  const applicationId = await checkedApplicationId(context, role);
  const settled = settleStaged(secrets.creds, clock.now());
  if (settled !== secrets.creds) await secrets.save(settled); // 1
  await secrets.removeDue(); // 2
  const now = clock.now();
  await issueStaticSecret(context, {
    roleName: secrets.roleName,
    applicationObjectId: role.applicationObjectId,
    applicationId,
    periodStartsAt: now,
    expiresAt: addMs(now, role.rotationPeriodSeconds * 1000),
    makeRoom: () => makeRoom(context, role, secrets),
    store: (secret) => secrets.save(replaceCurrent(role, secrets.creds, secret, clock.now())),
  }); // 3
  await secrets.removeDue(); // 4
}

/**
 * Two passwords are all that the application takes: then the old ones go before their time, and so does a current one
 * that has ended.
 */
export async function makeRoom(
  context: ProcedureContext,
  { applicationObjectId }: StaticRoleRecord,
  secrets: StaticSecrets,
): Promise<boolean> {
  const { current, retired } = secrets.creds;
  const here = retired.filter((secret) => isSameId(secret.applicationObjectId, applicationObjectId));
  await secrets.remove(here);
  const now = context.mount.dependencies.clock.now();
  const hasEnded =
    current !== undefined && isSameId(current.applicationObjectId, applicationObjectId) && current.expiresAt <= now;
  if (hasEnded) {
    await requireTenant(context, current.tenantId);
    await revokePassword(context, current);
  }
  return hasEnded || here.length > 0;
}

/** @throws InvalidRequestError when it is the application that the engine logs in with, or is not there. */
export async function checkedApplicationId(context: ProcedureContext, role: StaticRoleRecord): Promise<string> {
  const applicationId =
    role.applicationId === ''
      ? (await loadApplication(stepContext(context), context.session, role.applicationObjectId)).appId
      : role.applicationId;
  refuseSelfTarget(applicationId, context.session.settings);
  return applicationId;
}
