/** Time as an argument. The only home of ambient `Date` and timers; everything else takes a `Clock`. */

export interface Clock {
  /** The wall clock. */
  now(): Date;
  /**
   * Resolves after `delayMs` (0 or less: next turn of the event loop).
   * @throws the signal's reason, at once, when `signal` aborts.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `delayMs`; the returned function cancels it. Timers never keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A point in time from milliseconds since 1970: reads no clock. */
export function dateFromEpochMs(epochMs: number): Date {
  return new Date(epochMs);
}

/** Longest delay Node's timers take; more would fire at once. */
const MAX_TIMER_MS = 0x7fffffff;

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      const fail = (): void => {
        clearTimeout(timer);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', fail);
          resolve();
        },
        Math.min(Math.max(delayMs, 0), MAX_TIMER_MS),
      );
      if (signal?.aborted === true) fail();
      else signal?.addEventListener('abort', fail, { once: true });
    }),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
