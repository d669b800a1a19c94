/** Operations that this process is working on, undoing included: recovery leaves their intents alone. */
export class RunningOperations {
  readonly #ids = new Set<string>();
  #wakeWaiting: (() => void)[] = [];

  has(operationId: string): boolean {
    return this.#ids.has(operationId);
  }

  add(operationId: string): void {
    this.#ids.add(operationId);
  }

  delete(operationId: string): void {
    this.#ids.delete(operationId);
    if (this.#ids.size > 0) return;
    for (const wake of this.#wakeWaiting.splice(0)) wake();
  }

  /** Resolves when none is left, or when `signal` aborts. */
  async whenNone(signal: AbortSignal): Promise<void> {
    if (this.#ids.size === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wakeWaiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
