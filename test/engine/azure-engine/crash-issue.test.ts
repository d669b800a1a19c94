/** The crash matrix of credentials that take more calls than the plain ones, and of the ways around Azure's refusals. */
import test from 'ava';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld, type Lease } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';

async function setUp(fields: (world: EngineWorld) => JsonObject) {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  await engine.request('create', 'roles/app', fields(world));
  await world.stopProcesses();
  return { world, storage: world.storage.fork(), remaining: world.objects() };
}

/** Two assignments, two groups, purged in the end. */
function richRole(world: EngineWorld): JsonObject {
  const { subscriptionId, resourceGroups, groups } = world.emulator;
  return {
    ...world.dynamicRole(),
    azure_roles: resourceGroups.map((name) => ({
      role_name: 'Reader',
      scope: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    })),
    azure_groups: groups.map(({ id }) => ({ object_id: id })),
    permanently_delete: true,
  };
}

const issues = {
  prepare: async () => undefined,
  run: (engine: EngineProcess) => engine.issue('app'),
  conclude: async (engine: EngineProcess, _prepared: unknown, lease: Lease | undefined) => {
    if (lease !== undefined) await engine.revoke(lease);
  },
};

const isInBin = (world: EngineWorld): string[] => world.emulator.tenant().deletedItems.map(({ id }) => id);

test('creds with several roles and groups, to be purged: nothing stays, not in the recycle bin either', async (t) => {
  const setting = await setUp(richRole);
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, {
    ...setting,
    ...issues,
    check: async (_t, _engine, where) => void t.deepEqual(isInBin(setting.world), [], `${where}: recycle bin`),
  });
});

test('revoke of such a credential: the same', async (t) => {
  const setting = await setUp(richRole);
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: (engine) => engine.issue('app'),
    run: async (engine, lease) => {
      await engine.revoke(lease);
      return true;
    },
    conclude: async (engine, lease, isDone) => {
      if (isDone === undefined) await engine.revoke(lease);
    },
    check: async (_t, _engine, where) => void t.deepEqual(isInBin(setting.world), [], `${where}: recycle bin`),
  });
});

for (const creationPasswords of ['refused', 'lost', 'defaultEnd'] as const) {
  test(`creds in a tenant whose passwords at creation are ${creationPasswords}: nothing stays`, async (t) => {
    const setting = await setUp((world) => world.dynamicRole());
    t.teardown(() => setting.world.stop());
    await runCrashMatrix(t, {
      ...setting,
      ...issues,
      prepare: async () => void setting.world.emulator.changeSettings({ creationPasswords }),
    });
  });
}

test('creds whose application was made twice, since an answer was lost: neither stays', async (t) => {
  const setting = await setUp((world) => world.dynamicRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, {
    ...setting,
    ...issues,
    prepare: async () => {
      setting.world.emulator.addFault({ match: { method: 'POST', path: '/applications$' }, answer: 'after' });
      // The look for it meets a replica that does not know it yet.
      setting.world.emulator.addFault({
        match: { method: 'GET', path: '/applications$' },
        answer: { status: 200, body: { value: [] } },
      });
    },
  });
});

test('creds of an existing application whose password was made twice, since an answer was lost: neither stays', async (t) => {
  const setting = await setUp((world) => world.existingRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, {
    ...setting,
    ...issues,
    prepare: async () =>
      void setting.world.emulator.addFault({ match: { method: 'POST', path: 'addPassword' }, answer: 'after' }),
  });
});

test('creds that Azure refuses at the end: what was made is taken back whatever happens then', async (t) => {
  const setting = await setUp((world) => world.dynamicRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, {
    ...setting,
    ...issues,
    run: async (engine) => {
      await engine.issue('app').catch(() => undefined);
      await engine.settle();
      return undefined;
    },
    prepare: async () =>
      void setting.world.emulator.addFault({
        match: { method: 'PUT', path: 'roleAssignments' },
        times: null,
        answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
      }),
  });
});
