/** One more password on an application: the step that credentials of existing applications and the root secret share. */
import type { AzureCall, NewPassword, PasswordSpec } from '../../azure/provider.ts';
import { isReplicationLag } from '../../azure/retry-policy.ts';
import { applicationLock } from './lock-keys.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { mayHaveBeenDone, type RetryOptions, retryStep } from './retry.ts';

/** For the undo. */
export interface AddPasswordProgress {
  /** True when an answer was lost: a password may exist that we do not know of. */
  isAmbiguous: boolean;
}

/**
 * Each attempt takes its turn among those of the application; the waits between them hold nobody up.
 * @throws AzureError, DeadlineError, CancelledError.
 */
export async function addPassword(
  context: ProcedureContext,
  step: string,
  applicationObjectId: string,
  spec: PasswordSpec,
  progress: AddPasswordProgress,
  options: RetryOptions = {},
): Promise<NewPassword> {
  const { mount, session } = context;
  const attempt = (call: AzureCall): Promise<NewPassword> => {
    const add = async (): Promise<NewPassword> => {
      try {
        return await session.provider.directory.addPassword(applicationObjectId, spec, call);
      } catch (error) {
        if (mayHaveBeenDone(error, call)) progress.isAmbiguous = true;
        throw error;
      }
    };
    return mount.locks.run(applicationLock(applicationObjectId), add, call.signal);
  };
  return retryStep(stepContext(context), step, attempt, {
    shouldRetry: (error) => isReplicationLag(error) && mount.youngApplications.has(applicationObjectId),
    ...options,
  });
}
