/** How long Azure asks us to wait, from the three headers in which it may say so. */
import { parseTime } from '../util/rfc3339.ts';

/** Longer is nobody's intent; it keeps a broken answer from stopping work for good. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * `retry-after-ms` and `x-ms-retry-after-ms` in ms, `Retry-After` in seconds or as an HTTP date.
 * At least 0, at most an hour; `undefined` when none is there or none makes sense.
 */
export function parseRetryAfterMs(headers: ReadonlyMap<string, string>, now: Date): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = parseCount(headers.get(name));
    if (ms !== undefined) return Math.min(ms, MAX_RETRY_AFTER_MS);
  }
  const value = headers.get('retry-after');
  const seconds = parseCount(value);
  if (seconds !== undefined) return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
  const dateMs = parseHttpDateMs(value);
  if (dateMs === undefined) return undefined;
  return Math.min(Math.max(dateMs - now.getTime(), 0), MAX_RETRY_AFTER_MS);
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The one date form that HTTP servers may send, for example `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/;

function parseHttpDateMs(text: string | undefined): number | undefined {
  const match = HTTP_DATE.exec(text?.trim() ?? '');
  if (match === null) return undefined;
  const [, day = '', monthName = '', year = '', time = ''] = match;
  const month = String(MONTHS.indexOf(monthName) + 1).padStart(2, '0');
  return parseTime(`${year}-${month}-${day}T${time}Z`)?.getTime();
}
