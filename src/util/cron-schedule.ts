/** When a cron schedule comes due. The calendar, leap days and time zones are the library's; what is a schedule is ours. */
import { type CronField, type CronFields, CronSyntaxError, parseCronFields } from './cron-fields.ts';

export interface CronSchedule {
  /** The first time strictly after `after`, on a whole minute. */
  readonly next: (after: Date) => Date;
}

/**
 * Parses five fields, in UTC unless the text begins with `TZ=<name> `, for example `0 0 * * SAT`.
 * @param now any time: a schedule must come due at some time after it.
 * @throws CronSyntaxError with the host's text; also for a time zone that is not known, and for what never comes due, as
 * the 31st of February.
 */
export async function parseCronSchedule(text: string, now: Date): Promise<CronSchedule> {
  const fields = parseCronFields(text);
  const pattern = canonicalPattern(fields);
  const { Cron } = await import('croner');
  const next = (after: Date): Date => {
    const found = new Cron(pattern, { mode: '5-part', timezone: fields.timeZone }).nextRun(after);
    if (found === null) throw new CronSyntaxError('the schedule never comes due');
    return found;
  };
  next(now);
  return { next };
}

/** The fields written out, so that no dialect of the library's plays a part. */
function canonicalPattern(fields: CronFields): string {
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = fields;
  return [minutes, hours, daysOfMonth, months, daysOfWeek].map(writeField).join(' ');
}

/** @throws CronSyntaxError for a list of commas alone */
function writeField({ values, isEvery }: CronField): string {
  if (values.length === 0) throw new CronSyntaxError('the schedule never comes due');
  return isEvery ? '*' : values.join(',');
}
