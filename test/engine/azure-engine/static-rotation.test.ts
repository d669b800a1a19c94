import test from 'ava';
import { InternalError, InvalidRequestError } from '../../../src/errors.ts';
import { formatTime } from '../../../src/util/rfc3339.ts';
import type { EngineWorld } from '../../helpers/engine-world.ts';
import {
  addForeignPassword,
  allowPersonalAccounts,
  changeApplication,
  createRole,
  DAY_MS,
  HOUR_MS,
  keyIdsOf,
  MINUTE_MS,
  openRecords,
  passwordsOf,
  PERIOD_MS,
  readCreds,
  readText,
  requestToken,
  startStatic,
  storedCreds,
  tickAfter,
} from './_static.ts';

/** Minutes of an hour, each in a process of its own: by then unfinished operations are dropped. */
async function tickThrough(world: EngineWorld, minutes: readonly number[] = [2, 2, 16, 16, 16]): Promise<void> {
  for (const pause of minutes) await tickAfter(world, pause * MINUTE_MS);
}

test('rotate-role: the new secret is answered at once, the old one is good for the grace period and no longer', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const old = await readCreds(engine);
  t.is(await engine.request('update', 'rotate-role/APP'), undefined);
  const fresh = await readCreds(engine);
  t.not(fresh.keyId, old.keyId);
  t.like(await requestToken(engine), { token_type: 'Bearer' });
  t.deepEqual(keyIdsOf(world, application.id), [old.keyId, fresh.keyId]);
  await tickAfter(world, 4 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [old.keyId, fresh.keyId]);
  await tickAfter(world, MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id)[0], fresh.keyId);
  t.is(keyIdsOf(world, application.id).length, 2, 'the old one is gone, the next one is staged');
  t.deepEqual(openRecords(world), []);
});

test('rotate-role: without a grace period the old secret goes at once', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting, { rotation_grace_period: -1 });
  await engine.request('update', 'rotate-role/app');
  t.deepEqual(keyIdsOf(world, application.id), [(await readCreds(engine)).keyId]);
  t.deepEqual(openRecords(world), []);
});

test('rotate-role: twice in a row leaves the newest and, for the grace period, both old ones', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const first = await readCreds(engine);
  await engine.request('update', 'rotate-role/app');
  const second = await readCreds(engine);
  await engine.request('update', 'rotate-role/app');
  const third = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, application.id), [first.keyId, second.keyId, third.keyId]);
  await tickThrough(world);
  const [kept, staged, ...others] = keyIdsOf(world, application.id);
  t.deepEqual([kept, others], [third.keyId, []]);
  t.is(staged, (storedCreds(world)['staged'] as { secret_id: string }).secret_id);
  t.deepEqual(openRecords(world), []);
});

test('rotate-role: twice in a row, while Azure does not show the young secrets, leaves no orphan', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting, { rotation_grace_period: -1 });
  world.emulator.changeSettings({ replicationMs: 30_000, replicas: 2 });
  await engine.request('update', 'rotate-role/app');
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  await tickThrough(world);
  t.is(keyIdsOf(world, application.id)[0], keyId);
  t.is(keyIdsOf(world, application.id).length, 2, 'and the staged one');
  t.deepEqual(openRecords(world), []);
});

test('rotate-role: two at once take turns', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  await Promise.all([engine.request('update', 'rotate-role/app'), engine.request('update', 'rotate-role/app')]);
  await tickThrough(world);
  t.is(keyIdsOf(world, application.id)[0], (await readCreds(world.startProcess())).keyId);
  t.is(keyIdsOf(world, application.id).length, 2);
});

test('rotate-role: a staged secret that nobody has is given up first, and another is staged later', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting);
  const engine = await tickAfter(world, MINUTE_MS);
  const [current, staged] = keyIdsOf(world, application.id);
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, application.id), [current, keyId]);
  await tickAfter(world, 6 * MINUTE_MS);
  const [kept, next] = keyIdsOf(world, application.id);
  t.is(kept, keyId);
  t.not(next, staged);
});

test('rotate-role: a staged secret that readers have already is the old one', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting, { rotation_grace_period: '1h' });
  await tickAfter(world, MINUTE_MS);
  const [first, staged] = keyIdsOf(world, application.id);
  world.moveTime(PERIOD_MS - 30 * MINUTE_MS);
  const engine = world.startProcess();
  t.is((await readCreds(engine)).keyId, staged!);
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, application.id), [first, staged, keyId]);
  await tickAfter(world, 31 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [staged, keyId], 'the first ended with its period');
  await tickAfter(world, 30 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id).slice(0, 1), [keyId]);
});

