/** RFC 3339 times as Go's `time.Time` writes them into JSON. Like clock.ts, a home of ambient `Date`. */

/** Go's zero time: "not set". */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** The start of 1970: further back than any time that we write. */
export const EPOCH = new Date(0);

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Parses for example `2026-01-31T09:08:07.123456789Z`; digits below a millisecond are cut off.
 * `undefined` for the zero time and for anything that is no RFC 3339 time.
 */
export function parseTime(text: string): Date | undefined {
  if (!RFC_3339.test(text) || text.startsWith('0001-01-01T00:00:00')) return undefined;
  const date = new Date(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** For example `2026-01-31T09:08:07.12Z`: without zeros at the end, as Go has it; the zero time for `undefined`. */
export function formatTime(date: Date | undefined): string {
  return date === undefined ? ZERO_TIME : date.toISOString().replace(/\.?0+Z$/, 'Z');
}

/** A new date `ms` after (before, when negative) `date`. */
export function addMs(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}

export function earlier(left: Date, right: Date): Date {
  return left.getTime() <= right.getTime() ? left : right;
}
