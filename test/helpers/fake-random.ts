/** Randomness that a test can foresee. */
import type { Random } from '../../src/util/random.ts';

export class FakeRandom implements Random {
  /** What `fraction` answers. */
  nextFraction = 0.5;
  #count = 0;

  /** `00000000-0000-4000-8000-000000000001`, then …002, and so on. */
  uuid(): string {
    this.#count += 1;
    return `00000000-0000-4000-8000-${this.#count.toString(16).padStart(12, '0')}`;
  }

  fraction(): number {
    return this.nextFraction;
  }
}
