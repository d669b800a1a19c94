/**
 * The five fields of a cron schedule, read exactly as the host's rotation manager reads them: what it refuses is refused
 * with its text, so that a schedule means the same whoever keeps it.
 * Source: robfig/cron v3.0.1, parser.go, with minute, hour, day of month, month and day of week, without descriptors.
 */

/** A schedule that cannot be read. Private to its callers: they say which field it came from. */
export class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
}

export interface CronFields {
  /** Ascending. `isEvery`: the field is `*`, `?` or a step of one through all. */
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly daysOfMonth: CronField;
  readonly months: CronField;
  /** 0 is Sunday. */
  readonly daysOfWeek: CronField;
  /** IANA name, for example `Europe/Berlin`. `UTC` when the schedule names none. */
  readonly timeZone: string;
}

export interface CronField {
  readonly values: readonly number[];
  /** Decides how days of month and of week combine: both must match when one of them is every day, else either. */
  readonly isEvery: boolean;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

/** Names stand for consecutive numbers from `min` on. */
const BOUNDS = {
  minutes: { min: 0, max: 59, names: [] },
  hours: { min: 0, max: 23, names: [] },
  daysOfMonth: { min: 1, max: 31, names: [] },
  months: {
    min: 1,
    max: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  daysOfWeek: { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} satisfies Record<string, Bounds>;

const FIELD_COUNT = 5;
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Parses for example `0 0 * * SAT`, `0,30 8-18 1,15 * ?`, `TZ=Europe/Berlin 30 2 * * 1-5`.
 * @throws CronSyntaxError with the host's text
 */
export function parseCronFields(schedule: string): CronFields {
  if (schedule === '') throw new CronSyntaxError('empty spec string');
  const { timeZone, rest } = splitTimeZone(schedule);
  if (rest.startsWith('@')) throw new CronSyntaxError(`parser does not accept descriptors: ${rest}`);
  const texts = rest.split(/\s+/).filter((text) => text !== '');
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = texts;
  if (
    texts.length !== FIELD_COUNT ||
    minutes === undefined ||
    hours === undefined ||
    daysOfMonth === undefined ||
    months === undefined ||
    daysOfWeek === undefined
  ) {
    throw new CronSyntaxError(`expected exactly ${FIELD_COUNT} fields, found ${texts.length}: [${texts.join(' ')}]`);
  }
  return {
    minutes: parseField(minutes, BOUNDS.minutes),
    hours: parseField(hours, BOUNDS.hours),
    daysOfMonth: parseField(daysOfMonth, BOUNDS.daysOfMonth),
    months: parseField(months, BOUNDS.months),
    daysOfWeek: parseField(daysOfWeek, BOUNDS.daysOfWeek),
    timeZone,
  };
}

function splitTimeZone(schedule: string): { timeZone: string; rest: string } {
  const [whole, name = ''] = /^(?:CRON_)?TZ=([^ ]*)/.exec(schedule) ?? [];
  if (whole === undefined) return { timeZone: 'UTC', rest: schedule };
  const timeZone = name === '' ? 'UTC' : name;
  if (!isTimeZone(timeZone)) throw new CronSyntaxError(`provided bad location ${name}: unknown time zone ${name}`);
  return { timeZone, rest: schedule.slice(whole.length).trim() };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** A comma list of ranges; what is empty between commas is skipped. */
function parseField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let isEvery = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, bounds);
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
    isEvery ||= range.isEvery;
  }
  return { values: [...values].sort((left, right) => left - right), isEvery };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isEvery: boolean;
}

/** `*`, `?`, `5`, `5-9`, each with `/step`; `5/10` goes on to the end. */
function parseRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreHighs] = span.split('-');
  const isWildcard = low === '*' || low === '?';
  let start = bounds.min;
  let end = bounds.max;
  if (!isWildcard) {
    start = parseValue(low, bounds);
    if (moreHighs.length > 0) throw new CronSyntaxError(`too many hyphens: ${text}`);
    end = high === undefined ? start : parseValue(high, bounds);
  }
  if (moreSteps.length > 0) throw new CronSyntaxError(`too many slashes: ${text}`);
  let step = 1;
  if (stepText !== undefined) {
    step = parseInteger(stepText);
    if (high === undefined) end = bounds.max;
  }
  if (start < bounds.min) {
    throw new CronSyntaxError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  }
  if (end > bounds.max) throw new CronSyntaxError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new CronSyntaxError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronSyntaxError(`step of range should be a positive number: ${text}`);
  return { start, end, step, isEvery: isWildcard && step === 1 };
}

function parseValue(text: string, { min, names }: Bounds): number {
  const index = names.indexOf(text.toLowerCase());
  return index === -1 ? parseInteger(text) : min + index;
}

/** As Go's strconv.Atoi, without negative numbers. */
function parseInteger(text: string): number {
  const [, sign, digits] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) throw integerError(text, 'invalid syntax');
  const magnitude = BigInt(digits);
  if (magnitude > MAX_INT64) throw integerError(text, 'value out of range');
  if (sign === '-' && magnitude > 0n) throw new CronSyntaxError(`negative number (-${magnitude}) not allowed: ${text}`);
  return Number(magnitude);
}

function integerError(text: string, reason: string): CronSyntaxError {
  return new CronSyntaxError(
    `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: ${reason}`,
  );
}
