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
import { retryStep } from './retry.ts';

/** For this long Graph may answer "not found" to an application or a password that it has not replicated yet. */
const SETTLES_MS = 2 * 60 * 1000;

export interface ApplicationToRevoke {
  readonly roleName: string;
  readonly applicationObjectId: string;
  readonly servicePrincipalId: string;
  readonly roleAssignmentIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly permanentlyDelete: boolean;
  /** `undefined`: long ago. */
  readonly createdAt: Date | undefined;
  /** While the application cannot be deleted everything of it stays as well: it is still in use. Default false. */
  readonly isKeptWhole?: boolean;
}

/**
 * Deletes the application and all that hangs on it. What remains is recorded under the application's id: one operation
 * may have made two applications.
 * @throws AzureError, DeadlineError or InternalError when the credential is not known to be dead.
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
  const deletion = Promise.allSettled([deleteApplication(context, target)]);
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

async function deleteApplication(context: ProcedureContext, target: ApplicationToRevoke): Promise<void> {
  const { session, mount } = context;
  const { applicationObjectId } = target;
  await removeForSure(context, 'delete application', 'the application', target, (call) =>
    session.provider.directory.deleteApplication(applicationObjectId, call),
  );
  mount.youngApplications.delete(applicationObjectId);
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
  const { applicationObjectId, keyId } = target;
  await removeForSure(context, 'remove password', 'the password', target, (call) =>
    mount.locks.run(
      applicationLock(applicationObjectId),
      () => session.provider.directory.removePassword(applicationObjectId, keyId, call),
      call.signal,
    ),
  );
}

/**
 * Repeats `remove` until it is done, or what it removes is known to be gone: "not found" proves that of what is old, or
 * of what hangs on an application in the recycle bin.
 */
async function removeForSure(
  context: ProcedureContext,
  step: string,
  noun: string,
  { applicationObjectId, createdAt }: Pick<PasswordToRevoke, 'applicationObjectId' | 'createdAt'>,
  remove: (call: AzureCall) => Promise<void>,
): Promise<void> {
  const { session, mount } = context;
  const { clock } = mount.dependencies;
  const isFresh = (): boolean => createdAt !== undefined && clock.now().getTime() - createdAt.getTime() < SETTLES_MS;
  const isYoung = (error: AzureError): boolean =>
    isFresh() || (!isPasswordMissing(error) && mount.youngApplications.has(applicationObjectId));
  const isInBin = async (call: AzureCall): Promise<boolean> => {
    try {
      return await session.provider.directory.isInRecycleBin(applicationObjectId, call);
    } catch (error) {
      if (error instanceof AzureError) return false; // not told: not known
      throw error;
    }
  };
  const attempt = async (call: AzureCall): Promise<void> => {
    try {
      await remove(call);
    } catch (error) {
      if (!(error instanceof AzureError) || !isUnknown(error)) throw error;
      if (!isYoung(error) || (!isPasswordMissing(error) && (await isInBin(call)))) return;
      throw error;
    }
  };
  try {
    await retryStep(stepContext(context), step, attempt, {
      shouldRetry: (error) => isUnknown(error) && isYoung(error),
    });
  } catch (error) {
    const cause = error instanceof AzureError ? error : error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof AzureError) || !isUnknown(cause)) throw error;
    throw new InternalError(
      `${noun} was created a few minutes ago at most and Azure does not show it yet, so it cannot be removed for sure; it is tried again: ${cause.message}`,
      { cause: error },
    );
  }
}

function isUnknown(error: AzureError): boolean {
  return isGone(error) || isPasswordMissing(error);
}
