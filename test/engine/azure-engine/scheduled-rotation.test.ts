import test from 'ava';
import { InternalError, InvalidRequestError, StorageError, UnsupportedPathError } from '../../../src/errors.ts';
import { ReplicationState } from '../../../src/logical/index.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { formatTime } from '../../../src/util/rfc3339.ts';
import { type EngineOptions, type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const REFUSED_PASSWORD = {
  match: { method: 'POST', path: 'addPassword' },
  times: null,
  answer: { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' },
} as const;

async function start(extra: JsonObject = {}): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine, extra);
  return { world, engine };
}

const storedConfig = (world: EngineWorld): JsonObject => world.storage.readJson('config') as JsonObject;
const storedRotation = (world: EngineWorld): JsonObject => world.storage.readJson('rotation/root') as JsonObject;

function rootSecrets(world: EngineWorld): (string | undefined)[] {
  const applications = world.emulator.tenant({ secrets: true }).applications;
  const own = applications.find(({ appId }) => appId === world.emulator.clientId);
  return (own?.passwords ?? []).map(({ secretText }) => secretText);
}

async function readConfig(engine: EngineProcess): Promise<JsonObject> {
  return (await engine.request('read', 'config'))?.data ?? {};
}

/** One tick in a process of its own, `ms` later. */
async function tickAfter(world: EngineWorld, ms: number, options?: EngineOptions): Promise<EngineProcess> {
  world.moveTime(ms);
  const engine = world.startProcess(options);
  await engine.tick();
  return engine;
}

/** Whether the secret in force is another one than before. */
async function isRotatedBy(world: EngineWorld, work: () => Promise<unknown>): Promise<boolean> {
  const before = storedConfig(world)['client_secret'];
  await work();
  return storedConfig(world)['client_secret'] !== before;
}

test('scheduled rotation, period over, rotates and counts from there again', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  t.false(await isRotatedBy(world, () => tickAfter(world, 59 * MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, MINUTE_MS)));
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
  t.false(await isRotatedBy(world, () => tickAfter(world, 59 * MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, 2 * MINUTE_MS)));
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
  await t.notThrowsAsync(world.startProcess().request('create', 'roles/proof', world.existingRole()));
});

test('scheduled rotation, by hand in between, puts the period off', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.moveTime(50 * MINUTE_MS);
  await world.startProcess().request('update', 'rotate-root');
  t.false(await isRotatedBy(world, () => tickAfter(world, 30 * MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, 31 * MINUTE_MS)));
});

test('scheduled rotation, cron schedule, comes at its time and not before', async (t) => {
  const { world, engine } = await start({ rotation_schedule: '0 0 1 * *' });
  t.teardown(() => world.stop());
  const { next_vault_rotation: next } = await readConfig(engine);
  t.regex(next as string, /^\d{4}-\d\d-01T00:00:00Z$/);
  const untilMs = Date.parse(next as string) - world.now.getTime();
  t.false(await isRotatedBy(world, () => tickAfter(world, untilMs - 1_000)));
  t.true(await isRotatedBy(world, () => tickAfter(world, 1_000)));
});

test('scheduled rotation, window over before anybody could rotate, waits for the next time', async (t) => {
  const { world, engine } = await start({ rotation_schedule: '0 0 1 * *', rotation_window: '1h' });
  t.teardown(() => world.stop());
  const first = Date.parse((await readConfig(engine))['next_vault_rotation'] as string);
  t.false(await isRotatedBy(world, () => tickAfter(world, first + HOUR_MS - world.now.getTime())));
  const second = Date.parse((await readConfig(world.startProcess()))['next_vault_rotation'] as string);
  t.true(second > first + 27 * DAY_MS);
  t.true(await isRotatedBy(world, () => tickAfter(world, second + HOUR_MS - 1_000 - world.now.getTime())));
});

