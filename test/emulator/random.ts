/** Seeded identifiers and secrets: the same seed and the same calls give the same tenant. Not fit for real secrets. */

const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_.-';
const SECRET_LENGTH = 40;

export interface SeededRandom {
  /** A version 4 UUID. */
  uuid(): string;
  /** 40 characters as Entra makes them, a letter or digit first. */
  secretText(): string;
  /** An opaque identifier as Graph uses for app role assignments: 43 characters of base64url. */
  opaqueId(): string;
  /** Uniform in 0..bound-1. */
  integer(bound: number): number;
}

/** @param seed any integer; only its lower 32 bits count. */
export function createSeededRandom(seed: number): SeededRandom {
  const next = createGenerator(seed);
  const integer = (bound: number): number => Math.floor((next() / 2 ** 32) * bound);
  const bytes = (length: number): Buffer => {
    const buffer = Buffer.alloc(length);
    for (let offset = 0; offset < length; offset += 1) buffer[offset] = integer(256);
    return buffer;
  };
  return {
    integer,
    uuid: () => {
      const hex = bytes(16);
      hex[6] = ((hex[6] ?? 0) & 0x0f) | 0x40;
      hex[8] = ((hex[8] ?? 0) & 0x3f) | 0x80;
      const text = hex.toString('hex');
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
    },
    secretText: () => {
      let text = SECRET_ALPHABET.charAt(integer(62));
      while (text.length < SECRET_LENGTH) text += SECRET_ALPHABET.charAt(integer(SECRET_ALPHABET.length));
      return text;
    },
    opaqueId: () => bytes(32).toString('base64url'),
  };
}

/** SplitMix32: a full-period 32-bit generator of a few operations. */
function createGenerator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return mixed >>> 0;
  };
}
