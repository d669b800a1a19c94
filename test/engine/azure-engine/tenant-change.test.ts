import test from 'ava';
import { InternalError } from '../../../src/errors.ts';
import { EngineWorld } from '../../helpers/engine-world.ts';

const OTHER_TENANT_ID = '22222222-2222-4222-8222-222222222222';
const DAY_MS = 24 * 3600 * 1000;

test('tenant changed, the leases of the former one are not taken for gone', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  const baseline = world.objects();
  await engine.request('create', 'roles/dynamic', world.dynamicRole());
  await engine.request('create', 'roles/existing', world.existingRole());
  const leases = [await engine.issue('dynamic'), await engine.issue('existing')];

  const answer = await engine.request('update', 'config', { tenant_id: OTHER_TENANT_ID });
  t.regex(answer?.warnings?.[0] ?? '', /were made in tenant .* are still alive/);
  const calls = world.emulator.calls().length;
  for (const lease of leases) {
    await t.throwsAsync(engine.revoke(lease), {
      instanceOf: InternalError,
      message: new RegExp(`was made in tenant ${world.emulator.tenantId}, and config names tenant ${OTHER_TENANT_ID}`),
    });
  }
  t.is(world.emulator.calls().length, calls);

  await engine.request('update', 'config', { tenant_id: world.emulator.tenantId });
  for (const lease of leases) await engine.revoke(lease);
  t.deepEqual(world.objects(), baseline);
});

test('tenant changed, overdue credentials, left-overs and intents of the former one stay until it is back', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  const baseline = world.objects();
  await engine.request('create', 'roles/dynamic', world.dynamicRole());
  await engine.issue('dynamic'); // nobody revokes it
  const locked = await engine.issue('dynamic');
  world.emulator.addFault({
    match: { method: 'DELETE', path: '/roleAssignments/' },
    times: 20,
    answer: { status: 409, code: 'ScopeLocked', message: 'locked' },
  });
  await engine.revoke(locked);
  world.emulator.removeFaults();
  engine.gate.arm({ point: 'put issued/ #1', mode: 'die-before' });
  await Promise.race([engine.gate.died, engine.issue('dynamic')]);

  const later = world.startProcess();
  await later.request('update', 'config', { tenant_id: OTHER_TENANT_ID });
  const before = { objects: world.objects(), keys: world.storage.keys() };
  world.moveTime(3 * DAY_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /config names tenant/ });
  t.deepEqual({ objects: world.objects(), keys: world.storage.keys() }, before);

  await world.startProcess().request('update', 'config', { tenant_id: world.emulator.tenantId });
  for (let count = 0; count < 4; count++) {
    world.moveTime(20 * 60_000);
    await world.startProcess().tick();
  }
  t.deepEqual(world.objects(), baseline);
  t.deepEqual(
    world.storage.keys().filter((key) => /^(operations|issued|leftover)\//.test(key)),
    [],
  );
});

test('tenant named in another way, its leases are revoked', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine, { tenant_id: world.emulator.tenantId.toUpperCase() });
  const baseline = world.objects();
  await engine.request('create', 'roles/dynamic', world.dynamicRole());
  const lease = await engine.issue('dynamic');
  await engine.request('update', 'config', { tenant_id: 'Contoso.onmicrosoft.com' });
  await engine.revoke(lease);
  t.deepEqual(world.objects(), baseline);
});

test('tenant changed, the secrets of static roles of the former one are not taken for gone', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  const baseline = world.objects();
  await engine.request('create', 'static-roles/app', {
    application_object_id: world.emulator.applications[0]?.id ?? '',
    rotation_grace_period: '1m',
  });
  await engine.request('update', 'rotate-role/app');
  const before = world.objects();
  const answer = await engine.request('update', 'config', { tenant_id: OTHER_TENANT_ID });
  t.regex(answer?.warnings?.[0] ?? '', /were made in tenant .* are still alive/);
  world.moveTime(DAY_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /static role app: it was made in tenant/ });
  const later = world.startProcess();
  t.is((await later.request('delete', 'static-roles/app'))?.warnings?.length, 2);
  t.deepEqual(world.objects(), before);
  await later.request('update', 'config', { tenant_id: world.emulator.tenantId });
  world.moveTime(DAY_MS);
  await world.startProcess().tick();
  t.deepEqual(world.objects(), baseline);
  t.deepEqual(world.storage.keys(), ['config']);
});
