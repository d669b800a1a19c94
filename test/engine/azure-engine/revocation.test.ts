import test from 'ava';
import { AzureError } from '../../../src/errors.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

for (const role of ['dynamicRole', 'existingRole'] as const) {
  test(`revoke: a 404 of the login is no proof that the credential is gone (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const before = world.objects();
    const lease = await engine.issue('app');
    // What a metadata endpoint says while it starts.
    const fault = world.emulator.addFault({
      match: { host: 'login' },
      times: null,
      answer: { status: 404, code: 'not_found', message: 'Starting.' },
    });
    const later = world.startProcess();
    await t.throwsAsync(later.revoke(lease), { instanceOf: AzureError, message: /404/ });
    fault.remove();
    await later.revoke(lease);
    t.deepEqual(world.objects(), before);
  });

  test(`revoke: a 404 of something between us and Azure is no proof that the credential is gone (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const before = world.objects();
    const lease = await engine.issue('app');
    const fault = world.emulator.addFault({
      match: { host: 'graph' },
      times: null,
      answer: { status: 404, body: '<html>No such page</html>' },
    });
    await t.throwsAsync(engine.revoke(lease), { instanceOf: AzureError, message: /404/ });
    fault.remove();
    await engine.revoke(lease);
    t.deepEqual(world.objects(), before);
  });
}
