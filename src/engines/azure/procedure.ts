/** What every procedure that calls Azure is given. */
import type { Budget } from './budget.ts';
import type { AzureMount, AzureSession } from './mount.ts';
import type { StepContext } from './retry.ts';

export interface ProcedureContext {
  readonly mount: AzureMount;
  readonly session: AzureSession;
  readonly budget: Budget;
  /** Attempts of each step; without limit when absent (the budget is the limit). */
  readonly maxAttempts?: number;
}

/** For its steps. */
export function stepContext({
  mount,
  budget,
  maxAttempts = Number.POSITIVE_INFINITY,
}: Pick<ProcedureContext, 'mount' | 'budget' | 'maxAttempts'>): StepContext {
  const { clock, random, logger } = mount.dependencies;
  return { clock, random, logger, budget, maxAttempts };
}
