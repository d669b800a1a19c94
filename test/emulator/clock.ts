/** The tenant's clock: the base clock plus an offset that tests move. Timers (latency) stay on real time. */

/** What is read of a clock. */
export interface TimeSource {
  now(): Date;
}

export class EmulatorClock {
  readonly #base: TimeSource;
  #offsetMs = 0;

  constructor(base: TimeSource) {
    this.#base = base;
  }

  nowMs(): number {
    return this.#base.now().getTime() + this.#offsetMs;
  }

  now(): Date {
    return new Date(this.nowMs());
  }

  /** Moves the tenant's time by `deltaMs`; negative goes back. */
  advance(deltaMs: number): void {
    this.#offsetMs += deltaMs;
  }

  /** Makes it `time` now; it goes on from there. */
  moveTo(time: Date): void {
    this.#offsetMs = time.getTime() - this.#base.now().getTime();
  }

  reset(): void {
    this.#offsetMs = 0;
  }
}
