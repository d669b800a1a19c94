/**
 * Ends the application that a role owns.
 *
 * Switched off (`persist_app=false`): 1. write `retired/<object id>`, 2. write the role, which does not name it any
 * more. Nothing is called. The minute work deletes the application once it lists no password that lets anybody in. After
 * a crash between 1 and 2 the role still names it: then the minute work drops the record of 1.
 *
 * With the role: 1. the application is deleted, 2. all that it had, 3. the role. While 1 fails everything stays as it is.
 * After a crash between 1 and 3 the role is still there, and deleting it again finds what is gone gone.
 */
import { isGone } from '../../azure/retry-policy.ts';
import { AzureError, toError } from '../../errors.ts';
import { roleLock } from './lock-keys.ts';
import { type RoleRecord } from './model-role.ts';
import type { RetiredRecord } from './model-tracking.ts';
import type { AzureMount } from './mount.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { revokeApplication } from './steps-revoke.ts';
import { requireTenant } from './tenant.ts';
import { isSameId } from './same-id.ts';

/** By then no request is under way that read the role before, nor a password that Graph does not list yet. */
const SETTLES_MS = 5 * 60 * 1000;

/** Step 1. Call with the role's lock held. @param old the stored role, which owns an application. */
export async function retireApplication(
  { mount, session }: ProcedureContext,
  roleName: string,
  old: RoleRecord,
): Promise<void> {
  const { storage, clock } = mount.dependencies;
  await mount.stores.retired.put(storage, old.managedApplicationObjectId, {
    roleName,
    servicePrincipalId: old.servicePrincipalId,
    roleAssignmentIds: assignmentIds(old),
    groupIds: old.groupMembershipIds ?? [],
    permanentlyDelete: old.permanentlyDelete,
    tenantId: old.managedTenantId || session.settings.tenantId,
    createdAt: clock.now(),
  });
}

/**
 * The application that a role owns, with all that hangs on it. Its passwords end with it.
 * @throws AzureError, DeadlineError when the application is not known to be gone; InternalError when it is in another
 * tenant than the config names.
 */
export async function deleteOwnedApplication(
  context: ProcedureContext,
  roleName: string,
  role: RoleRecord,
): Promise<void> {
  await requireTenant(context, role.managedTenantId);
  await revokeApplication(context, {
    roleName,
    applicationObjectId: role.managedApplicationObjectId,
    servicePrincipalId: role.servicePrincipalId,
    roleAssignmentIds: assignmentIds(role),
    groupIds: role.groupMembershipIds ?? [],
    permanentlyDelete: role.permanentlyDelete,
    createdAt: undefined,
    isKeptWhole: true,
  });
}

/** The Go plugin stores '' for an assignment that Azure answered without an id. */
function assignmentIds({ roleAssignmentIds }: RoleRecord): string[] {
  return (roleAssignmentIds ?? []).filter((id) => id !== '');
}

export interface RetiredItem {
  readonly applicationObjectId: string;
  readonly retired: RetiredRecord;
  /** The mount is going away: ages do not count. */
  readonly isTainted: boolean;
}

/** True when it is worth a look. */
export function isRetiredDue({ retired, isTainted }: Omit<RetiredItem, 'applicationObjectId'>, now: Date): boolean {
  return isTainted || now.getTime() - retired.createdAt.getTime() >= SETTLES_MS;
}

/** @returns true when the record is worked off; false while somebody can still log in with the application. */
export async function removeRetired(context: ProcedureContext, item: RetiredItem): Promise<boolean> {
  const { mount } = context;
  const { storage, clock, logger } = mount.dependencies;
  const { applicationObjectId, retired, isTainted } = item;
  const dropIfOwned = async (): Promise<boolean> => {
    const role = await mount.stores.roles.get(storage, retired.roleName);
    if (role === undefined || !isSameId(role.managedApplicationObjectId, applicationObjectId)) return false;
    // A write of the role that is under way may still be stored after it has failed.
    if (isRetiredDue({ retired, isTainted: false }, clock.now())) {
      await mount.stores.retired.delete(storage, applicationObjectId);
    }
    return true;
  };
  if (await mount.locks.run(roleLock(retired.roleName), dropIfOwned, context.budget.signal)) return true;
  await requireTenant(context, retired.tenantId);
  if (await hasLivePassword(context, applicationObjectId)) {
    if (isTainted) {
      logger.warn('an application whose role does not use it any more stays: it has passwords that are valid', {
        role: retired.roleName,
        application_object_id: applicationObjectId,
      });
    }
    return false;
  }
  logger.info('removing an application that its role does not use any more', {
    role: retired.roleName,
    application_object_id: applicationObjectId,
  });
  await revokeApplication(context, { applicationObjectId, ...retired });
  await mount.stores.retired.delete(storage, applicationObjectId);
  return true;
}

/** Leases of the Go plugin have no record here, so Azure's own list counts. */
async function hasLivePassword(context: ProcedureContext, applicationObjectId: string): Promise<boolean> {
  const { mount, session } = context;
  const [listed] = await Promise.allSettled([
    retryStep(stepContext(context), 'look for passwords of an application that is not used any more', (call) =>
      session.provider.directory.getApplication(applicationObjectId, call),
    ),
  ]);
  if (listed.status === 'rejected') {
    if (listed.reason instanceof AzureError && isGone(listed.reason)) return false;
    throw toError(listed.reason);
  }
  const nowMs = mount.dependencies.clock.now().getTime();
  return listed.value.passwordCredentials.some(({ expiresAt }) => expiresAt.getTime() > nowMs);
}

/** The mount is going away: applications of its roles stay, since a mount that moves looks the same. */
export async function warnOfPersisted(mount: AzureMount): Promise<void> {
  const { storage, logger } = mount.dependencies;
  for (const roleName of await mount.stores.roles.list(storage)) {
    const role = await mount.stores.roles.get(storage, roleName);
    if (role === undefined || role.managedApplicationObjectId === '') continue;
    logger.warn(
      'the mount is going away, the application that a role owns stays: delete it by hand unless the mount moves',
      {
        role: roleName,
        application_object_id: role.managedApplicationObjectId,
      },
    );
  }
}
