/** Durations as Go writes them (`1h30m`), exact to the nanosecond. Pure text and numbers; nothing here reads a clock. */

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** Go's limits: a duration is a signed 64-bit count of nanoseconds, about 292 years. */
const MAX_NANOSECONDS = 2n ** 63n - 1n;
const MIN_NANOSECONDS = -(2n ** 63n);

/** µ exists twice in Unicode; Go takes both. */
const UNIT_NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', NANOSECONDS_PER_SECOND],
  ['m', 60n * NANOSECONDS_PER_SECOND],
  ['h', 3600n * NANOSECONDS_PER_SECOND],
]);

/** What is wrong with a duration's text. `invalid` also covers overflow. */
export type DurationFlaw =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'missingUnit' }
  | { readonly kind: 'unknownUnit'; readonly unit: string }
  /** Text before a final `d` that is no whole number, for example `1.5` of `1.5d`. */
  | { readonly kind: 'days'; readonly days: string }
  | { readonly kind: 'overflow' };

export type DurationResult =
  { readonly isValid: true; readonly nanoseconds: bigint } | { readonly isValid: false; readonly flaw: DurationFlaw };

const invalid: DurationResult = { isValid: false, flaw: { kind: 'invalid' } };

/**
 * Parses a Go duration: an optional sign, then numbers with units, for example `1h30m`, `-1.5h`, `300ms`; also `0`.
 * Source: Go time.ParseDuration.
 */
export function parseGoDuration(text: string): DurationResult {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  let rest = text.slice(sign.length);
  if (rest === '0') return { isValid: true, nanoseconds: 0n };
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const [matched = '', whole = '', fraction = ''] = number ?? [];
    if (whole === '' && fraction === '') return invalid;
    // 19 digits hold every 64-bit number; longer ones are refused before BigInt spends time on them.
    if (whole.replace(/^0+/, '').length > 19) return invalid;
    const unit = /^[^.\d]*/.exec(rest.slice(matched.length))?.[0] ?? '';
    if (unit === '') return { isValid: false, flaw: { kind: 'missingUnit' } };
    const unitNanoseconds = UNIT_NANOSECONDS.get(unit);
    if (unitNanoseconds === undefined) return { isValid: false, flaw: { kind: 'unknownUnit', unit } };
    const digits = fraction.slice(0, 18);
    total += BigInt(whole === '' ? '0' : whole) * unitNanoseconds;
    total += (BigInt(digits === '' ? '0' : digits) * unitNanoseconds) / 10n ** BigInt(digits.length);
    if (total > -MIN_NANOSECONDS) return invalid;
    rest = rest.slice(matched.length + unit.length);
  }
  const nanoseconds = sign === '-' ? -total : total;
  return nanoseconds > MAX_NANOSECONDS ? invalid : { isValid: true, nanoseconds };
}

/** As `parseGoDuration`, and also whole seconds (`3600`) and whole days (`30d`). Source: parseutil.ParseDurationSecond. */
export function parseHostDuration(text: string): DurationResult {
  if (/^[+-]?\d{1,19}$/.test(text)) return inRange(BigInt(text.replace(/^\+/, '')) * NANOSECONDS_PER_SECOND);
  if (/^[+-]?\d{1,19}d$/.test(text)) {
    return inRange(BigInt(text.slice(0, -1).replace(/^\+/, '')) * 86_400n * NANOSECONDS_PER_SECOND);
  }
  if (text.endsWith('d')) return { isValid: false, flaw: { kind: 'days', days: text.slice(0, -1) } };
  return parseGoDuration(text);
}

function inRange(nanoseconds: bigint): DurationResult {
  if (nanoseconds > MAX_NANOSECONDS || nanoseconds < MIN_NANOSECONDS) {
    return { isValid: false, flaw: { kind: 'overflow' } };
  }
  return { isValid: true, nanoseconds };
}

/** Whole seconds, the fraction cut off towards zero, for example 1500000000n becomes 1. */
export function nanosecondsToSeconds(nanoseconds: bigint): number {
  return Number(nanoseconds / NANOSECONDS_PER_SECOND);
}

/** Nanoseconds of whole seconds; a fraction is cut off. */
export function secondsToNanoseconds(seconds: number): bigint {
  return BigInt(Math.trunc(seconds)) * NANOSECONDS_PER_SECOND;
}

/**
 * A duration as Go prints it: `1h30m0s`, `1.5s`, `300ms`, `0s`.
 * Source: Go time.Duration.String.
 */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < NANOSECONDS_PER_SECOND) {
    if (size < 1_000n) return `${sign}${size}ns`;
    if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}\u00b5s`;
    return `${sign}${decimal(size, 1_000_000n)}ms`;
  }
  const totalMinutes = size / (60n * NANOSECONDS_PER_SECOND);
  const seconds = `${decimal(size % (60n * NANOSECONDS_PER_SECOND), NANOSECONDS_PER_SECOND)}s`;
  if (totalMinutes === 0n) return `${sign}${seconds}`;
  const minutes = `${totalMinutes % 60n}m${seconds}`;
  return totalMinutes < 60n ? `${sign}${minutes}` : `${sign}${totalMinutes / 60n}h${minutes}`;
}

/** Whole seconds as Go prints them, for example 5400 becomes `1h30m0s`. */
export function formatSeconds(seconds: number): string {
  return formatGoDuration(secondsToNanoseconds(seconds));
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
