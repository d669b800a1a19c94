import test from 'ava';
import fc from 'fast-check';
import {
  hasSchedule,
  isAutomated,
  lastRotation,
  nextAttempt,
  nextRotation,
  type RotationFields,
  startOfWait,
} from '../../../../src/engines/azure/root-schedule.ts';
import { EMPTY_CONFIG } from '../../../../src/engines/azure/model-config.ts';
import { newRotation } from '../../../../src/engines/azure/model-rotation.ts';

const HOUR_MS = 3600_000;
const at = (text: string): Date => new Date(text);

const fields = (given: Partial<RotationFields>): RotationFields => ({
  rotationSchedule: '',
  rotationWindowSeconds: 0,
  rotationPeriodSeconds: 0,
  disableAutomatedRotation: false,
  ...given,
});
const SATURDAYS = fields({ rotationSchedule: '0 0 * * SAT' });
const WITH_WINDOW = fields({ rotationSchedule: '0 0 * * SAT', rotationWindowSeconds: 2 * 3600 });

test('schedule, period or cron stored, is one; disabled, it is not in force', (t) => {
  t.false(hasSchedule(fields({})));
  for (const given of [{ rotationPeriodSeconds: 60 }, { rotationSchedule: '0 0 * * *' }]) {
    t.true(hasSchedule(fields(given)));
    t.true(isAutomated(fields(given)));
    t.false(isAutomated(fields({ ...given, disableAutomatedRotation: true })));
  }
});

test('period, counts from the last rotation', async (t) => {
  const since = at('2026-11-27T07:00:00Z');
  const config = fields({ rotationPeriodSeconds: 90 });
  t.deepEqual(await nextRotation(config, since, since), at('2026-11-27T07:01:30Z'));
  t.deepEqual(await nextRotation(config, since, at('2027-11-27T07:00:00Z')), at('2026-11-27T07:01:30Z'), 'overdue');
});

test('cron schedule, comes due at its first time after the last rotation, however late it is', async (t) => {
  const since = at('2026-11-27T07:00:00Z');
  t.deepEqual(await nextRotation(SATURDAYS, since, since), at('2026-11-28T00:00:00Z'));
  t.deepEqual(await nextRotation(SATURDAYS, since, at('2026-12-10T00:00:00Z')), at('2026-11-28T00:00:00Z'));
  t.deepEqual(await nextRotation(SATURDAYS, at('2026-11-28T00:00:00Z'), since), at('2026-12-05T00:00:00Z'));
});

test('cron schedule with a window, missed by as much, waits for the next time', async (t) => {
  const since = at('2026-11-27T07:00:00Z');
  for (const [now, next] of [
    ['2026-11-27T08:00:00Z', '2026-11-28T00:00:00Z'],
    ['2026-11-28T00:00:00Z', '2026-11-28T00:00:00Z'],
    ['2026-11-28T01:59:59Z', '2026-11-28T00:00:00Z'],
    ['2026-11-28T02:00:00Z', '2026-12-05T00:00:00Z'],
    ['2026-12-04T23:59:00Z', '2026-12-05T00:00:00Z'],
    ['2026-12-12T01:00:00Z', '2026-12-12T00:00:00Z'],
  ] as const) {
    t.deepEqual(await nextRotation(WITH_WINDOW, since, at(now)), at(next), now);
  }
});

test('both stored by another version, the schedule counts', async (t) => {
  const both = { ...SATURDAYS, rotationPeriodSeconds: 60 };
  const since = at('2026-11-27T07:00:00Z');
  t.deepEqual(await nextRotation(both, since, since), at('2026-11-28T00:00:00Z'));
});

test('next rotation, any schedule and times, is after the last one and, with a window, never longer ago than it', async (t) => {
  const anyMs = fc.integer({ min: 0, max: 400 * 24 }).map((hours) => hours * HOUR_MS + 1_234);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('0 0 * * SAT', '*/5 * * * *', '0 0 1 * *', '30 4 * * 1-5', '0 0 29 2 *'),
      fc.constantFrom(0, 3600, 86400),
      anyMs,
      anyMs,
      async (rotationSchedule, rotationWindowSeconds, sinceMs, laterMs) => {
        const since = new Date(Date.parse('2026-01-01T00:00:00Z') + sinceMs);
        const now = new Date(since.getTime() + laterMs);
        const next = await nextRotation(fields({ rotationSchedule, rotationWindowSeconds }), since, now);
        t.true(next > since);
        if (rotationWindowSeconds === 0) return;
        t.true(next.getTime() > now.getTime() - rotationWindowSeconds * 1000);
        const without = await nextRotation(fields({ rotationSchedule }), since, now);
        t.true(next >= without, 'a window gives up times, and adds none');
        if (without.getTime() > now.getTime() - rotationWindowSeconds * 1000) t.deepEqual(next, without);
      },
    ),
    { seed: 20260101, numRuns: 300 },
  );
});

test('last rotation, is that of the staged secret, else of the one in force if the engine made it', (t) => {
  const created = at('2026-01-01T00:00:00Z');
  const staged = { clientSecret: 's', keyId: 'k2', createdAt: at('2026-02-01T00:00:00Z'), expiresAt: undefined };
  const config = { ...EMPTY_CONFIG, clientSecretKeyId: 'k1', rootPasswordCreatedAt: created };
  t.is(lastRotation(EMPTY_CONFIG), undefined);
  t.deepEqual(lastRotation(config), created);
  t.deepEqual(lastRotation({ ...config, staged }), staged.createdAt);
  t.is(lastRotation({ ...config, clientSecretKeyId: '' }), undefined, 'an operator has written another one');
  t.deepEqual(startOfWait(config, newRotation('plugin', at('2026-03-01T00:00:00Z'))), at('2026-03-01T00:00:00Z'));
  t.deepEqual(startOfWait(config, newRotation('plugin', at('2025-03-01T00:00:00Z'))), created);
});

test('next attempt, after failures in a row, waits twice as long each time, an hour at the most', (t) => {
  const now = at('2026-01-01T00:00:00Z');
  const minutes = [1, 2, 3, 6, 7, 8, 500].map(
    (failures) => (nextAttempt(failures, now).getTime() - now.getTime()) / 60_000,
  );
  t.deepEqual(minutes, [1, 2, 4, 32, 60, 60, 60]);
});