test('rotate-role: an unknown role is a 400 with the text that clients know', async (t) => {
  const { engine } = await startStatic(t);
  await t.throwsAsync(engine.request('update', 'rotate-role/nobody'), {
    instanceOf: InvalidRequestError,
    message: /^role not found in storage/,
  });
});

test('rotate-role: when Azure refuses, the old secret stays in force', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const old = await readCreds(engine);
  world.emulator.addFault({
    match: { method: 'POST', path: 'addPassword' },
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  await t.throwsAsync(engine.request('update', 'rotate-role/app'), { message: /^add password: 403 / });
  await engine.settle();
  t.deepEqual(await readCreds(engine), old);
  t.deepEqual(keyIdsOf(world, application.id), [old.keyId]);
  t.deepEqual(openRecords(world), []);
});

test('rotate-role: a lost answer costs a password for a while, and never an orphan', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const old = await readCreds(engine);
  world.emulator.addFault({ match: { method: 'POST', path: 'addPassword' }, answer: 'after' });
  await engine.request('update', 'rotate-role/app');
  const fresh = await readCreds(engine);
  t.is(keyIdsOf(world, application.id).length, 3);
  await tickThrough(world, [2, 6, 16, 16, 16]);
  t.is(keyIdsOf(world, application.id).length, 2, 'current and staged');
  t.is(keyIdsOf(world, application.id)[0], fresh.keyId);
  t.not(fresh.keyId, old.keyId);
  t.deepEqual(openRecords(world), []);
});

test('seamless rotation: staged ahead, handed out for the grace period beside the old one, and so on for three periods', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting, { rotation_grace_period: '1h' });
  for (let period = 1; period <= 3; period++) {
    const periodEnd = passwordsOf(world, application.id)[0]!.endAt.getTime();
    const engine = await tickAfter(world, 2 * MINUTE_MS);
    const current = await readCreds(engine);
    const [, staged] = passwordsOf(world, application.id);
    t.is(passwordsOf(world, application.id).length, 2);
    t.is(staged!.startAt.getTime(), periodEnd - HOUR_MS - 5 * MINUTE_MS, 'good a little before it is handed out');
    t.is(staged!.endAt.getTime() - staged!.startAt.getTime(), PERIOD_MS, 'no longer than the tenant may allow');
    t.is(current.ttlSeconds, Math.floor((periodEnd - HOUR_MS - world.now.getTime()) / 1000));

    await tickAfter(world, periodEnd - HOUR_MS - MINUTE_MS - world.now.getTime());
    t.is((await readCreds(world.startProcess())).keyId, current.keyId);
    world.moveTime(MINUTE_MS);
    const switched = world.startProcess();
    t.is((await readCreds(switched)).keyId, staged!.keyId);
    t.like(await requestToken(switched), { token_type: 'Bearer' });
    await tickAfter(world, 30 * MINUTE_MS);
    t.deepEqual(keyIdsOf(world, application.id), [current.keyId, staged!.keyId], 'both work');

    await tickAfter(world, 30 * MINUTE_MS);
    t.is(keyIdsOf(world, application.id)[0], staged!.keyId, 'the old one is gone');
    t.is((await readCreds(world.startProcess())).keyId, staged!.keyId);
  }
  t.deepEqual(openRecords(world), []);
});

test('seamless rotation: without a grace period readers switch when the old secret ends', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting, { rotation_grace_period: -1 });
  await tickAfter(world, MINUTE_MS);
  const [current, staged] = keyIdsOf(world, application.id);
  await tickAfter(world, PERIOD_MS - 2 * MINUTE_MS);
  t.is((await readCreds(world.startProcess())).keyId, current!);
  const engine = await tickAfter(world, MINUTE_MS);
  t.is((await readCreds(engine)).keyId, staged!);
  t.is(keyIdsOf(world, application.id)[0], staged);
});

test('seamless rotation: switched off, the staged secret goes, and the next is made just before the grace period', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting, { rotation_grace_period: '1h' });
  const engine = await tickAfter(world, MINUTE_MS);
  const [current] = keyIdsOf(world, application.id);
  await engine.request('update', 'static-roles/app', { seamless_rotation: false });
  await tickAfter(world, 2 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [current]);
  await tickAfter(world, PERIOD_MS - HOUR_MS - 6 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [current]);
  const later = await tickAfter(world, MINUTE_MS);
  const { keyId } = await readCreds(later);
  t.deepEqual(keyIdsOf(world, application.id), [current, keyId]);
  await tickAfter(world, HOUR_MS);
  t.deepEqual(keyIdsOf(world, application.id), [keyId]);
});

