/** The fakes must behave as the interfaces promise, else every test that uses them proves nothing. */
import test from 'ava';
import { StorageError } from '../../../src/errors.ts';
import { FakeClock, nextTurn } from '../../helpers/fake-clock.ts';
import { FakeRandom } from '../../helpers/fake-random.ts';
import { MemoryStorage, strikeAt } from '../../helpers/memory-storage.ts';

const value = new TextEncoder().encode('{"a":1}');

test('memory storage: put, get, list, delete: what was written comes back, folders end in a slash', async (t) => {
  const storage = new MemoryStorage();
  await storage.put({ storageKey: 'roles/b', value });
  await storage.put({ storageKey: 'roles/a/x', value });
  await storage.put({ storageKey: 'roles/a/y', value });
  await storage.put({ storageKey: 'config', value });
  t.deepEqual(await storage.list(''), ['config', 'roles/']);
  t.deepEqual(await storage.list('roles/'), ['a/', 'b']);
  t.deepEqual(await storage.list('none/'), []);
  t.deepEqual(storage.readJson('config'), { a: 1 });
  await storage.delete('config');
  await storage.delete('config');
  t.is(await storage.get('config'), undefined);
  await t.throwsAsync(storage.list('roles'), { instanceOf: StorageError });
  await t.throwsAsync(storage.get('a/../b'), { message: 'relative paths not supported' });
});

test('memory storage: a stored or returned buffer changed later: the stored value stays', async (t) => {
  const storage = new MemoryStorage();
  const mine = value.slice();
  await storage.put({ storageKey: 'k', value: mine });
  mine.fill(0);
  (await storage.get('k'))?.value.fill(0);
  t.deepEqual((await storage.get('k'))?.value, value);
});

test('memory storage: read-only: reads work, writes carry the text that hosts forward on', async (t) => {
  const storage = new MemoryStorage();
  storage.isReadOnly = true;
  t.is(await storage.get('k'), undefined);
  await t.throwsAsync(storage.put({ storageKey: 'k', value }), { message: 'cannot write to readonly storage' });
});

test('memory storage: a fault before and after the second put: not stored, stored', async (t) => {
  for (const [when, isStored] of [
    ['before', false],
    ['after', true],
  ] as const) {
    const storage = new MemoryStorage(strikeAt(2, 'fail', when, (call) => call.kind === 'put'));
    await storage.put({ storageKey: 'a', value });
    await t.throwsAsync(storage.put({ storageKey: 'b', value }), { instanceOf: StorageError });
    await storage.put({ storageKey: 'c', value });
    t.is(storage.keys().includes('b'), isStored);
  }
});

test('memory storage: frozen at the first operation: nothing answers any more, a fork works', async (t) => {
  const storage = new MemoryStorage(strikeAt(1, 'freeze', 'after'));
  let answers = 0;
  void storage.put({ storageKey: 'a', value }).then(() => (answers += 1));
  await nextTurn();
  void storage.get('a').then(() => (answers += 1));
  await nextTurn();
  t.is(answers, 0);
  t.deepEqual((await storage.fork().get('a'))?.value, value);
});

test('fake clock: advance: timers and sleeps fire in order at their times', async (t) => {
  const clock = new FakeClock();
  const startMs = clock.now().getTime();
  const seen: string[] = [];
  const note = (name: string): void => void seen.push(`${name}@${clock.now().getTime() - startMs}`);
  clock.after(30, () => note('timer'));
  const stop = clock.after(15, () => note('stopped'));
  stop();
  void (async () => {
    await clock.sleep(10);
    note('first');
    await clock.sleep(10);
    note('second');
  })();
  await clock.advance(100);
  t.deepEqual(seen, ['first@10', 'second@20', 'timer@30']);
  t.is(clock.now().getTime() - startMs, 100);
});

test('fake clock: sleep aborted: rejects with the reason and leaves no timer', async (t) => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(1000, controller.signal);
  controller.abort(new Error('stop'));
  await t.throwsAsync(sleeping, { message: 'stop' });
  t.is(clock.pendingCount, 0);
  await t.throwsAsync(clock.sleep(1, controller.signal), { message: 'stop' });
});

test('fake clock: auto-advancing: sleeps end by themselves and time has passed', async (t) => {
  const clock = new FakeClock({ isAutoAdvancing: true });
  const startMs = clock.now().getTime();
  await clock.sleep(5000);
  t.is(clock.now().getTime() - startMs, 5000);
});

test('fake random: uuid: distinct, well-formed and the same in every run', (t) => {
  const random = new FakeRandom();
  t.is(random.uuid(), '00000000-0000-4000-8000-000000000001');
  t.is(random.uuid(), '00000000-0000-4000-8000-000000000002');
});
