/** src/goplugin/lifecycle.ts */
import test from 'ava';
import { createLifecycle, type Lifecycle } from '../../../src/goplugin/lifecycle.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

function openLifecycle(): { lifecycle: Lifecycle; clock: FakeClock; events: unknown[] } {
  const clock = new FakeClock();
  const events: unknown[] = [];
  return { lifecycle: createLifecycle(clock, (status) => events.push(`exit ${status}`)), clock, events };
}

function addServer({ lifecycle, events }: { lifecycle: Lifecycle; events: unknown[] }, name = 'close'): void {
  lifecycle.onEnd({
    startEnd: (answer) => events.push(answer ?? 'no answer'),
    close: () => events.push(name),
  });
}

test('shutdown, server running, lets the answer out, closes, exits with 0', async (t) => {
  const opened = openLifecycle();
  addServer(opened);
  opened.lifecycle.shutDown();
  t.deepEqual(opened.events, ['no answer']);
  await opened.clock.advance(100);
  t.deepEqual(opened.events, ['no answer', 'close', 'exit 0']);
});

test('stop, calls waiting, answers them as unavailable first', async (t) => {
  const opened = openLifecycle();
  addServer(opened);
  opened.lifecycle.stop('the plugin is stopping');
  await opened.clock.advance(100);
  t.deepEqual(opened.events, [{ code: 14, details: 'the plugin is stopping' }, 'close', 'exit 0']);
});

test('crash, calls waiting, answers them as failed and exits with 1', async (t) => {
  const opened = openLifecycle();
  addServer(opened);
  opened.lifecycle.crash('boom');
  await opened.clock.advance(100);
  t.deepEqual(opened.events, [{ code: 13, details: 'plugin crashed: boom' }, 'close', 'exit 1']);
});

test('crash, nothing open yet, exits at once', (t) => {
  const { lifecycle, events } = openLifecycle();
  lifecycle.crash('boom');
  t.deepEqual(events, ['exit 1']);
});

test('end, asked for twice, happens once and as first asked', async (t) => {
  const opened = openLifecycle();
  addServer(opened);
  opened.lifecycle.shutDown();
  opened.lifecycle.crash('late');
  await opened.clock.advance(100);
  t.deepEqual(opened.events, ['no answer', 'close', 'exit 0']);
});

test('end, several things open, closes the latest first', async (t) => {
  const opened = openLifecycle();
  addServer(opened, 'first');
  addServer(opened, 'second');
  opened.lifecycle.shutDown();
  await opened.clock.advance(100);
  t.deepEqual(opened.events, ['no answer', 'no answer', 'second', 'first', 'exit 0']);
});