test('seamless rotation: a shorter period moves the next rotation, and the staged secret with it', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  const createdAt = world.now.getTime();
  await createRole(setting, { rotation_period: '2000h' });
  const engine = await tickAfter(world, MINUTE_MS);
  await engine.request('update', 'static-roles/app', { rotation_period: '1000h' });
  await tickAfter(world, 3 * MINUTE_MS);
  const [, staged] = passwordsOf(world, application.id);
  t.is(staged!.startAt.getTime(), createdAt + 1000 * HOUR_MS - 10 * MINUTE_MS);
  t.is(staged!.endAt.getTime() - staged!.startAt.getTime(), 1000 * HOUR_MS);
});

test('seamless rotation: after years without the minute work the first one brings everything in order', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting);
  await tickAfter(world, MINUTE_MS);
  changeRootEnd(world);
  const engine = await tickAfter(world, 10 * PERIOD_MS);
  const creds = await readCreds(engine);
  t.true(creds.expiresAt > world.now);
  t.like(await requestToken(engine), { token_type: 'Bearer' });
  await tickThrough(world, [6, 2]);
  t.is(keyIdsOf(world, application.id).length, 2);
  t.is(keyIdsOf(world, application.id)[0], creds.keyId);
});

/** The engine's own secret lives on. */
function changeRootEnd(world: EngineWorld): void {
  const own = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  const endAt = new Date('2100-01-01T00:00:00Z');
  const id = own?.id ?? '';
  changeApplication(world, id, { passwords: passwordsOf(world, id).map((password) => ({ ...password, endAt })) });
}

test('automatic rotation: a password that cannot be removed does not keep the next from being made', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting, { seamless_rotation: false });
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  const fault = world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  world.moveTime(10 * MINUTE_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /static role app: remove password: 403 / });
  world.moveTime(PERIOD_MS - 14 * MINUTE_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /static role app: remove password: 403 / });
  const next = await readCreds(world.startProcess());
  t.not(next.keyId, keyId);
  fault.remove();
  await tickAfter(world, HOUR_MS);
  t.deepEqual(keyIdsOf(world, application.id), [next.keyId]);
});

test('automatic rotation: a failure is told with its role and tried again soon', async (t) => {
  const setting = await startStatic(t);
  const { world } = setting;
  await createRole(setting, { seamless_rotation: false, rotation_grace_period: '1h' });
  const fault = world.emulator.addFault({
    match: { method: 'POST', path: 'addPassword' },
    times: null,
    answer: { status: 503, code: 'ServiceUnavailable', message: 'Busy.' },
  });
  world.moveTime(PERIOD_MS - HOUR_MS);
  const engine = world.startProcess();
  await t.throwsAsync(engine.tick(), { message: /static role app: add password: 503 ServiceUnavailable: Busy/ });
  for (let minute = 0; minute < 30; minute++) {
    await engine.clock.advance(MINUTE_MS);
    await engine.tick().catch(() => undefined);
  }
  t.true(fault.fired() > 15 && fault.fired() < 40, `${fault.fired()} attempts in half an hour`);
  t.regex(
    readText((await engine.request('read', 'static-roles/app'))?.data?.['last_error']),
    /^add password: 503 ServiceUnavailable: Busy/,
  );
  fault.remove();
  await engine.clock.advance(6 * MINUTE_MS);
  await engine.tick();
  t.false('last_error' in (await engine.request('read', 'static-roles/app'))!.data!);
});

test('minute work: a role that has nothing to do costs no call to Azure, and after the first look no read', async (t) => {
  const setting = await startStatic(t);
  const { world } = setting;
  await createRole(setting);
  const engine = await tickAfter(world, MINUTE_MS);
  await engine.tick();
  engine.gate.arm();
  await engine.tick();
  t.deepEqual(
    engine.gate.points.filter((point) => /graph|entra|static-/.test(point)),
    ['list static-roles/ #1'],
  );
});

test('two passwords at most: rotating removes the staged one first, and the next is staged when the old one is gone', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  const engine = await tickAfter(world, MINUTE_MS);
  const [current] = keyIdsOf(world, application.id);
  t.is(keyIdsOf(world, application.id).length, 2);
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, application.id), [current, keyId]);
  await tickAfter(world, 2 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [current, keyId]);
  await tickAfter(world, 4 * MINUTE_MS);
  t.is(keyIdsOf(world, application.id)[0], keyId);
  t.is(keyIdsOf(world, application.id).length, 2);
});

