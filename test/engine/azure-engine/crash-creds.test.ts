import test from 'ava';
import { EngineWorld, type EngineProcess, type Lease } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';

async function setUp(roleFields: (world: EngineWorld) => Parameters<EngineProcess['request']>[2]) {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  await engine.request('create', 'roles/app', roleFields(world));
  await world.stopProcesses();
  return { world, storage: world.storage.fork(), remaining: world.objects() };
}

const issues = {
  prepare: async () => undefined,
  run: (engine: EngineProcess) => engine.issue('app'),
  conclude: async (engine: EngineProcess, _prepared: unknown, lease: Lease | undefined) => {
    if (lease !== undefined) await engine.revoke(lease);
  },
};

const revokes = {
  prepare: (engine: EngineProcess) => engine.issue('app'),
  run: async (engine: EngineProcess, lease: Lease) => {
    await engine.revoke(lease);
    return true;
  },
  /** The host repeats a revocation that was not answered. */
  conclude: async (engine: EngineProcess, lease: Lease, isDone: boolean | undefined) => {
    if (isDone === undefined) await engine.revoke(lease);
  },
};

test('creds of a dynamic role: no crash and no lost answer leaves an object behind', async (t) => {
  const setting = await setUp((world) => world.dynamicRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, { ...setting, ...issues });
});

test('creds of an existing application: no crash and no lost answer leaves a password behind', async (t) => {
  const setting = await setUp((world) => world.existingRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, { ...setting, ...issues });
});

test('revoke of a dynamic credential: repeated after any crash, it ends with nothing left', async (t) => {
  const setting = await setUp((world) => world.dynamicRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, { ...setting, ...revokes });
});

test('revoke of a password: repeated after any crash, it ends with nothing left', async (t) => {
  const setting = await setUp((world) => world.existingRole());
  t.teardown(() => setting.world.stop());
  await runCrashMatrix(t, { ...setting, ...revokes });
});
