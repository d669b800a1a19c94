import test from 'ava';
import { CancelledError } from '../../../src/errors.ts';
import { KeyedLock } from '../../../src/util/keyed-lock.ts';

/** Work that ends when the test says so. */
function openWork(): { readonly work: () => Promise<string>; readonly end: (result: string) => void } {
  let end: (result: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  return { work: () => ended, end };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('lock: work of one key runs one after the other in order of arrival, other keys do not wait', async (t) => {
  const lock = new KeyedLock();
  const log: string[] = [];
  const first = openWork();
  const note = (name: string) => async (): Promise<void> => void log.push(name);
  const running = [lock.run('a', first.work), lock.run('a', note('a2')), lock.run('a', note('a3'))];
  await lock.run('b', note('b'));
  t.deepEqual(log, ['b']);
  t.true(lock.isHeld('a'));
  first.end('');
  await Promise.all(running);
  t.deepEqual(log, ['b', 'a2', 'a3']);
  await turn();
  t.false(lock.isHeld('a'));
});

test('lock: work that failed lets the next one in', async (t) => {
  const lock = new KeyedLock();
  const failed = lock.run('a', () => Promise.reject(new Error('no')));
  await t.throwsAsync(failed, { message: 'no' });
  t.is(await lock.run('a', async () => 'in'), 'in');
});

test('lock: who gives up waiting leaves at once, its work never runs, and the order of the others stays', async (t) => {
  const lock = new KeyedLock();
  const log: string[] = [];
  const first = openWork();
  const leaving = new AbortController();
  const running = lock.run('a', first.work);
  const left = lock.run('a', async () => void log.push('left'), leaving.signal);
  const last = lock.run('a', async () => void log.push('last'));
  leaving.abort(new CancelledError('gone'));
  await t.throwsAsync(left, { instanceOf: CancelledError, message: 'gone' });
  await turn();
  t.deepEqual(log, []);
  first.end('');
  await Promise.all([running, last]);
  t.deepEqual(log, ['last']);
});

test('lock: who has left before does not get in', async (t) => {
  const lock = new KeyedLock();
  const error = await t.throwsAsync(
    lock.run('a', async () => 'in', AbortSignal.abort(new CancelledError())),
    { instanceOf: CancelledError },
  );
  t.is(error.message, 'request cancelled');
  t.is(await lock.run('a', async () => 'in'), 'in');
});