test('two passwords at most: rotated twice in a row, the oldest goes before its time', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  await engine.request('update', 'rotate-role/app');
  const second = await readCreds(engine);
  await engine.request('update', 'rotate-role/app');
  const third = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, application.id), [second.keyId, third.keyId]);
  await tickThrough(world);
  t.is(keyIdsOf(world, application.id)[0], third.keyId);
  t.is(keyIdsOf(world, application.id).length, 2);
  t.deepEqual(openRecords(world), []);
});

test('two passwords at most: with one of somebody else, rotating is a 400 that names it', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  const old = await readCreds(engine);
  const keyId = '22222222-0000-4000-8000-000000000001';
  addForeignPassword(world, application.id, { keyId, secretText: 'abc~foreign' });
  const end = formatTime(passwordsOf(world, application.id)[1]!.endAt);
  await t.throwsAsync(engine.request('update', 'rotate-role/app'), {
    instanceOf: InvalidRequestError,
    message: new RegExp(
      `^the application takes two passwords at most, and these are not of this role: key id ${keyId} \\(begins with "abc", ends ${end}\\); remove one that nobody uses, or import it with static-roles/<name>/import \\(add password: 400 TooManyAppPasswords: `,
    ),
  });
  await engine.settle();
  t.deepEqual(await readCreds(engine), old);
  t.deepEqual(openRecords(world), []);
  await t.throwsAsync((await tickless(world)).tick(), { message: /static role app: the application takes two/ });
});

async function tickless(world: EngineWorld) {
  world.moveTime(MINUTE_MS);
  return world.startProcess();
}

test('two passwords at most: a lost answer that took the last place is found and cleared', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  world.emulator.addFault({ match: { method: 'POST', path: 'addPassword' }, answer: 'after' });
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  t.is(keyIdsOf(world, application.id).length, 2);
  t.true(keyIdsOf(world, application.id).includes(keyId));
});

test('two passwords at most: with one of somebody else, the secret is replaced once it has ended', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  allowPersonalAccounts(world, application.id);
  await createRole(setting);
  const foreign = '22222222-0000-4000-8000-000000000001';
  addForeignPassword(world, application.id, { keyId: foreign, secretText: 'abc~foreign' });
  world.moveTime(PERIOD_MS + MINUTE_MS);
  const engine = world.startProcess();
  await engine.tick();
  const { keyId, expiresAt } = await readCreds(engine);
  t.true(expiresAt > world.now);
  t.deepEqual(keyIdsOf(world, application.id), [foreign, keyId]);
});

test('a young password that Azure does not show yet is not taken for removed', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const { keyId } = await readCreds(engine);
  const fault = world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: null,
    answer: { status: 400, code: 'Request_BadRequest', message: 'No password credential found with keyId.' },
  });
  const { warnings } = (await engine.request('delete', 'static-roles/app'))!;
  t.is(warnings?.length, 1);
  t.deepEqual(keyIdsOf(world, application.id), [keyId]);
  fault.remove();
  await tickThrough(world);
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('a record of Vault Enterprise: is read, rotated, and its secret goes with the grace period', async (t) => {
  const { world, application } = await startStatic(t);
  const keyId = '33333333-0000-4000-8000-000000000001';
  addForeignPassword(world, application.id, { keyId, secretText: 'ent~secret' });
  const [password] = passwordsOf(world, application.id);
  world.storage.writeJson('static-roles/ent', { application_object_id: application.id, ttl: 63072000e9 });
  world.storage.writeJson('static-creds/ent', {
    client_id: application.appId,
    client_secret: 'ent~secret',
    secret_id: keyId,
    expiration: formatTime(password!.endAt),
  });
  const engine = world.startProcess();
  t.like((await engine.request('read', 'static-roles/ent'))?.data, {
    ttl: 63072000,
    seamless_rotation: false,
    next_rotation: formatTime(password!.endAt),
  });
  t.is((await readCreds(engine, 'ent')).clientSecret, 'ent~secret');
  t.like(await requestToken(engine, 'ent'), { token_type: 'Bearer' });
  await engine.request('update', 'rotate-role/ent');
  const fresh = await readCreds(engine, 'ent');
  t.deepEqual(keyIdsOf(world, application.id), [keyId, fresh.keyId]);
  await tickAfter(world, 6 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [fresh.keyId]);
});

test('a damaged record of one static role does not stop the others, and the error names it', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting);
  world.storage.writeJson('static-roles/bad', 'no json');
  world.moveTime(DAY_MS);
  await t.throwsAsync(world.startProcess().tick(), {
    message: /static role bad: stored record static-roles\/bad cannot be read/,
  });
  t.is(keyIdsOf(world, application.id).length, 2);
  await t.throwsAsync(world.startProcess().request('read', 'static-creds/bad'), { instanceOf: InternalError });
});
