/** Static roles, killed at every outside call of what happens to their secret. */
import test from 'ava';
import type { StartedEmulator } from '../emulator/index.ts';
import { type KillScenario, nothing, runKillMatrix } from './_crash.ts';
import type { FakeMount } from './_mount.ts';

const MINUTE_MS = 60_000;

const create = async (mount: FakeMount, emulator: StartedEmulator): Promise<void> => {
  await mount.write('static-roles/app', {
    application_object_id: emulator.applications[0]?.id,
    rotation_period: '720h',
  });
};

const tick = (mount: FakeMount): Promise<unknown> => mount.request({ operation: 'rollback', path: '' });

/** Moves times of the stored secrets, as if the role were older, and tells the plugin. */
async function age(mount: FakeMount, change: (creds: Record<string, unknown>) => object): Promise<void> {
  const key = 'static-creds/app';
  const creds = JSON.parse(mount.storage.get(key)?.toString() ?? '{}') as Record<string, unknown>;
  mount.storage.set(key, Buffer.from(JSON.stringify({ ...creds, ...change(creds) })));
  await mount.invalidateKey(key);
}

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * MINUTE_MS).toISOString();

const creation: KillScenario<undefined> = {
  prepare: nothing,
  act: (mount, _prepared, emulator) => create(mount, emulator),
};
const rotation: KillScenario<void> = { prepare: create, act: (mount) => mount.write('rotate-role/app') };
const deletion: KillScenario<void> = {
  prepare: create,
  act: (mount) => mount.request({ operation: 'delete', path: 'static-roles/app' }),
};
const staging: KillScenario<void> = { prepare: create, act: tick };
const promotion: KillScenario<void> = {
  prepare: async (mount, emulator) => {
    await create(mount, emulator);
    await tick(mount);
    await age(mount, ({ staged }) => ({
      expiration: inMinutes(-1),
      staged: { ...(staged as object), period_starts_at: inMinutes(-1), handed_out_from: inMinutes(-6) },
    }));
  },
  act: tick,
};
const replacement: KillScenario<void> = {
  prepare: async (mount, emulator) => {
    await create(mount, emulator);
    await age(mount, () => ({ expiration: inMinutes(2) }));
  },
  act: tick,
};
/** The secret to import is on the application already; the engine replaces it at once. */
const rotatingImport: KillScenario<string> = {
  prepare: async (_mount, emulator) => {
    const [application] = emulator.applications;
    const found = emulator.tenant().applications.find(({ id }) => id === application?.id);
    const [password] = found?.passwords ?? [];
    return Promise.resolve(password?.keyId ?? '');
  },
  act: (mount, secretId, emulator) =>
    mount.write('static-roles/app/import', {
      application_object_id: emulator.applications[0]?.id,
      secret_id: secretId,
      rotation_period: '720h',
    }),
};

test('static role, creation killed at any call, keeps every password in its records', (t) =>
  runKillMatrix(t, creation));
test('static role, rotate-role killed at any call, keeps every password in its records', (t) =>
  runKillMatrix(t, rotation));
test('static role, deletion killed at any call, keeps every password in its records', (t) =>
  runKillMatrix(t, deletion));
test('static role, staging killed at any call, keeps every password in its records', (t) => runKillMatrix(t, staging));
test('static role, promotion killed at any call, keeps every password in its records', (t) =>
  runKillMatrix(t, promotion));
test('static role, late replacement killed at any call, keeps every password in its records', (t) =>
  runKillMatrix(t, replacement));
test('static role, rotation on import killed at any call, keeps every password in its records', (t) =>
  runKillMatrix(t, rotatingImport));
