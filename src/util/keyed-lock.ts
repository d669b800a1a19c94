/** One lock per key, in arrival order; keys that nobody holds cost nothing. */

export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` when every earlier `work` of the same key has settled. */
  async run<T>(lockKey: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(lockKey) ?? Promise.resolve();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before.then(() => held);
    this.#tails.set(lockKey, tail);
    await before;
    try {
      return await work();
    } finally {
      release();
      if (this.#tails.get(lockKey) === tail) this.#tails.delete(lockKey);
    }
  }
}
