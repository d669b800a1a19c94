/** A write of a role does exactly what it says: a field that is left out keeps its value, an empty one is cleared. */
import test from 'ava';
import type { JsonObject, JsonValue } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

/** Every field of a dynamic role, none of them empty. */
const wholeRole = (world: EngineWorld): JsonObject => ({
  ...world.dynamicRole(),
  ttl: '1h',
  max_ttl: '2h',
  explicit_max_ttl: '3h',
  tags: 'a,b',
  sign_in_audience: 'AzureADMultipleOrgs',
  permanently_delete: true,
  metadata: { team: 'web' },
  persist_app: true,
});

const readRole = async (engine: EngineProcess): Promise<JsonObject> =>
  (await engine.request('read', 'roles/app'))?.data ?? {};

/** Each way to say "nothing" in JSON or on the command line, and what a read shows then; `undefined`: nothing. */
const CLEARED: Readonly<Record<string, { values: readonly JsonValue[]; reads: JsonValue | undefined }>> = {
  ttl: { values: [null, '', 0, '0'], reads: 0 },
  max_ttl: { values: [null, '', 0], reads: 0 },
  explicit_max_ttl: { values: [null, '', 0], reads: 0 },
  tags: { values: [null, '', []], reads: [] },
  sign_in_audience: { values: [null, ''], reads: '' },
  permanently_delete: { values: [null, '', false], reads: false },
  azure_roles: { values: [null, '', [], '[]', 'null'], reads: [] },
  azure_groups: { values: [null, '', [], '[]', 'null'], reads: [] },
  metadata: { values: [null, '', [], {}], reads: undefined },
};

for (const [name, { values, reads }] of Object.entries(CLEARED)) {
  test(`roles: ${name} is cleared by each empty value, and kept when it is left out`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    const whole = wholeRole(world);
    await engine.request('create', 'roles/app', whole);
    const before = await readRole(engine);
    t.notDeepEqual(before[name], reads);
    for (const value of values) {
      await engine.request('update', 'roles/app', { [name]: value });
      const expected = Object.entries({ ...before, [name]: reads }).filter(([, shown]) => shown !== undefined);
      t.deepEqual(await readRole(engine), Object.fromEntries(expected), JSON.stringify(value));
      // Another field's write does not bring it back, its own does.
      await engine.request('update', 'roles/app', { persist_app: true });
      t.deepEqual((await readRole(engine))[name], reads);
      await engine.request('update', 'roles/app', { [name]: whole[name] ?? null });
      t.deepEqual(await readRole(engine), before);
    }
  });
}

for (const value of [null, '', false]) {
  test(`roles: persist_app is cleared by ${JSON.stringify(value)}, and kept when it is left out`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', wholeRole(world));
    const before = await readRole(engine);
    await engine.request('update', 'roles/app', { ttl: '1h' });
    t.deepEqual(await readRole(engine), before);
    await engine.request('update', 'roles/app', { persist_app: value });
    t.deepEqual(await readRole(engine), { ...before, persist_app: false, application_object_id: '' });
    await engine.request('update', 'roles/app', { ttl: '1h' });
    t.like(await readRole(engine), { persist_app: false, application_object_id: '' });
  });
}

for (const value of [null, '']) {
  test(`roles: application_object_id is cleared by ${JSON.stringify(value)}, and kept when it is left out`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', { ...world.dynamicRole(), ...world.existingRole() });
    const before = await readRole(engine);
    await engine.request('update', 'roles/app', { ttl: '1h' });
    t.deepEqual(await readRole(engine), before);
    await engine.request('update', 'roles/app', { application_object_id: value });
    t.deepEqual(await readRole(engine), { ...before, application_object_id: '' });
    const lease = await engine.issue('app');
    t.not(lease.clientId, world.emulator.applications[0]?.appId ?? '');
  });
}

test('roles: the checks of times count what is stored and what is written together', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), ttl: '1h', max_ttl: '2h' });
  await t.throwsAsync(engine.request('update', 'roles/app', { ttl: '3h' }), {
    message: 'ttl cannot be greater than max_ttl',
  });
  await engine.request('update', 'roles/app', { ttl: '3h', max_ttl: null });
  t.like(await readRole(engine), { ttl: 10800, max_ttl: 0 });
});
