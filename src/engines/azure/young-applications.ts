/** Applications made a moment ago: Graph may answer "not found" for them, and does not mean that they are gone. */
import type { Clock } from '../../util/clock.ts';

/** Replicas are seconds behind, in bad hours minutes. */
const SETTLES_MS = 5 * 60 * 1000;

export class YoungApplications {
  readonly #bornAtMs = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called when one was made. */
  add(applicationObjectId: string): void {
    this.#forgetOld();
    this.#bornAtMs.set(applicationObjectId.toLowerCase(), this.#clock.now().getTime());
  }

  /** Called when one was deleted: then "not found" is the truth. */
  delete(applicationObjectId: string): void {
    this.#bornAtMs.delete(applicationObjectId.toLowerCase());
  }

  has(applicationObjectId: string): boolean {
    this.#forgetOld();
    return this.#bornAtMs.has(applicationObjectId.toLowerCase());
  }

  #forgetOld(): void {
    const nowMs = this.#clock.now().getTime();
    for (const [id, bornAtMs] of this.#bornAtMs) if (nowMs - bornAtMs > SETTLES_MS) this.#bornAtMs.delete(id);
  }
}
