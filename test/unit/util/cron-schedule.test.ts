import test from 'ava';
import fc from 'fast-check';
import { CronSyntaxError, parseCronFields } from '../../../src/util/cron-fields.ts';
import { parseCronSchedule } from '../../../src/util/cron-schedule.ts';

const NOW = new Date('2026-11-27T07:00:00.500Z');
const MINUTE_MS = 60_000;

/** What robfig/cron v3.0.1 answers to each, from `NOW` on. */
const TAKEN: readonly (readonly [schedule: string, next: readonly string[]])[] = [
  ['0 0 * * SAT', ['2026-11-28T00:00', '2026-12-05T00:00', '2026-12-12T00:00']],
  ['*/15 8-18 1,15 * ?', ['2026-12-01T08:00', '2026-12-01T08:15', '2026-12-01T08:30']],
  ['5/20 * * * *', ['2026-11-27T07:05', '2026-11-27T07:25', '2026-11-27T07:45']],
  ['0 0 1 JAN,jul *', ['2027-01-01T00:00', '2027-07-01T00:00', '2028-01-01T00:00']],
  ['0 12 * * mon-Fri', ['2026-11-27T12:00', '2026-11-30T12:00', '2026-12-01T12:00']],
  ['0 0 */2 * MON', ['2026-11-29T00:00', '2026-11-30T00:00', '2026-12-01T00:00']],
  ['0 0 */1 * MON', ['2026-11-30T00:00', '2026-12-07T00:00', '2026-12-14T00:00']],
  ['0 0 1-31 * MON', ['2026-11-28T00:00', '2026-11-29T00:00', '2026-11-30T00:00']],
  ['0 0 13 * 5', ['2026-12-04T00:00', '2026-12-11T00:00', '2026-12-13T00:00']],
  ['0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
  ['1,,2 0 * * *', ['2026-11-28T00:01', '2026-11-28T00:02', '2026-11-29T00:01']],
  ['*-5 0 * * *', ['2026-11-28T00:00', '2026-11-28T00:01', '2026-11-28T00:02']],
  ['+5 007 * * *', ['2026-11-27T07:05', '2026-11-28T07:05', '2026-11-29T07:05']],
  ['*/100 3 * * *', ['2026-11-28T03:00', '2026-11-29T03:00', '2026-11-30T03:00']],
  ['  0\t6 * * *  ', ['2026-11-28T06:00', '2026-11-29T06:00', '2026-11-30T06:00']],
  ['TZ=Europe/Berlin 30 6 * * *', ['2026-11-28T05:30', '2026-11-29T05:30', '2026-11-30T05:30']],
  ['CRON_TZ=UTC 0 0 * * 0', ['2026-11-29T00:00', '2026-12-06T00:00', '2026-12-13T00:00']],
  ['TZ= 0 0 * * *', ['2026-11-28T00:00', '2026-11-29T00:00', '2026-11-30T00:00']],
];

/** What robfig/cron v3.0.1 says of each. */
const REFUSED: readonly (readonly [schedule: string, text: string])[] = [
  ['', 'empty spec string'],
  [' ', 'expected exactly 5 fields, found 0: []'],
  ['@daily', 'parser does not accept descriptors: @daily'],
  ['@every 1h', 'parser does not accept descriptors: @every 1h'],
  ['every sunday', 'expected exactly 5 fields, found 2: [every sunday]'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['0 0 0 * * *', 'expected exactly 5 fields, found 6: [0 0 0 * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* 24 * * *', 'end of range (24) above maximum (23): 24'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * 32 * *', 'end of range (32) above maximum (31): 32'],
  ['* * * 13 *', 'end of range (13) above maximum (12): 13'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['* * * * SUNDAY', 'failed to parse int from SUNDAY: strconv.Atoi: parsing "SUNDAY": invalid syntax'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['*/-5 * * * *', 'negative number (-5) not allowed: -5'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['*/2/3 * * * *', 'too many slashes: */2/3'],
  ['-5 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['1.5 * * * *', 'failed to parse int from 1.5: strconv.Atoi: parsing "1.5": invalid syntax'],
  ['L * * * *', 'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax'],
  ['* * 15W * *', 'failed to parse int from 15W: strconv.Atoi: parsing "15W": invalid syntax'],
  ['* * * * 5#2', 'failed to parse int from 5#2: strconv.Atoi: parsing "5#2": invalid syntax'],
  ['*/x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
  ['TZ=Nope 0 0 * * *', 'provided bad location Nope: unknown time zone Nope'],
];

for (const [schedule, expected] of TAKEN) {
  test(`cron, ${JSON.stringify(schedule)}, comes due when the host's parser says`, async (t) => {
    const { next } = await parseCronSchedule(schedule, NOW);
    let at = NOW;
    for (const time of expected) {
      at = next(at);
      t.is(at.toISOString(), `${time}:00.000Z`);
    }
  });
}

for (const [schedule, message] of REFUSED) {
  test(`cron, ${JSON.stringify(schedule)}, is refused with the host's text`, async (t) => {
    await t.throwsAsync(parseCronSchedule(schedule, NOW), { instanceOf: CronSyntaxError, message });
  });
}

for (const schedule of ['0 0 31 2 *', '0 0 30,31 2 *', ', * * * *']) {
  test(`cron, ${JSON.stringify(schedule)} which never comes due, is refused`, async (t) => {
    await t.throwsAsync(parseCronSchedule(schedule, NOW), { message: 'the schedule never comes due' });
  });
}

test('cron, a time zone without fields, is refused and nothing breaks', async (t) => {
  await t.throwsAsync(parseCronSchedule('TZ=UTC', NOW), { message: 'expected exactly 5 fields, found 0: []' });
});

test('cron, summer time, moves with the zone that the schedule names', async (t) => {
  const { next } = await parseCronSchedule('TZ=Europe/Berlin 0 12 * * *', NOW);
  t.is(next(new Date('2027-03-27T12:00:00Z')).toISOString(), '2027-03-28T10:00:00.000Z');
});

/** One field of the dialect, with values within `min` and `max`. */
function anyField(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const span = fc.tuple(value, value).map((ends) => `${Math.min(...ends)}-${Math.max(...ends)}`);
  const part = fc.oneof(
    fc.constantFrom('*', '?'),
    value.map(String),
    span,
    fc
      .tuple(fc.oneof(fc.constant('*'), value.map(String), span), fc.integer({ min: 1, max: 12 }))
      .map(([from, step]) => `${from}/${step}`),
  );
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
}

const anySchedule = fc
  .tuple(anyField(0, 59), anyField(0, 23), anyField(1, 28), anyField(1, 12), anyField(0, 6))
  .map((fields) => fields.join(' '));

/** By definition, minute by minute. */
function isDue(schedule: string, at: Date): boolean {
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = parseCronFields(schedule);
  const isDay = daysOfMonth.values.includes(at.getUTCDate());
  const isWeekday = daysOfWeek.values.includes(at.getUTCDay());
  const mustBothMatch = daysOfMonth.isEvery || daysOfWeek.isEvery;
  return (
    minutes.values.includes(at.getUTCMinutes()) &&
    hours.values.includes(at.getUTCHours()) &&
    months.values.includes(at.getUTCMonth() + 1) &&
    (mustBothMatch ? isDay && isWeekday : isDay || isWeekday)
  );
}

test('cron, any schedule, comes due at a minute that it names and at none before it', async (t) => {
  await fc.assert(
    fc.asyncProperty(anySchedule, fc.integer({ min: 0, max: 366 * 24 * 60 }), async (schedule, startMinute) => {
      const start = new Date(Date.parse('2027-01-01T00:00:00Z') + startMinute * MINUTE_MS);
      const found = (await parseCronSchedule(schedule, start)).next(start);
      t.true(isDue(schedule, found), `${schedule} after ${start.toISOString()}: ${found.toISOString()}`);
      t.is(found.getTime() % MINUTE_MS, 0);
      const lookedAt = Math.min(found.getTime(), start.getTime() + 3 * 24 * 60 * MINUTE_MS);
      for (let at = start.getTime() + MINUTE_MS; at < lookedAt; at += MINUTE_MS) {
        if (isDue(schedule, new Date(at))) t.fail(`${schedule} after ${start.toISOString()}: missed ${at}`);
      }
    }),
    { seed: 20260101, numRuns: 150 },
  );
});

test('cron, any text, is parsed or refused, and nothing else', async (t) => {
  const anyText = fc.oneof(fc.string(), fc.stringMatching(/^([-*?/,0-9a-zA-Z]{1,6} ){4}[-*?/,0-9a-zA-Z]{1,6}$/));
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const outcome = await parseCronSchedule(text, NOW).catch((error: unknown) => error);
      t.true(outcome instanceof CronSyntaxError || (outcome as { next(after: Date): Date }).next(NOW) > NOW, text);
    }),
    { seed: 20260101, numRuns: 500 },
  );
});
