/** Randomness as an argument, so that tests can foresee handles. */
import { randomInt, randomUUID } from 'node:crypto';

export interface Random {
  /** A version 4 UUID, for example `1b4e28ba-2fa1-41d2-883f-0016d3cca427`. */
  uuid(): string;
  /** Uniform in [0, 1); used for jitter only, never for secrets. */
  fraction(): number;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
};
