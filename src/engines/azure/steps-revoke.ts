/**
 * Ends a credential: first what lets its holder in, the rest beside it.
 *
 * The call succeeds once the credential is known to be dead (application deleted, or password gone). What could not be
 * removed then becomes `leftover/<id>`, which the periodic function works off. Everything may be repeated: "not found"
 * is success. A crash at any point means that the host asks again.
 */
import type { AzureCall } from '../../azure/provider.ts';
import { isGone, isPasswordMissing } from '../../azure/retry-policy.ts';
import { AzureError, errorMessage, InternalError, toError } from '../../errors.ts';
import { settleAll, type Settled } from '../../util/parallel.ts';
import { removePart, saveLeftover } from './leftovers.ts';
import { applicationLock } from './lock-keys.ts';
import type { LeftoverPart } from './model-tracking.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { mayHaveBeenDone, retryStep } from './retry.ts';

/** For this long Graph may answer "no such password" to one that it has not replicated yet. */
const PASSWORD_SETTLES_MS = 2 * 60 * 1000;

export interface ApplicationToRevoke {
  readonly roleName: string;
  readonly applicationObjectId: string;
  readonly servicePrincipalId: string;
  readonly roleAssignmentIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly permanentlyDelete: boolean;
  /** While the application cannot be deleted everything of it stays as well: it is still in use. Default false. */
  readonly isKeptWhole?: boolean;
}

/**
 * Deletes the application and all that hangs on it. What remains is recorded under the application's id: one operation
 * may have made two applications.
 * @throws AzureError or DeadlineError when the credential is not known to be dead.
 */
export async function revokeApplication(context: ProcedureContext, target: ApplicationToRevoke): Promise<void> {
  const { session, mount } = context;
  const steps = stepContext(context);
  const { applicationObjectId, servicePrincipalId } = target;
  const others: LeftoverPart[] = [
    ...target.roleAssignmentIds.map((id) => ({ type: 'role_assignment' as const, roleAssignmentId: id })),
    ...(servicePrincipalId === ''
      ? []
      : [
          ...target.groupIds.map((groupId) => ({
            type: 'group_member' as const,
            groupId,
            memberId: servicePrincipalId,
          })),
          { type: 'service_principal' as const, servicePrincipalId },
        ]),
  ];
  const deletion = Promise.allSettled([deleteApplication(context, applicationObjectId)]);
  const removeOthers = async (): Promise<Settled<LeftoverPart, void>[]> => {
    if (target.isKeptWhole === true && (await deletion)[0].status === 'rejected') return [];
    return settleAll(others, PARALLEL_CALLS, (part) => removePart(steps, session, part));
  };
  const [[credential], settled] = await Promise.all([deletion, removeOthers()]);
  const failed = settled.filter(({ result }) => result.status === 'rejected');
  const isPrincipalGone = settled.some(
    ({ item, result }) => item.type === 'service_principal' && result.status === 'fulfilled',
  );
  // Without its principal nobody can log in, but the application must go too before its secret is called dead.
  if (credential.status === 'rejected') {
    mount.dependencies.logger.warn('revocation is not complete, it is repeated', {
      role: target.roleName,
      application_object_id: applicationObjectId,
      is_principal_gone: isPrincipalGone,
      error: errorMessage(credential.reason),
    });
    throw toError(credential.reason);
  }
  const purges: LeftoverPart[] = target.permanentlyDelete
    ? [applicationObjectId, ...(servicePrincipalId === '' ? [] : [servicePrincipalId])].map((objectId) => ({
        type: 'purge',
        objectId,
      }))
    : [];
  const purged = await settleAll(purges, PARALLEL_CALLS, (part) => removePart(steps, session, part));
  const remaining = [...failed, ...purged.filter(({ result }) => result.status === 'rejected')];
  if (remaining.length > 0) {
    const [first] = remaining;
    await saveLeftover(context, applicationObjectId, {
      roleName: target.roleName,
      parts: remaining.map(({ item }) => item),
      reason: first?.result.status === 'rejected' ? errorMessage(first.result.reason) : '',
    });
  }
}

/** "Not found" is success, but for an application made a moment ago: Graph may not know it yet. */
async function deleteApplication(context: ProcedureContext, applicationObjectId: string): Promise<void> {
  const { session, mount } = context;
  const { youngApplications } = mount;
  let mayBeDone = false;
  const isYoung = (): boolean => !mayBeDone && youngApplications.has(applicationObjectId);
  const attempt = async (call: AzureCall): Promise<void> => {
    try {
      await session.provider.directory.deleteApplication(applicationObjectId, call);
    } catch (error) {
      if (mayHaveBeenDone(error, call)) mayBeDone = true;
      throw error;
    }
  };
  try {
    await retryStep(stepContext(context), 'delete application', attempt, {
      shouldRetry: (error) => isGone(error) && isYoung(),
    });
  } catch (error) {
    if (!(error instanceof AzureError && isGone(error)) || isYoung()) throw error;
  }
  youngApplications.delete(applicationObjectId);
}

export interface PasswordToRevoke {
  readonly applicationObjectId: string;
  readonly keyId: string;
  /** `undefined`: long ago. */
  readonly createdAt: Date | undefined;
}

/**
 * Removes one password. Each attempt takes its turn among those of the application.
 * @throws AzureError, DeadlineError or InternalError when the password is not known to be gone.
 */
export async function revokePassword(context: ProcedureContext, target: PasswordToRevoke): Promise<void> {
  const { session, mount } = context;
  const steps = stepContext(context);
  const { directory } = session.provider;
  const { applicationObjectId, keyId, createdAt } = target;
  const isApplicationYoung = (): boolean => mount.youngApplications.has(applicationObjectId);
  const isYoung = (): boolean =>
    createdAt !== undefined && mount.dependencies.clock.now().getTime() - createdAt.getTime() < PASSWORD_SETTLES_MS;

  const remove = (call: AzureCall): Promise<void> =>
    mount.locks.run(
      applicationLock(applicationObjectId),
      () => directory.removePassword(applicationObjectId, keyId, call),
      call.signal,
    );
  try {
    await retryStep(steps, 'remove password', remove, {
      shouldRetry: (error) => (isPasswordMissing(error) ? isYoung() : isGone(error) && isApplicationYoung()),
    });
  } catch (error) {
    const cause = error instanceof AzureError ? error : error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof AzureError)) throw error;
    if (isGone(cause) && !isPasswordMissing(cause) && !isApplicationYoung()) return; // the application itself is gone
    if (!isPasswordMissing(cause)) throw error;
    if (!isYoung()) return;
    throw new InternalError(
      `the password was created less than two minutes ago and Azure does not show it yet, so it cannot be removed for sure; it is tried again: ${cause.message}`,
      { cause: error },
    );
  }
}
