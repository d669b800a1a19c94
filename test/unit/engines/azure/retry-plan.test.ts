import test from 'ava';
import { RetryPlan } from '../../../../src/engines/azure/retry-plan.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const at = (minutes: number): Date => new Date(START_MS + minutes * 60_000);

test('retry plan: what never failed is due', (t) => {
  t.true(new RetryPlan().isDue('x', at(0)));
});

test('retry plan: each failure doubles the pause, up to the longest', (t) => {
  const plan = new RetryPlan(4 * 60_000);
  const pauses: number[] = [];
  let minute = 0;
  for (let failure = 0; failure < 5; failure++) {
    plan.noteFailure('x', at(minute));
    let pause = 0;
    while (!plan.isDue('x', at(minute + pause))) pause++;
    pauses.push(pause);
    minute += pause;
  }
  t.deepEqual(pauses, [1, 2, 4, 4, 4]);
  t.true(plan.isDue('y', at(0)));
});

test('retry plan: a success, or being gone, forgets the failures', (t) => {
  const plan = new RetryPlan();
  for (const id of ['x', 'y', 'z']) plan.noteFailure(id, at(0));
  plan.noteSuccess('x');
  plan.keepOnly(['z']);
  t.deepEqual(
    ['x', 'y', 'z'].map((id) => plan.isDue(id, at(0))),
    [true, true, false],
  );
});

test('retry plan: a failure noted while the clock was ahead does not wait for that time', (t) => {
  const plan = new RetryPlan();
  plan.noteFailure('x', at(100_000));
  t.true(plan.isDue('x', at(0)));
  plan.noteFailure('x', at(0));
  t.false(plan.isDue('x', at(1)));
});
