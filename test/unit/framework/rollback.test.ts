import test from 'ava';
import { MultiError, StorageError } from '../../../src/errors.ts';
import { createFrameworkBackend, type BackendSpec } from '../../../src/framework/backend.ts';
import { putWal, type WalEntry } from '../../../src/framework/wal.ts';
import type { Request, Response } from '../../../src/logical/index.ts';
import type { JsonObject, JsonValue } from '../../../src/util/json.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { FakeRandom } from '../../helpers/fake-random.ts';
import { FakeSystemView } from '../../helpers/fake-system-view.ts';
import { MemoryStorage, strikeAt } from '../../helpers/memory-storage.ts';
import { makeRequest } from '../../helpers/requests.ts';
import { TestLogger } from '../../helpers/test-logger.ts';

class Mount {
  readonly storage = new MemoryStorage();
  readonly clock = new FakeClock();
  readonly logger = new TestLogger();
  readonly random = new FakeRandom();
  readonly systemView = new FakeSystemView();
  /** Kind and data of each entry that was rolled back, in order. */
  readonly undone: [string, JsonValue][] = [];

  async put(kind: string, data: JsonValue): Promise<string> {
    return putWal(this.storage, this, kind, data);
  }

  async tick(
    spec: Partial<BackendSpec> = {},
    data: JsonObject = {},
    signal?: AbortSignal,
  ): Promise<Response | undefined> {
    const walRollback = {
      rollback: async (entry: WalEntry): Promise<void> => {
        if (entry.data === 'fails') throw new Error('still there');
        this.undone.push([entry.kind, entry.data]);
      },
    };
    const backend = createFrameworkBackend({ help: '', paths: [], walRollback, ...spec }, this);
    const request: Request = makeRequest({
      operation: 'rollback',
      storage: this.storage,
      systemView: this.systemView,
      data,
    });
    return backend.handleRequest(signal === undefined ? request : { ...request, signal });
  }
}

test('tick: entries older than ten minutes: rolled back and forgotten, younger ones stay', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  await mount.clock.advance(1000);
  const young = await mount.put('app', 2);
  await mount.clock.advance(600_000);
  t.is(await mount.tick(), undefined);
  t.deepEqual(mount.undone, [['app', 1]]);
  t.deepEqual(mount.storage.keys(), [`wal/${young}`]);
  await mount.clock.advance(1000);
  await mount.tick();
  t.deepEqual(mount.storage.keys(), []);
});

test('tick: minimum age of the engine, or none at all when asked for at once', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  const noRollback = async (): Promise<void> => t.fail();
  await mount.clock.advance(29_000);
  await mount.tick({ walRollback: { minAgeSeconds: 30, rollback: noRollback } });
  t.is(mount.storage.keys().length, 1);
  await mount.tick({}, { immediate: false });
  t.deepEqual(mount.undone, [['app', 1]]);
});

test('tick: the mount is being removed: young entries too; the host does not tell: only old ones', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  mount.systemView.failure = new Error('no answer');
  t.is(await mount.tick(), undefined);
  t.deepEqual(mount.undone, []);
  mount.systemView.failure = undefined;
  mount.systemView.tainted = true;
  await mount.tick();
  t.deepEqual(mount.undone, [['app', 1]]);
});

test('tick: one entry fails: the others are rolled back, it stays, logged once and answered as an error', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  const failing = await mount.put('app', 'fails');
  await mount.put('group', 2);
  await mount.clock.advance(700_000);
  t.deepEqual(await mount.tick(), {
    data: { error: '1 error occurred:\n\t* error rolling back "app" entry: still there\n\n' },
  });
  t.deepEqual(mount.undone, [
    ['app', 1],
    ['group', 2],
  ]);
  t.deepEqual(mount.storage.keys(), [`wal/${failing}`]);
  t.deepEqual(mount.logger.lines, [
    {
      level: 'error',
      message: 'rollback of an unfinished operation failed, it will be tried again',
      fields: { wal_id: failing, error: 'error rolling back "app" entry: still there' },
    },
  ]);
});

test('tick: an unreadable entry: logged, the others go on', async (t) => {
  const mount = new Mount();
  mount.storage.writeJson('wal/00000000', 'nonsense');
  await mount.put('app', 1);
  await mount.clock.advance(700_000);
  await mount.tick();
  t.deepEqual(mount.undone, [['app', 1]]);
  t.deepEqual(mount.storage.keys(), ['wal/00000000']);
});

test('tick: the entry cannot be forgotten: kept for the next tick', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  await mount.clock.advance(700_000);
  mount.storage.hooks = strikeAt(1, 'fail', 'before', (call) => call.kind === 'delete');
  const response = await mount.tick();
  t.regex(JSON.stringify(response), /injected fault: delete wal\//);
  t.is(mount.storage.keys().length, 1);
});

test('tick: periodic work first; its failure does not keep entries from being rolled back', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  await mount.clock.advance(700_000);
  const periodic = async (): Promise<void> => {
    t.deepEqual(mount.undone, []);
    throw new Error('periodic broke');
  };
  await t.throwsAsync(mount.tick({ periodic }), {
    instanceOf: MultiError,
    message: '1 error occurred:\n\t* periodic broke\n\n',
  });
  t.deepEqual(mount.undone, [['app', 1]]);
});

test('tick: periodic work and the list of entries both fail: both are told', async (t) => {
  const mount = new Mount();
  mount.storage.hooks = strikeAt(1, 'fail', 'before', (call) => call.kind === 'list');
  const periodic = (): Promise<void> => Promise.reject(new Error('periodic broke'));
  await t.throwsAsync(mount.tick({ periodic }), { message: /^2 errors occurred:\n\t\* periodic broke\n\t\* injected/ });
});

test('tick: storage is read-only here: silence, and no work beyond the first refusal', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  await mount.put('app', 2);
  await mount.clock.advance(700_000);
  mount.storage.isReadOnly = true;
  const periodic = (): Promise<void> => Promise.reject(new StorageError('x: cannot write to readonly storage'));
  t.is(await mount.tick({ periodic }), undefined);
  t.deepEqual(mount.undone, [['app', 1]]);
  t.deepEqual(mount.logger.messages('error'), []);
});

test('tick: time is up: the rest waits for the next one', async (t) => {
  const mount = new Mount();
  await mount.put('app', 1);
  await mount.put('app', 2);
  await mount.clock.advance(700_000);
  const controller = new AbortController();
  const rollback = async (): Promise<void> => controller.abort();
  await mount.tick({ walRollback: { rollback } }, {}, controller.signal);
  t.is(mount.storage.keys().length, 1);
});

test('tick: periodic work of an engine without intents: runs', async (t) => {
  let count = 0;
  const backend = createFrameworkBackend({ help: '', paths: [], periodic: async () => void (count += 1) }, new Mount());
  t.is(await backend.handleRequest(makeRequest({ operation: 'rollback' })), undefined);
  t.is(count, 1);
});