test('scheduled rotation, a write of other fields, does not begin the period anew', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.moveTime(50 * MINUTE_MS);
  await world.startProcess().request('update', 'config', { root_password_ttl: '90d', rotation_period: '1h' });
  t.true(await isRotatedBy(world, () => tickAfter(world, 10 * MINUTE_MS)));
});

test('scheduled rotation, a new secret or another period, begins it anew', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  await world.startProcess().request('update', 'rotate-root');
  world.moveTime(50 * MINUTE_MS);
  const secret = storedConfig(world)['client_secret'] ?? '';
  await world.startProcess().request('update', 'config', { client_secret: secret });
  t.false(await isRotatedBy(world, () => tickAfter(world, 30 * MINUTE_MS)));
  await world.startProcess().request('update', 'config', { rotation_period: '2h' });
  t.false(await isRotatedBy(world, () => tickAfter(world, 119 * MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, MINUTE_MS)));
});

test('scheduled rotation, disabled, rests; enabled again, it counts from then', async (t) => {
  const { world, engine } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  await engine.request('update', 'config', { disable_automated_rotation: true });
  t.like(await readConfig(engine), { rotation_period: 3600, rotation_state: 'suspended' });
  t.false(world.storage.keys().includes('rotation/root'));
  t.false(await isRotatedBy(world, () => tickAfter(world, DAY_MS)));
  await world.startProcess().request('update', 'config', { disable_automated_rotation: false });
  t.false(await isRotatedBy(world, () => tickAfter(world, 59 * MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, MINUTE_MS)));
});

for (const [title, cleared] of [
  ['period zero', { rotation_period: 0 }],
  ['config deleted', undefined],
] as const) {
  test(`scheduled rotation, ${title}, is over and leaves no record`, async (t) => {
    const { world, engine } = await start({ rotation_period: '1h' });
    t.teardown(() => world.stop());
    await engine.request(cleared === undefined ? 'delete' : 'update', 'config', cleared);
    t.false(world.storage.keys().includes('rotation/root'));
    world.moveTime(DAY_MS);
    await world.startProcess().tick();
    t.deepEqual(rootSecrets(world), [world.emulator.clientSecret]);
  });
}

test('scheduled rotation, config read, tells when the last was and the next comes', async (t) => {
  const { world, engine } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  const startedAt = engine.clock.now().getTime();
  t.deepEqual(
    Object.entries(await readConfig(engine)).filter(([name]) =>
      /rotation_(state|manager)|vault_rotation|error/.test(name),
    ),
    [
      ['rotation_state', 'scheduled'],
      ['rotation_manager', 'plugin'],
      ['next_vault_rotation', formatTime(new Date(startedAt + HOUR_MS))],
    ],
  );
  const later = await tickAfter(world, HOUR_MS);
  const data = await readConfig(later);
  const last = Date.parse(data['last_vault_rotation'] as string);
  t.true(last >= startedAt + HOUR_MS);
  t.is(data['next_vault_rotation'], formatTime(new Date(last + HOUR_MS)));
  t.is(data['rotation_state'], 'scheduled');
});

test('scheduled rotation, refused by Azure, backs off, is told and leaves the old secret in force', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  const fault = world.emulator.addFault(REFUSED_PASSWORD);
  world.moveTime(HOUR_MS);
  const engine = world.startProcess();
  await t.throwsAsync(engine.tick(), { message: /scheduled root rotation: add the new root password: 403 / });
  t.regex(engine.logger.text(), /could not be rotated on schedule; the old one stays in force/);
  const data = await readConfig(engine);
  t.is(data['rotation_state'], 'failing');
  t.regex(data['last_error'] as string, /^add the new root password: 403 Authorization_RequestDenied/);
  t.is(data['next_vault_rotation'], formatTime(new Date(engine.clock.now().getTime() + MINUTE_MS)));
  t.false(JSON.stringify(data).includes(world.emulator.clientSecret));
  t.deepEqual(rootSecrets(world), [world.emulator.clientSecret]);

  // Over the hour that follows, each tick in a process of its own: the pause is not forgotten.
  const attempts = fault.fired();
  for (let minute = 1; minute < 60; minute++) {
    world.moveTime(MINUTE_MS);
    await world
      .startProcess()
      .tick()
      .catch(() => undefined);
  }
  t.is(fault.fired() - attempts, 5, 'after 1, 2, 4, 8 and 16 minutes; not yet after 32 more');
  fault.remove();
  t.true(await isRotatedBy(world, () => tickAfter(world, 5 * MINUTE_MS)));
  t.like(await readConfig(world.startProcess()), { rotation_state: 'scheduled' });
  t.is((await readConfig(world.startProcess()))['last_error'], undefined);
});

