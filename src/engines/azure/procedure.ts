/** What every procedure that calls Azure is given. */
import { isSecretUnknown } from '../../azure/retry-policy.ts';
import type { AzureError } from '../../errors.ts';
import type { Budget } from './budget.ts';
import type { AzureMount, AzureSession } from './mount.ts';
import type { StepContext } from './retry.ts';
import { isFreshRootSecret } from './root-secret.ts';

/** Calls to Azure that one procedure makes at the same time. */
export const PARALLEL_CALLS = 8;

export interface ProcedureContext {
  readonly mount: AzureMount;
  readonly session: AzureSession;
  readonly budget: Budget;
  /** Attempts of each step; without limit when absent (the budget is the limit). */
  readonly maxAttempts?: number;
}

/** For its steps. Without a session nothing is known of the secret that they log in with. */
export function stepContext({
  mount,
  session,
  budget,
  maxAttempts = Number.POSITIVE_INFINITY,
}: Omit<ProcedureContext, 'session'> & Partial<ProcedureContext>): StepContext {
  const { clock, random, logger } = mount.dependencies;
  const shouldRetry = (error: AzureError): boolean =>
    isSecretUnknown(error) && session !== undefined && isFreshRootSecret(session.config, clock.now());
  return { clock, random, logger, budget, maxAttempts, shouldRetry };
}
