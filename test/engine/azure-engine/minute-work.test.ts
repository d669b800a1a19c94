import test from 'ava';
import { readLease } from '../../../src/engines/azure/lease-data.ts';
import { CancelledError } from '../../../src/errors.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { nextTurn } from '../../helpers/fake-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

/** An intent about an application that does not exist, long past its deadline. */
function forgottenIntent(world: EngineWorld, id: string): void {
  world.storage.writeJson(`operations/${id}`, {
    kind: 'password',
    role: 'r',
    application_object_id: '00000000-0000-0000-0000-000000000001',
  });
}

test('minute work: a credential that cannot be removed does not keep those of other roles alive', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/a', world.dynamicRole());
  await engine.request('create', 'roles/b', world.dynamicRole());
  const before = world.objects();
  const stuck = await engine.issue('a');
  await engine.issue('b');
  const stuckId = readLease(stuck.secret).applicationObjectId;
  const fault = world.emulator.addFault({
    match: { method: 'DELETE', path: stuckId },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  world.moveTime(3 * DAY_MS);
  const later = world.startProcess();
  await t.throwsAsync(later.tick(), { message: /credential a\/[0-9a-f-]+: delete application: 403 / });
  t.deepEqual(
    world.objects().filter((object) => object.startsWith('application ')),
    [...before.filter((object) => object.startsWith('application ')), `application ${stuckId}`].sort(),
  );
  later.gate.arm();
  await later.tick();
  t.false(later.gate.points.includes('list issued/ #1'), 'looked through again a minute later');
  fault.remove();
  world.moveTime(MINUTE_MS);
  await world.startProcess().tick();
  t.deepEqual(world.objects(), before);
});

test('minute work: a config that lacks something is no error every minute when there is nothing to do', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await engine.request('create', 'config', { root_password_ttl: 3600 });
  t.is(await engine.tick(), undefined);
});

test('minute work: when its time is up, what was not begun waits without a word', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  for (let index = 0; index < 40; index++) forgottenIntent(world, `operation-${index}`);
  world.emulator.addFault({
    match: { method: 'GET', path: '/applications/' },
    times: null,
    answer: { status: 503, code: 'ServiceUnavailable', message: 'Busy.', retryAfter: 29 },
  });
  const error = await t.throwsAsync(world.startProcess().tick());
  t.true(error.message.split('\n').length < 15, error.message);
});

test('minute work: an intent that cannot be worked off is tried at growing intervals', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  forgottenIntent(world, 'stuck');
  const fault = world.emulator.addFault({
    match: { method: 'GET', path: '/applications/' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  const engine = world.startProcess();
  for (let minute = 0; minute < 60; minute++) {
    await engine.tick().catch(() => undefined);
    await engine.clock.advance(MINUTE_MS);
  }
  t.true(fault.fired() > 3 && fault.fired() < 10, `${fault.fired()} attempts in an hour`);
});

test('minute work: a second tick while one is running does nothing of it again', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  forgottenIntent(world, 'x');
  engine.gate.arm();
  await Promise.all([engine.tick(), engine.tick()]);
  t.deepEqual(
    engine.gate.points.filter((point) => point.startsWith('GET graph')),
    ['GET graph /applications/{id} #1'],
  );
});

test('minute work: on a mount that is going away running requests are cancelled and taken back', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  world.emulator.addFault({ match: { method: 'PUT', path: 'roleAssignments' }, times: 1, answer: 'hang' });
  const running = engine.issue('app');
  while (!engine.gate.points.some((point) => point.startsWith('PUT'))) await nextTurn();
  const [cancelled] = await Promise.all([
    t.throwsAsync(running, { instanceOf: CancelledError }),
    (async () => {
      world.systemView.tainted = true;
      await engine.tick();
      t.deepEqual(world.objects(), before);
    })(),
  ]);
  t.is(cancelled.message, 'the mount is going away');
});
