import test from 'ava';
import type { ExecutionContext } from 'ava';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';

const MINUTE_MS = 60_000;

interface Rotation {
  readonly prepare: (engine: EngineProcess, world: EngineWorld) => Promise<void>;
  readonly run: (engine: EngineProcess) => Promise<unknown>;
}

/** In the end the stored secret works and is the only one of the application. */
async function strikeRotation(t: ExecutionContext, { prepare, run }: Rotation): Promise<void> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  await world.configure(world.startProcess());
  await world.stopProcesses();
  const operator = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  await runCrashMatrix(t, {
    world,
    storage: world.storage.fork(),
    remaining: world.objects(),
    ignores: (object) => object.startsWith('password ') && object.endsWith(operator?.id ?? ''),
    prepare: (engine) => prepare(engine, world),
    run: async (engine) => {
      await run(engine);
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
}

test('rotate-root: after any crash the stored secret works and is the only one of the application', async (t) => {
  await strikeRotation(t, { prepare: async () => undefined, run: (engine) => engine.request('update', 'rotate-root') });
});

/** A rotation that ended before the new secret was proven. */
async function leaveStaged(world: EngineWorld): Promise<void> {
  const dying = world.startProcess();
  dying.gate.arm({ point: 'POST entra /{tenant}/oauth2/v2.0/token #2', mode: 'die-before' });
  void dying.request('update', 'rotate-root');
  await dying.gate.died;
  world.moveTime(2 * MINUTE_MS);
}

test('promotion of a staged root secret: the same', async (t) => {
  await strikeRotation(t, { prepare: (_engine, world) => leaveStaged(world), run: (engine) => engine.tick() });
});

test('promotion of a root secret that the Go plugin has staged: the same', async (t) => {
  await strikeRotation(t, {
    prepare: async (_engine, world) => {
      await leaveStaged(world);
      for (const key of world.storage.keys()) if (key.startsWith('operations/')) await world.storage.delete(key);
    },
    run: (engine) => engine.tick(),
  });
});
