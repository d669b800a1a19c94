/** Roles that own an application (`persist_app`), killed at every outside call of what happens to it. */
import test from 'ava';
import type { StartedEmulator } from '../emulator/index.ts';
import { type KillScenario, nothing, runKillMatrix } from './_crash.ts';
import type { FakeMount } from './_mount.ts';

const HOUR_MS = 3_600_000;

const azureRoles = ({ subscriptionId }: StartedEmulator, ...names: readonly string[]): string =>
  JSON.stringify(names.map((name) => ({ role_name: name, scope: `/subscriptions/${subscriptionId}` })));

const create = async (mount: FakeMount, emulator: StartedEmulator): Promise<void> => {
  await mount.write('roles/own', {
    persist_app: true,
    azure_roles: azureRoles(emulator, 'Reader'),
    azure_groups: JSON.stringify([{ object_id: emulator.groups[0]?.id }]),
    ttl: '1h',
  });
};

const creation: KillScenario<undefined> = {
  prepare: nothing,
  act: (mount, _prepared, emulator) => create(mount, emulator),
};
const change: KillScenario<void> = {
  prepare: create,
  act: (mount, _prepared, emulator) =>
    mount.write('roles/own', {
      azure_roles: azureRoles(emulator, 'Contributor'),
      azure_groups: JSON.stringify([{ object_id: emulator.groups[1]?.id }]),
    }),
};
const switchingOff: KillScenario<void> = {
  prepare: create,
  act: (mount) => mount.write('roles/own', { persist_app: false }),
};
const deletion: KillScenario<void> = {
  prepare: create,
  act: (mount) => mount.request({ operation: 'delete', path: 'roles/own' }),
};
/** Switched off an hour ago, and nobody has a password of it any more. */
const removal: KillScenario<void> = {
  prepare: async (mount, emulator) => {
    await create(mount, emulator);
    await switchingOff.act(mount, undefined, emulator);
    for (const key of [...mount.storage.keys()].filter((name) => name.startsWith('retired/'))) {
      const record = JSON.parse(mount.storage.get(key)?.toString() ?? '{}') as object;
      const createdAt = new Date(Date.now() - HOUR_MS).toISOString();
      mount.storage.set(key, Buffer.from(JSON.stringify({ ...record, created_at: createdAt })));
      await mount.invalidateKey(key);
    }
  },
  act: (mount) => mount.request({ operation: 'rollback', path: '' }),
};

test('persisted application, creation killed at any call, belongs to its role or is gone', (t) =>
  runKillMatrix(t, creation));
test('persisted application, change of its rights killed at any call, has what its role says', (t) =>
  runKillMatrix(t, change));
test('persisted application, switched off and killed at any call, is remembered or gone', (t) =>
  runKillMatrix(t, switchingOff));
test('persisted application, deletion killed at any call, belongs to its role or is gone', (t) =>
  runKillMatrix(t, deletion));
test('persisted application, removal when it is not used any more killed at any call, is remembered or gone', (t) =>
  runKillMatrix(t, removal));
