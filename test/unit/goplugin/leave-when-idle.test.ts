/** src/goplugin/leave-when-idle.ts */
import test from 'ava';
import { leaveWhenIdle } from '../../../src/goplugin/leave-when-idle.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

function open(pending: () => number): { clock: FakeClock; countStops: () => number } {
  const clock = new FakeClock();
  let stops = 0;
  leaveWhenIdle(pending, clock, () => (stops += 1));
  return { clock, countStops: () => stops };
}

test('leaving, nothing to do, waits five seconds for Shutdown', async (t) => {
  const { clock, countStops } = open(() => 0);
  await clock.advance(4_999);
  t.is(countStops(), 0);
  await clock.advance(1);
  t.is(countStops(), 1);
});

test('leaving, calls running, waits for their end', async (t) => {
  let pending = 2;
  const { clock, countStops } = open(() => pending);
  await clock.advance(20_000);
  t.is(countStops(), 0);
  pending = 0;
  await clock.advance(250);
  t.is(countStops(), 1);
  await clock.advance(60_000);
  t.is(countStops(), 1);
});

test('leaving, never idle, goes all the same in the end', async (t) => {
  const { clock, countStops } = open(() => 1);
  await clock.advance(34_000);
  t.is(countStops(), 0);
  await clock.advance(2_000);
  t.is(countStops(), 1);
});
