import test from 'ava';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';

/** Comes due once: longer than what follows the crash. */
const PERIOD = { rotation_period: '1400h' };
const PERIOD_MS = 1400 * 3600_000;

for (const [title, operation, path, hasManager] of [
  ['scheduled rotation of the minute work', 'rollback', '', false],
  ['scheduled rotation that the host asks for', 'rotate', 'config', true],
] as const) {
  test(`${title}: after any crash the stored secret works and is the only one of the application`, async (t) => {
    const world = await EngineWorld.start();
    t.teardown(() => world.stop());
    if (hasManager) world.systemView.rotationJobs = new Map();
    await world.configure(world.startProcess(), PERIOD);
    await world.stopProcesses();
    world.moveTime(PERIOD_MS);
    const registeredAt = new Date(world.now.getTime() - PERIOD_MS).toISOString();
    const operator = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
    let registered = world.storage.readJson('rotation/root') as JsonObject;
    registered = { ...registered, registered_at: registeredAt };
    world.storage.writeJson('rotation/root', registered);
    await runCrashMatrix(t, {
      world,
      storage: world.storage.fork(),
      remaining: world.objects(),
      ignores: (object) => object.startsWith('password ') && object.endsWith(operator?.id ?? ''),
      // Each run of the matrix is later than the one before it.
      prepare: async () =>
        world.storage.writeJson('rotation/root', {
          ...registered,
          registered_at: new Date(world.now.getTime() - PERIOD_MS).toISOString(),
        }),
      run: async (engine: EngineProcess) => {
        await engine.request(operation, path);
        return true;
      },
      // The host repeats what failed.
      conclude: async (engine, _prepared, result) => {
        if (hasManager && result === undefined) await engine.request(operation, path);
      },
      check: async (_t, engine, where) => {
        const application = world.emulator.tenant({ secrets: true }).applications.find(({ id }) => id === operator?.id);
        const config = world.storage.readJson('config') as JsonObject;
        t.not(config['client_secret'], world.emulator.clientSecret, `${where}: not rotated`);
        t.deepEqual(
          application?.passwords.map((password) => password.secretText),
          [config['client_secret'] as string],
          `${where}: passwords of the application`,
        );
        t.is(config['new_client_secret'], '', `${where}: staged secret`);
        t.is((await engine.request('read', 'config'))?.data?.['last_error'], undefined, `${where}: last error`);
        await t.notThrowsAsync(engine.request('create', 'roles/proof', world.existingRole()), where);
        await world.storage.delete('roles/proof');
      },
    });
  });
}
