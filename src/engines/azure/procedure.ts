/** What every procedure that calls Azure is given. */
import type { Budget } from './budget.ts';
import type { AzureMount, AzureSession } from './mount.ts';
import type { StepContext } from './retry.ts';

export interface ProcedureContext {
  readonly mount: AzureMount;
  readonly session: AzureSession;
  readonly budget: Budget;
}

/** For its steps. */
export function stepContext({ mount, budget }: Pick<ProcedureContext, 'mount' | 'budget'>): StepContext {
  const { clock, random, logger } = mount.dependencies;
  return { clock, random, logger, budget };
}
