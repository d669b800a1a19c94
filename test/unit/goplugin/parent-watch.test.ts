/** src/goplugin/parent-watch.ts */
import test from 'ava';
import { watchParent } from '../../../src/goplugin/parent-watch.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

test('parent watch, parent changes, tells once and within ten seconds', async (t) => {
  const clock = new FakeClock();
  let parentPid = 1;
  let calls = 0;
  watchParent(
    () => parentPid,
    clock,
    () => (calls += 1),
  );
  await clock.advance(60_000);
  t.is(calls, 0, 'a parent with id 1 is fine as long as it stays');
  parentPid = 77;
  await clock.advance(9_000);
  t.is(calls, 1);
  await clock.advance(60_000);
  t.is(calls, 1);
});

test('parent watch, stopped, leaves no timer', async (t) => {
  const clock = new FakeClock();
  const stop = watchParent(
    () => 5,
    clock,
    () => t.fail(),
  );
  await clock.advance(4_000);
  stop();
  t.is(clock.pendingCount, 0);
});
