/** Durations: whole seconds on our side, nanoseconds on the wire. */
import { InvariantError } from '../errors.ts';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** The longest duration that fits the wire's signed 64 bits: about 292 years. */
const MAX_SECONDS = 9_223_372_036;

/** Fractions of a second are cut off. */
export function nanosecondsToSeconds(nanoseconds: bigint): number {
  return Number(nanoseconds / NANOSECONDS_PER_SECOND);
}

/**
 * Fractions of a second are cut off; more than 292 years become 292 years.
 * @throws InvariantError when negative or not a number: the host would fail the lease after the secret was made.
 */
export function secondsToNanoseconds(seconds: number): bigint {
  if (!(seconds >= 0)) throw new InvariantError(`negative or missing duration: ${seconds} s`);
  return BigInt(Math.trunc(Math.min(seconds, MAX_SECONDS))) * NANOSECONDS_PER_SECOND;
}
