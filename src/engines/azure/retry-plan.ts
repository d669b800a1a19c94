/** When work that failed is tried again: after a minute, then at doubling times. Forgotten with the process. */
import { addMs } from '../../util/rfc3339.ts';

const FIRST_DELAY_MS = 60_000;
const MAX_DELAY_MS = 3600_000;

interface Plan {
  readonly failures: number;
  readonly nextAttemptAt: Date;
}

export class RetryPlan {
  readonly #plans = new Map<string, Plan>();
  readonly #maxDelayMs: number;

  /** @param maxDelayMs longest time between two attempts. Default an hour. */
  constructor(maxDelayMs = MAX_DELAY_MS) {
    this.#maxDelayMs = maxDelayMs;
  }

  /** True also when the pause is longer than any: the clock was ahead at the failure. */
  isDue(id: string, now: Date): boolean {
    const plan = this.#plans.get(id);
    if (plan === undefined) return true;
    const pauseMs = plan.nextAttemptAt.getTime() - now.getTime();
    return pauseMs <= 0 || pauseMs > this.#maxDelayMs;
  }

  noteFailure(id: string, now: Date): void {
    const failures = (this.#plans.get(id)?.failures ?? 0) + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 16), this.#maxDelayMs);
    this.#plans.set(id, { failures, nextAttemptAt: addMs(now, delayMs) });
  }

  noteSuccess(id: string): void {
    this.#plans.delete(id);
  }

  /** Forgets what is not among `ids` any more. */
  keepOnly(ids: readonly string[]): void {
    const kept = new Set(ids);
    for (const id of this.#plans.keys()) if (!kept.has(id)) this.#plans.delete(id);
  }
}
