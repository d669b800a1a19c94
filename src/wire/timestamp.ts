/** google.protobuf.Timestamp to and from Date. */
import { dateFromEpochMs } from '../util/clock.ts';
import type { Timestamp } from './generated/google.ts';

/** Go's zero time, 0001-01-01T00:00:00Z: what "no time" is to the host where a time must be present. */
export const ZERO_TIMESTAMP: Timestamp = { seconds: -62_135_596_800n, nanos: 0 };

function isZeroTimestamp(timestamp: Timestamp): boolean {
  return timestamp.seconds === ZERO_TIMESTAMP.seconds && timestamp.nanos === 0;
}

export function toTimestamp(date: Date): Timestamp {
  const seconds = Math.floor(date.getTime() / 1000);
  return { seconds: BigInt(seconds), nanos: (date.getTime() - seconds * 1000) * 1_000_000 };
}

/** The last (and, negated, the first) millisecond that a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** What is finer than a millisecond is cut off. `undefined` for the zero time and for times that no Date can hold. */
export function timestampToDate(timestamp: Timestamp): Date | undefined {
  const epochMs = Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1_000_000);
  return isZeroTimestamp(timestamp) || Math.abs(epochMs) > MAX_DATE_MS ? undefined : dateFromEpochMs(epochMs);
}
