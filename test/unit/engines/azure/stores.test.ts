import test from 'ava';
import { EMPTY_ROLE } from '../../../../src/engines/azure/model-role.ts';
import { createStores } from '../../../../src/engines/azure/stores.ts';
import { MemoryStorage } from '../../../helpers/memory-storage.ts';

const gets = (storage: MemoryStorage): number => storage.calls.filter((call) => call.kind === 'get').length;

test('stores: a record is read from storage once, absence too', async (t) => {
  const storage = new MemoryStorage();
  const { roles } = createStores();
  t.is(await roles.get(storage, 'x'), undefined);
  t.is(await roles.get(storage, 'x'), undefined);
  t.is(gets(storage), 1);
});

test('stores: an own write shows at the next read', async (t) => {
  const storage = new MemoryStorage();
  const { roles } = createStores();
  await roles.get(storage, 'x');
  await roles.put(storage, 'x', { ...EMPTY_ROLE, ttlSeconds: 60 });
  t.is((await roles.get(storage, 'x'))?.ttlSeconds, 60);
  await roles.delete(storage, 'x');
  t.is(await roles.get(storage, 'x'), undefined);
});

test('stores: a write whose answer was lost shows too', async (t) => {
  const storage = new MemoryStorage();
  const { roles } = createStores();
  await roles.get(storage, 'x');
  storage.hooks = {
    afterOperation: (kind) => {
      if (kind === 'put') throw new Error('lost');
    },
  };
  await t.throwsAsync(roles.put(storage, 'x', { ...EMPTY_ROLE, ttlSeconds: 60 }), { message: 'lost' });
  t.is((await roles.get(storage, 'x'))?.ttlSeconds, 60);
});

test('stores: a read that was under way when the record changed does not bring the old one back', async (t) => {
  const storage = new MemoryStorage();
  const { roles } = createStores();
  await roles.put(storage, 'x', { ...EMPTY_ROLE, ttlSeconds: 1 });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  storage.hooks = { afterOperation: (kind) => (kind === 'get' ? held : undefined) };
  const early = roles.get(storage, 'x');
  await new Promise((resolve) => setImmediate(resolve));
  await roles.put(storage, 'x', { ...EMPTY_ROLE, ttlSeconds: 2 });
  release();
  t.is((await early)?.ttlSeconds, 1);
  t.is((await roles.get(storage, 'x'))?.ttlSeconds, 2);
});
