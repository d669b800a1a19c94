import test from 'ava';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';

test('rotate-root: after any crash the stored secret works and is the only one of the application', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  await world.configure(world.startProcess());
  await world.stopProcesses();
  const operator = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  const strikes = await runCrashMatrix(t, {
    world,
    storage: world.storage.fork(),
    remaining: world.objects(),
    ignores: (object) => object.startsWith('password ') && object.endsWith(operator?.id ?? ''),
    prepare: async () => undefined,
    run: async (engine: EngineProcess) => {
      await engine.request('update', 'rotate-root');
      return true;
    },
    conclude: async () => undefined,
    check: async (_t, engine, where) => {
      const application = world.emulator.tenant({ secrets: true }).applications.find(({ id }) => id === operator?.id);
      const config = world.storage.readJson('config') as Record<string, unknown>;
      t.deepEqual(
        application?.passwords.map((password) => password.secretText),
        [config['client_secret']],
        `${where}: passwords of the application`,
      );
      t.is(config['new_client_secret'], '', `${where}: staged secret`);
      // And with it the engine really works.
      await t.notThrowsAsync(engine.request('create', 'roles/proof', world.existingRole()), where);
      await world.storage.delete('roles/proof');
    },
  });
  t.log(`${strikes} strikes`);
});
