import test from 'ava';
import { InternalError } from '../../../src/errors.ts';
import { deleteWal, getWal, listWal, putWal } from '../../../src/framework/wal.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { FakeRandom } from '../../helpers/fake-random.ts';
import { MemoryStorage } from '../../helpers/memory-storage.ts';

const dependencies = {
  clock: new FakeClock({ startAt: new Date('2026-01-01T00:00:00.900Z') }),
  random: new FakeRandom(),
};

test('intent: written, listed, read, forgotten: in the form that Go plugins read', async (t) => {
  const storage = new MemoryStorage();
  const id = await putWal(storage, dependencies, 'application', { app_id: '1', list: [1, null] });
  t.deepEqual(storage.readJson(`wal/${id}`), {
    type: 'application',
    data: { app_id: '1', list: [1, null] },
    created_at: 1_767_225_600,
  });
  t.deepEqual(await listWal(storage), [id]);
  t.deepEqual(await getWal(storage, id), {
    id,
    kind: 'application',
    data: { app_id: '1', list: [1, null] },
    createdAt: new Date('2026-01-01T00:00:00Z'),
  });
  await deleteWal(storage, id);
  t.is(await getWal(storage, id), undefined);
  t.deepEqual(await listWal(storage), []);
});

test('intent of a Go plugin: no data: read as null', async (t) => {
  const storage = new MemoryStorage();
  storage.writeJson('wal/a', '{"type":"k","data":null,"created_at":1767225600}\n');
  t.like(await getWal(storage, 'a'), { kind: 'k', data: null });
});

test('intent that cannot be read: the error names the record, not its content', async (t) => {
  const storage = new MemoryStorage();
  for (const text of ['', 's3ntinel', '[]', '{"type":1,"created_at":1}', '{"type":"s3ntinel"}']) {
    storage.writeJson('wal/a', text);
    await t.throwsAsync(getWal(storage, 'a'), {
      instanceOf: InternalError,
      message: 'stored record wal/a is unreadable',
    });
  }
});
