import test from 'ava';
import { InvalidRequestError } from '../../../src/errors.ts';
import type { EngineWorld } from '../../helpers/engine-world.ts';
import {
  allowPersonalAccounts,
  createRole,
  DAY_MS,
  keyIdsOf,
  MINUTE_MS,
  openRecords,
  PERIOD_MS,
  readCreds,
  requestToken,
  startStatic,
  storedCreds,
  tickAfter,
} from './_static.ts';

/** Another application of the tenant. */
function addApplication(world: EngineWorld, likeId: string): string {
  const tenant = world.emulator.state();
  const [seeded] = [...tenant.applications.list()].filter(({ id }) => id === likeId);
  const id = '11111111-0000-4000-8000-000000000001';
  tenant.addApplication({ ...seeded!, id, appId: '11111111-0000-4000-8000-000000000002', passwords: [] });
  return id;
}

/** Minutes of an hour: by then unfinished operations are dropped. */
async function tickThroughHour(world: EngineWorld): Promise<void> {
  for (const pause of [2, 6, 16, 16, 16]) await tickAfter(world, pause * MINUTE_MS);
}

test('static role, deleted with keep_secret soon after an answer was lost, leaves the secret in Azure for good', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  world.emulator.addFault({ match: { method: 'POST', path: 'addPassword' }, answer: 'after' });
  await createRole(setting);
  const { keyId } = await readCreds(engine);
  await engine.request('delete', 'static-roles/app', { keep_secret: 'true' });
  await tickThroughHour(world);
  t.deepEqual(keyIdsOf(world, application.id), [keyId], 'only the one whose answer was lost is gone');
  t.deepEqual(openRecords(world), []);
});

test('static role, moved away from an application that Azure refuses to clear, is rotated and cleared as ever', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const otherId = addApplication(world, application.id);
  world.emulator.addFault({
    match: { method: 'POST', path: `applications/${application.id}/removePassword` },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  await engine.request('update', 'static-roles/app', { application_object_id: otherId });
  const { keyId: first } = await readCreds(engine);
  await engine.request('update', 'rotate-role/app');
  const { keyId: second } = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, otherId), [first, second]);
  world.moveTime(10 * MINUTE_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /static role app: remove password: 403 / });
  t.false(keyIdsOf(world, otherId).includes(first), 'the old secret of this application is removed');
  t.true('staged' in storedCreds(world), 'and the next one is staged');
});

test('metadata import: of the secret that the role has already does not lose its text', async (t) => {
  const setting = await startStatic(t);
  const { engine } = setting;
  await createRole(setting);
  const creds = await readCreds(engine);
  await engine.request('update', 'static-roles/app/import', { secret_id: creds.keyId, skip_import_rotation: true });
  t.is((await readCreds(engine)).clientSecret, creds.clientSecret);
});

test('two passwords at most: rotate on import of the secret in force gives up the staged one', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  const engine = await tickAfter(world, 10 * MINUTE_MS);
  const { keyId } = await readCreds(engine);
  await engine.request('update', 'static-roles/app/import', { secret_id: keyId });
  const { keyId: fresh } = await readCreds(engine);
  t.not(fresh, keyId);
  t.deepEqual(keyIdsOf(world, application.id), [keyId, fresh]);
});

test('seamless rotation: promoted while the clock was years ahead, a secret that is not valid yet is replaced', async (t) => {
  const setting = await startStatic(t);
  const { world } = setting;
  await createRole(setting);
  await tickAfter(world, MINUTE_MS);
  const fault = world.emulator.addFault({
    match: {},
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  world.moveTime(PERIOD_MS);
  await world
    .startProcess()
    .tick()
    .catch(() => undefined);
  fault.remove();
  world.moveTime(-PERIOD_MS + DAY_MS);
  const engine = world.startProcess();
  await engine.tick();
  t.like(await requestToken(engine), { token_type: 'Bearer' });
});

test('static role, with a rotation period that no calendar has, is refused and not stored', async (t) => {
  const setting = await startStatic(t);
  const { world, engine } = setting;
  for (const period of [4e14, 9.3e9]) {
    await t.throwsAsync(createRole(setting, { rotation_period: period }), { instanceOf: InvalidRequestError });
    t.deepEqual(world.storage.keys(), ['config']);
  }
  await createRole(setting);
  const before = world.storage.readJson('static-roles/app');
  await t.throwsAsync(engine.request('update', 'static-roles/app', { rotation_period: 4e14 }), {
    instanceOf: InvalidRequestError,
  });
  t.deepEqual(world.storage.readJson('static-roles/app'), before);
});

test('two passwords at most: with the application written in capitals, its old secret still makes room', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  await engine.request('update', 'static-roles/app', { application_object_id: application.id.toUpperCase() });
  await engine.request('update', 'rotate-role/app');
  t.deepEqual(keyIdsOf(world, application.id), [keyId, (await readCreds(engine)).keyId]);
});

test('static role, deleted with keep_secret after a deletion that failed, leaves the secret in Azure for good', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const { keyId } = await readCreds(engine);
  engine.gate.arm({ point: 'delete static-roles/ #1', mode: 'fail-before' });
  await t.throwsAsync(engine.request('delete', 'static-roles/app'));
  await engine.request('delete', 'static-roles/app', { keep_secret: 'true' });
  await tickThroughHour(world);
  t.deepEqual(keyIdsOf(world, application.id), [keyId]);
  t.deepEqual(openRecords(world), []);
});
