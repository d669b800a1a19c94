/** Repeats one step until it succeeds, fails for good, or the budget ends. */
import type { AzureCall } from '../../azure/provider.ts';
import { isAmbiguous, isTransient } from '../../azure/retry-policy.ts';
import { AzureError, DeadlineError } from '../../errors.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/log.ts';
import type { Random } from '../../util/random.ts';
import { type FindRemedy, withRemedy } from './azure-remedies.ts';
import type { Budget } from './budget.ts';

/** First wait, then doubling. Replication usually takes one or two seconds. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
/** Waits vary by ± this fraction, so that parallel requests do not knock in step. */
const JITTER = 0.2;

export interface StepContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly budget: Budget;
  /** Attempts of each step in all; without limit when absent (the budget is the limit). */
  readonly maxAttempts?: number;
  /** Failures beside the transient ones that are worth a repetition in every step. None when absent. */
  readonly shouldRetry?: (error: AzureError) => boolean;
}

export interface RetryOptions {
  /** Failures beside the transient ones that are worth a repetition. None by default. */
  readonly shouldRetry?: (error: AzureError) => boolean;
  /** Ends the waits between attempts: there is no use in another one. A call under way goes on. */
  readonly stop?: AbortSignal;
  /** Attempts in all, for this step. Default: the context's. */
  readonly maxAttempts?: number;
  /** What an operator can do about a final failure. Default: what holds for the engine's own login and for roles. */
  readonly findRemedy?: FindRemedy;
}

/** True when a failed call may have been done: its answer was lost, or it was cancelled under way. */
export function mayHaveBeenDone(error: unknown, call: AzureCall): boolean {
  return call.signal.aborted || (error instanceof AzureError && isAmbiguous(error));
}

/**
 * Runs `attempt` and repeats it on transient failures (throttled, down, no answer) and on those that `shouldRetry`
 * names. Waits as long as Azure asks (Retry-After), else 0.5 s doubling to 8 s.
 * @throws the last `AzureError`, with its remedy, when it is final; `DeadlineError` that carries it (or names the step, when Azure has not
 * answered yet) when the budget ends first.
 */
export async function retryStep<T>(
  context: StepContext,
  step: string,
  attempt: (call: AzureCall) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { clock, random, logger, budget } = context;
  const { maxAttempts = context.maxAttempts ?? Number.POSITIVE_INFINITY, findRemedy } = options;
  const isWorthRepeating = (error: AzureError): boolean =>
    isTransient(error) || context.shouldRetry?.(error) === true || options.shouldRetry?.(error) === true;
  const isStopped = (): boolean => options.stop?.aborted === true;
  let lastError: AzureError | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      budget.signal.throwIfAborted();
      return await attempt({ signal: budget.signal, step, attempt: attempts });
    } catch (error) {
      if (budget.signal.aborted) throw budgetError(budget, step, lastError ?? error, { findRemedy });
      if (!(error instanceof AzureError)) throw error;
      const isLast = attempts >= maxAttempts || isStopped();
      if (isLast || !isWorthRepeating(error)) throw withRemedy(error, findRemedy);
      lastError = error;
    }
    const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS);
    const jitteredMs = backoffMs * (1 - JITTER + 2 * JITTER * random.fraction());
    const askedMs = lastError.retryAfterMs ?? 0;
    const delayMs = Math.max(askedMs, jitteredMs);
    if (delayMs >= budget.remainingMs()) throw budgetError(budget, step, lastError, { findRemedy, askedMs });
    logger.debug('repeating a step', {
      step,
      attempts,
      delay_ms: Math.round(delayMs),
      status: lastError.status,
      azure_code: lastError.azureCode,
    });
    try {
      await clock.sleep(
        delayMs,
        options.stop === undefined ? budget.signal : AbortSignal.any([budget.signal, options.stop]),
      );
    } catch {
      throw isStopped() ? withRemedy(lastError, findRemedy) : budgetError(budget, step, lastError, { findRemedy });
    }
  }
}

/** What the user sees when time ran out: Azure's last reason, not only "deadline exceeded"; without one, the step. */
function budgetError(
  budget: Budget,
  step: string,
  lastError: unknown,
  { findRemedy, askedMs = 0 }: { readonly findRemedy: FindRemedy | undefined; readonly askedMs?: number },
): Error {
  const reason: unknown = budget.signal.reason;
  if (budget.signal.aborted && reason instanceof Error && !(reason instanceof DeadlineError)) return reason;
  const { timeoutSeconds } = budget;
  if (!(lastError instanceof AzureError)) {
    return new DeadlineError(`${step}: the request's budget of ${timeoutSeconds} s is used up`);
  }
  const { message } = withRemedy(lastError, findRemedy);
  const askedSeconds = Math.ceil(askedMs / 1000);
  return new DeadlineError(
    askedMs > budget.remainingMs()
      ? `${message}; Azure asks to wait ${askedSeconds} s, more than is left of the request's budget of ${timeoutSeconds} s`
      : `${message}; still so at the end of the request's budget of ${timeoutSeconds} s`,
    { cause: lastError },
  );
}
