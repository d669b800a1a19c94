/** google.protobuf.Timestamp to and from Date. */
import type { Timestamp } from './generated/google.ts';

/** Go's zero time, 0001-01-01T00:00:00Z: what "no time" is to the host where a time must be present. */
export const ZERO_TIMESTAMP: Timestamp = { seconds: -62_135_596_800n, nanos: 0 };

export function isZeroTimestamp(timestamp: Timestamp): boolean {
  return timestamp.seconds === ZERO_TIMESTAMP.seconds && timestamp.nanos === 0;
}

export function toTimestamp(date: Date): Timestamp {
  const seconds = Math.floor(date.getTime() / 1000);
  return { seconds: BigInt(seconds), nanos: (date.getTime() - seconds * 1000) * 1_000_000 };
}

/** Milliseconds since 1970; what is finer is cut off. Node's clocks and Date go no finer. */
export function timestampToMs(timestamp: Timestamp): number {
  return Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1_000_000);
}