test('scheduled rotation, new secret not accepted in time, is staged and not made again by the next ticks', async (t) => {
  const { world } = await start({ rotation_period: 10 });
  t.teardown(() => world.stop());
  world.emulator.changeSettings({ loginReplicationMs: 5 * MINUTE_MS, replicas: 1 });
  const first = await tickAfter(world, MINUTE_MS);
  t.is((await readConfig(first))['rotation_state'], 'staged');
  const staged = storedConfig(world)['new_client_secret'];
  await tickAfter(world, MINUTE_MS);
  t.is(storedConfig(world)['new_client_secret'], staged);
  t.is(rootSecrets(world).length, 2);
  t.true(await isRotatedBy(world, () => tickAfter(world, 10 * MINUTE_MS)));
});

test('scheduled rotation, failing and then done by hand, is no failure any more', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  const fault = world.emulator.addFault(REFUSED_PASSWORD);
  await t.throwsAsync(tickAfter(world, HOUR_MS));
  fault.remove();
  world.moveTime(MINUTE_MS);
  await world.startProcess().request('update', 'rotate-root');
  const data = await readConfig(world.startProcess());
  t.like(data, { rotation_state: 'scheduled', last_error: undefined });
  t.is(Date.parse(data['next_vault_rotation'] as string), Date.parse(data['last_vault_rotation'] as string) + HOUR_MS);
});

test('scheduled rotation, on a node that may not write, does nothing', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  for (const bit of [ReplicationState.performanceStandby, ReplicationState.performanceSecondary]) {
    world.systemView.replication = bit;
    const engine = world.startProcess();
    world.moveTime(DAY_MS);
    engine.gate.arm();
    await engine.tick();
    t.deepEqual(
      engine.gate.points.filter((point) => !point.startsWith('list wal/')),
      [],
    );
  }
  world.systemView.replication = 0;
  t.true(await isRotatedBy(world, () => tickAfter(world, MINUTE_MS)));
});

test('scheduled rotation, on a mount that is going away, does nothing', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.systemView.tainted = true;
  t.false(await isRotatedBy(world, () => tickAfter(world, DAY_MS)));
});

test('scheduled rotation, a record that is damaged or missing, is registered anew', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.storage.writeJson('rotation/root', 'no object');
  t.like(await readConfig(world.startProcess()), { rotation_state: 'scheduled' });
  t.false(await isRotatedBy(world, () => tickAfter(world, DAY_MS)));
  t.is(storedRotation(world)['manager'], 'plugin');
  t.true(await isRotatedBy(world, () => tickAfter(world, HOUR_MS)));
});

test('scheduled rotation, a schedule of another version that cannot be read, is told in config', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.storage.writeJson('config', { ...storedConfig(world), rotation_period: 0, rotation_schedule: '0 0 31 2 *' });
  await t.throwsAsync(tickAfter(world, HOUR_MS), { message: /the schedule never comes due/ });
  t.like(await readConfig(world.startProcess()), {
    rotation_state: 'failing',
    last_error: 'the schedule never comes due',
  });
});

test('scheduled rotation, credential that moved to the environment, is told in config', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.moveTime(HOUR_MS);
  const engine = world.startProcess({ environment: { clientSecret: 'other' } });
  await t.throwsAsync(engine.tick(), { message: /the credential comes from the server environment/ });
  t.regex((await readConfig(engine))['last_error'] as string, /^the credential comes from the server environment/);
});

