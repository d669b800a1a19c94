/** A clock that a test moves by hand. */
import type { Clock } from '../../src/util/clock.ts';

export interface FakeClockOptions {
  /** Default 2026-01-01T00:00:00Z. */
  readonly startAt?: Date;
  /** Sleeps end at once and move the clock on by their length; for retry loops. Default false. */
  readonly isAutoAdvancing?: boolean;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  /** Lengths of all sleeps and timers asked for, in order, ms. */
  readonly delaysMs: number[] = [];
  #nowMs: number;
  #isFrozen = false;
  readonly #isAutoAdvancing: boolean;
  readonly #timers = new Set<Timer>();

  constructor(options: FakeClockOptions = {}) {
    this.#nowMs = (options.startAt ?? new Date('2026-01-01T00:00:00Z')).getTime();
    this.#isAutoAdvancing = options.isAutoAdvancing ?? false;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    this.delaysMs.push(delayMs);
    if (signal?.aborted === true) throw abortReason(signal);
    if (this.#isAutoAdvancing && !this.#isFrozen) this.#nowMs += Math.max(delayMs, 0);
    if ((this.#isAutoAdvancing || delayMs <= 0) && !this.#isFrozen) return nextTurn();
    return new Promise((resolve, reject) => {
      const stop = this.#add(delayMs, () => {
        signal?.removeEventListener('abort', fail);
        resolve();
      });
      const fail = (): void => {
        stop();
        reject(abortReason(signal));
      };
      signal?.addEventListener('abort', fail, { once: true });
    });
  }

  after(delayMs: number, callback: () => void): () => void {
    this.delaysMs.push(delayMs);
    return this.#add(delayMs, callback);
  }

  /** How many sleeps and timers are waiting. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /** Moves the clock on, fires what falls due on the way in order, and lets what it wakes run. */
  async advance(byMs: number): Promise<void> {
    const targetMs = this.#nowMs + byMs;
    await nextTurn();
    for (;;) {
      const due = this.#isFrozen ? undefined : this.#nextTimer();
      if (due === undefined || due.dueMs > targetMs) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.callback();
      await nextTurn();
    }
    this.#nowMs = targetMs;
  }

  /** Nothing fires from now on: the time of a dead process. */
  freeze(): void {
    this.#isFrozen = true;
  }

  #nextTimer(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  }

  #add(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(delayMs, 0), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}

/** Lets everything that is ready run: all microtasks and one turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}
