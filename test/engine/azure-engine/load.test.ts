import test from 'ava';
import { DeadlineError } from '../../../src/errors.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { nextTurn } from '../../helpers/fake-clock.ts';

const ADD_PASSWORD = { method: 'POST', path: 'addPassword' };

async function start(isAutoAdvancing = true): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  await world.configure(world.startProcess());
  await world.startProcess().request('create', 'roles/shared', world.existingRole());
  return { world, engine: world.startProcess({ isAutoAdvancing }) };
}

async function reached(engine: EngineProcess, point: string): Promise<void> {
  while (!engine.gate.points.includes(point)) await nextTurn();
}

test('creds: a request that waits for others of its application leaves when its own time is up', async (t) => {
  const { world, engine } = await start(false);
  t.teardown(() => world.stop());
  world.emulator.addFault({ match: ADD_PASSWORD, times: 1, answer: 'hang' });
  const slow = engine.issue('shared');
  await reached(engine, 'POST graph /applications/{id}/addPassword #1');
  const deadline = new Date(engine.clock.now().getTime() + 5_000);
  const waiting = engine.request('read', 'creds/shared', {}, { deadline });
  await engine.clock.advance(4_500);
  await t.throwsAsync(waiting, { instanceOf: DeadlineError });
  await engine.settle();
  t.is(world.storage.keys().filter((key) => key.startsWith('operations/')).length, 1, 'intents');
  await engine.clock.advance(50_000);
  await t.throwsAsync(slow, { instanceOf: DeadlineError });
});

test('creds: one request that Azure has asked to wait does not hold up the others of its application', async (t) => {
  const { world, engine } = await start(false);
  t.teardown(() => world.stop());
  world.emulator.addFault({
    match: ADD_PASSWORD,
    times: 1,
    answer: { status: 429, code: 'TooManyRequests', message: 'Slow down.', retryAfter: 30 },
  });
  const asked = engine.issue('shared');
  await reached(engine, 'POST graph /applications/{id}/addPassword #1');
  const other = await engine.issue('shared');
  t.not(other.clientSecret, '');
  await engine.clock.advance(31_000);
  await asked;
});

test('revoke: a password that Azure does not show yet does not hold up the others of its application', async (t) => {
  const { world, engine } = await start(false);
  t.teardown(() => world.stop());
  const before = world.objects();
  const young = await engine.issue('shared');
  const other = await engine.issue('shared');
  world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: 1,
    answer: { status: 400, code: 'Request_BadRequest', message: 'No password credential found with keyId.' },
  });
  const first = engine.revoke(young);
  await reached(engine, 'POST graph /applications/{id}/removePassword #1');
  await engine.revoke(other);
  await engine.clock.advance(1_000);
  await first;
  t.deepEqual(world.objects(), before);
});