// A host with a rotation manager.

async function startManaged(extra: JsonObject = {}): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  world.systemView.rotationJobs = new Map();
  const engine = world.startProcess();
  await world.configure(engine, extra);
  return { world, engine };
}

test('rotation manager, config write, is told period and schedule in seconds', async (t) => {
  const { world, engine } = await startManaged({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  const job = { name: '', mountPoint: 'azure/', path: 'config', rotationSchedule: '', rotationWindowSeconds: 0 };
  t.deepEqual([...world.systemView.rotationJobs!.values()], [{ ...job, rotationPeriodSeconds: 3600 }]);
  t.is(storedRotation(world)['manager'], 'host');
  await engine.request('update', 'config', {
    rotation_period: 0,
    rotation_schedule: '0 0 * * SAT',
    rotation_window: '2h',
  });
  t.deepEqual(
    [...world.systemView.rotationJobs!.values()],
    [{ ...job, rotationSchedule: '0 0 * * SAT', rotationWindowSeconds: 7200, rotationPeriodSeconds: 0 }],
  );
  const data = await readConfig(engine);
  t.like(data, { rotation_state: 'scheduled', rotation_manager: 'host' });
  t.is(data['next_vault_rotation'], undefined, 'the host keeps the time');
});

for (const [title, operation, data] of [
  ['disabled', 'update', { disable_automated_rotation: true }],
  ['cleared', 'update', { rotation_period: 0 }],
  ['deleted', 'delete', {}],
] as const) {
  test(`rotation manager, config ${title}, is told so`, async (t) => {
    const { world, engine } = await startManaged({ rotation_period: '1h' });
    t.teardown(() => world.stop());
    await engine.request(operation, 'config', data);
    t.is(world.systemView.rotationJobs!.size, 0);
    t.false(world.storage.keys().includes('rotation/root'));
  });
}

test('rotation manager, refuses, and the config is not stored', async (t) => {
  const { world, engine } = await startManaged();
  t.teardown(() => world.stop());
  world.systemView.rotationFailure = new InternalError('the manager is sealed');
  await t.throwsAsync(engine.request('update', 'config', { rotation_period: 60 }), {
    instanceOf: InvalidRequestError,
    message: 'error registering rotation job: the manager is sealed',
  });
  t.is(storedConfig(world)['rotation_period'], 0);
  await t.throwsAsync(engine.request('update', 'config', { tenant_id: 'x' }), {
    instanceOf: InvalidRequestError,
    message: 'error de-registering rotation job: the manager is sealed',
  });
  await t.throwsAsync(engine.request('delete', 'config'), { message: /^error de-registering rotation job/ });
  t.true(world.storage.keys().includes('config'));
});

test('rotation manager, storage fails after it was told, is named in the error', async (t) => {
  const { world, engine } = await startManaged();
  t.teardown(() => world.stop());
  engine.gate.arm({ point: 'put config #1', mode: 'fail-before' });
  await t.throwsAsync(engine.request('update', 'config', { rotation_period: 60 }), {
    instanceOf: InternalError,
    message:
      'write to storage failed but the rotation manager still succeeded; operation=registration, mount=azure/, path=config, storageError=storage is not available',
  });
  // The job without its config: the host's request ends it, as soon as the host lets it.
  world.systemView.rotationFailure = new InternalError('the manager is sealed');
  await t.throwsAsync(world.startProcess().request('rotate', 'config'), {
    instanceOf: InternalError,
    message: 'error de-registering rotation job: the manager is sealed',
  });
  world.systemView.rotationFailure = undefined;
  await t.throwsAsync(world.startProcess().request('rotate', 'config'), {
    instanceOf: InternalError,
    message: 'config asks for no automated rotation of the root secret',
  });
  t.is(world.systemView.rotationJobs!.size, 0);
});

test('rotation manager, sends rotate, and the secret is rotated; the minute work leaves it alone', async (t) => {
  const { world } = await startManaged({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  t.false(await isRotatedBy(world, () => tickAfter(world, HOUR_MS)));
  t.true(await isRotatedBy(world, () => world.startProcess().request('rotate', 'config')));
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
  t.truthy((await readConfig(world.startProcess()))['last_vault_rotation']);
});

test('rotation manager, rotate that fails, is an error for the host and told in config', async (t) => {
  const { world } = await startManaged({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  const fault = world.emulator.addFault(REFUSED_PASSWORD);
  const engine = world.startProcess();
  await t.throwsAsync(engine.request('rotate', 'config'), { message: /^add the new root password: 403 / });
  t.like(await readConfig(engine), { rotation_state: 'failing' });
  t.regex((await readConfig(engine))['last_error'] as string, /^add the new root password: 403 /);
  fault.remove();
  await engine.request('rotate', 'config');
  t.like(await readConfig(engine), { rotation_state: 'scheduled', last_error: undefined });
  const other = world.startProcess({ environment: { clientSecret: 'other' } });
  await t.throwsAsync(other.request('rotate', 'config'), {
    instanceOf: InternalError,
    message: /^the credential comes from the server environment/,
  });
});

test('rotation manager, rotate of another path or on a standby, is refused', async (t) => {
  const { world, engine } = await startManaged({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  await t.throwsAsync(engine.request('rotate', 'roles/app'), { instanceOf: UnsupportedPathError });
  world.systemView.replication = ReplicationState.performanceStandby;
  await t.throwsAsync(engine.request('rotate', 'config'), {
    instanceOf: StorageError,
    message: 'cannot write to readonly storage',
  });
});

test('rotation manager, gone for good, is replaced by the minute work an hour after the next time', async (t) => {
  const { world } = await startManaged({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  world.systemView.rotationJobs = undefined;
  t.false(await isRotatedBy(world, () => tickAfter(world, 119 * MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, MINUTE_MS)));
  t.is(storedRotation(world)['manager'], 'plugin');
});

test('rotation manager, a mount whose job nobody recorded, is told of it by the minute work', async (t) => {
  const { world } = await startManaged({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  await world.storage.delete('rotation/root');
  world.systemView.rotationJobs!.clear();
  await tickAfter(world, MINUTE_MS);
  t.is(world.systemView.rotationJobs!.size, 1);
  t.is(storedRotation(world)['manager'], 'host');
});

test('rotation manager, that came later and asks by itself, keeps the time from then on', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  t.is(storedRotation(world)['manager'], 'plugin');
  t.true(await isRotatedBy(world, () => world.startProcess().request('rotate', 'config')));
  t.is(storedRotation(world)['manager'], 'host');
});

test('scheduled rotation, that failed while the clock was years ahead, is tried again once it is right', async (t) => {
  const { world } = await start({ rotation_period: '1h' });
  t.teardown(() => world.stop());
  const fault = world.emulator.addFault(REFUSED_PASSWORD);
  await t.throwsAsync(tickAfter(world, 1000 * DAY_MS), { message: /scheduled root rotation/ });
  fault.remove();
  world.moveTime(-1000 * DAY_MS);
  t.true(await isRotatedBy(world, () => tickAfter(world, 2 * HOUR_MS)));
  t.like(await readConfig(world.startProcess()), { rotation_state: 'scheduled' });
});

test('scheduled rotation, configured while the clock was years ahead, counts from when it is right', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  world.moveTime(1000 * DAY_MS);
  await world.startProcess().request('update', 'config', { rotation_period: '1h' });
  world.moveTime(-1000 * DAY_MS);
  t.false(await isRotatedBy(world, () => tickAfter(world, MINUTE_MS)));
  t.true(await isRotatedBy(world, () => tickAfter(world, HOUR_MS)));
});
