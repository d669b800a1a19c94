/** One lock per key, in arrival order; keys that nobody holds cost nothing. */
import { toError } from '../errors.ts';

export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** True while anybody works under the key, or waits to. */
  isHeld(lockKey: string): boolean {
    return this.#tails.has(lockKey);
  }

  /**
   * Runs `work` when every earlier `work` of the same key has settled.
   * @throws the reason of `signal` when that aborts first; `work` is never run then, and the others keep their order.
   */
  async run<T>(lockKey: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tails.get(lockKey) ?? Promise.resolve();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before.then(() => held);
    this.#tails.set(lockKey, tail);
    void tail.then(() => {
      if (this.#tails.get(lockKey) === tail) this.#tails.delete(lockKey);
    });
    try {
      await (signal === undefined ? before : untilAborted(before, signal));
      return await work();
    } finally {
      release();
    }
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(toError(signal.reason));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    void promise.then(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    });
  });
}
