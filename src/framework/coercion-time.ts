/** Conversion of JSON values to durations (whole seconds) and points in time. Source: go-secure-stdlib parseutil. */
import { dateFromEpochMs } from '../util/clock.ts';
import { nanosecondsToSeconds, parseHostDuration, type DurationFlaw } from '../util/duration.ts';
import type { JsonValue } from '../util/json.ts';
import { parseTime } from '../util/rfc3339.ts';
import { CoercionError, type Quote } from './coercion-error.ts';

/** Go counts nanoseconds in 64 bits, which is about 292 years. */
const MAX_SECONDS = 9_223_372_036;
const OVERFLOW = 'multiplication of durations resulted in overflow, one operand may be too large';

/**
 * Seconds: a number (fraction cut off), or text: `3600`, `30d`, or a Go duration such as `1h30m`. '' is 0. Null: not
 * set (`undefined`).
 */
export function toDurationSeconds(raw: JsonValue, quote: Quote, isSigned: boolean): number | undefined {
  const seconds = parseSeconds(raw, quote);
  if (seconds !== undefined && seconds < 0 && !isSigned) {
    throw new CoercionError(`cannot provide negative value '${seconds}'`);
  }
  return seconds;
}

function parseSeconds(raw: JsonValue, quote: Quote): number | undefined {
  if (raw === null) return undefined;
  if (typeof raw === 'number') {
    if (Math.abs(raw) >= MAX_SECONDS + 1) throw new CoercionError(OVERFLOW);
    return Math.trunc(raw) + 0;
  }
  if (typeof raw !== 'string') throw new CoercionError('could not parse duration from input');
  if (raw === '') return 0;
  const result = parseHostDuration(raw);
  if (!result.isValid) throw new CoercionError(describeFlaw(result.flaw, raw, quote));
  return nanosecondsToSeconds(result.nanoseconds);
}

function describeFlaw(flaw: DurationFlaw, text: string, quote: Quote): string {
  switch (flaw.kind) {
    case 'invalid':
      return `time: invalid duration ${quote(text)}`;
    case 'missingUnit':
      return `time: missing unit in duration ${quote(text)}`;
    case 'unknownUnit':
      return `time: unknown unit ${quote(flaw.unit)} in duration ${quote(text)}`;
    case 'days':
      return `strconv.ParseInt: parsing ${quote(flaw.days)}: invalid syntax`;
    case 'overflow':
      return OVERFLOW;
  }
}

/** JavaScript dates end here, ±8.64e15 ms from 1970. */
const MAX_EPOCH_SECONDS = 8.64e12;

/**
 * RFC 3339 text, or seconds since 1970 as a number or as text. Null: not set (`undefined`).
 * Differs: numbers are taken, which an external Go plugin refuses.
 */
export function toTime(raw: JsonValue): Date | undefined {
  if (raw === null) return undefined;
  const isSeconds = typeof raw === 'number' || (typeof raw === 'string' && /^[+-]?\d{1,15}$/.test(raw));
  if (isSeconds) {
    const seconds = Math.trunc(Number(raw));
    if (Math.abs(seconds) > MAX_EPOCH_SECONDS) throw new CoercionError('could not parse string as date and time');
    return dateFromEpochMs(seconds * 1000);
  }
  if (typeof raw !== 'string') throw new CoercionError('could not parse time from input type');
  const date = parseTime(raw);
  if (date === undefined || !namesRealMoment(raw)) throw new CoercionError('could not parse string as date and time');
  return date;
}

/** JavaScript rolls February 30 over to March and takes hour 24; Go refuses both. */
function namesRealMoment(text: string): boolean {
  const day = text.slice(0, 10);
  return !text.startsWith('T24', 10) && parseTime(`${day}T00:00:00Z`)?.toISOString().slice(0, 10) === day;
}
