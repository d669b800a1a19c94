import test from 'ava';
import { AzureError, InternalError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import type { PasswordCredential } from '../../emulator/state/passwords.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { nextTurn } from '../../helpers/fake-clock.ts';

const MINUTE_MS = 60_000;
const TOKEN = 'POST entra /{tenant}/oauth2/v2.0/token';

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

const storedConfig = (world: EngineWorld): JsonObject => world.storage.readJson('config') as JsonObject;

/** Secrets of the application that the engine logs in with. */
function rootSecrets(world: EngineWorld): (string | undefined)[] {
  const applications = world.emulator.tenant({ secrets: true }).applications;
  const own = applications.find(({ appId }) => appId === world.emulator.clientId);
  return (own?.passwords ?? []).map(({ secretText }) => secretText);
}

type Passwords = readonly PasswordCredential[];

/** What somebody else does to that application. */
function changeRootPasswords(world: EngineWorld, change: (passwords: Passwords) => Passwords): void {
  const { applications } = world.emulator.state();
  const own = [...applications.list()].find(({ appId }) => appId === world.emulator.clientId);
  if (own === undefined) throw new Error('no application');
  applications.put({ ...own, passwords: change(own.passwords) });
}

/** Ticks of the hour that follows, each in a process of its own. */
async function tickThrough(world: EngineWorld, minutes: readonly number[] = [2, 2, 16, 16, 16]): Promise<void> {
  for (const pause of minutes) {
    world.moveTime(pause * MINUTE_MS);
    await world.startProcess().tick();
  }
}

test('rotate-root: two at once both succeed, one after the other, and one secret remains', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await Promise.all([engine.request('update', 'rotate-root'), engine.request('update', 'rotate-root')]);
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('rotate-root: the tick that comes while Azure does not accept the new secret yet leaves the rotation alone', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('update', 'config', { request_timeout: 85 });
  world.emulator.changeSettings({ loginReplicationMs: 70_000, replicas: 1 });
  const startedAt = engine.clock.now().getTime();
  const rotation = engine.request('update', 'rotate-root');
  while (engine.clock.now().getTime() < startedAt + 65_000) await nextTurn();
  await engine.tick();
  await t.notThrowsAsync(rotation);
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
});

test('rotate-root: what a rotation that died still had to remove is taken over by the next one', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const dying = world.startProcess();
  dying.gate.arm({ point: 'POST graph /applications/{id}/removePassword #1', mode: 'die-before' });
  void dying.request('update', 'rotate-root');
  await dying.gate.died;
  t.is(rootSecrets(world).length, 2);
  await world.startProcess().request('update', 'rotate-root');
  await tickThrough(world);
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('rotate-root: a secret that an operator writes meanwhile stays in force, the new one goes', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  world.emulator.changeSettings({ loginReplicationMs: 20_000, replicas: 1 });
  const startedAt = engine.clock.now().getTime();
  const rotation = engine.request('update', 'rotate-root');
  while (engine.clock.now().getTime() < startedAt + 5_000) await nextTurn();
  await engine.request('update', 'config', { client_secret: world.emulator.clientSecret });
  await t.throwsAsync(rotation, {
    instanceOf: InternalError,
    message: 'config was written while the root secret was being rotated; the written one stays in force',
  });
  await tickThrough(world);
  t.is(storedConfig(world)['client_secret'], world.emulator.clientSecret);
  t.deepEqual(rootSecrets(world), [world.emulator.clientSecret]);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('rotate-root: an old password that cannot be told from others is said to stay', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  const twinHint = world.emulator.clientSecret.slice(0, 3);
  changeRootPasswords(world, ([first]) =>
    first === undefined ? [] : [first, { ...first, keyId: 'twin', secretText: `${twinHint}-other` }],
  );
  const response = await engine.request('update', 'rotate-root');
  t.deepEqual(response?.warnings, [
    'the password that was in use cannot be told from the others of the application and stays: remove it by hand, or rotate with remove_other_passwords=true',
  ]);
  t.is(rootSecrets(world).length, 3);
});

test('rotate-root: remove_other_passwords leaves the new one only', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await stage(world);
  await engine.request('update', 'rotate-root', { remove_other_passwords: true });
  await tickThrough(world);
  t.deepEqual(rootSecrets(world), [storedConfig(world)['client_secret']]);
});

/** A secret that is staged and waits: the process died before it was proved. */
async function stage(world: EngineWorld): Promise<void> {
  const dying = world.startProcess();
  dying.gate.arm({ point: `${TOKEN} #2`, mode: 'die-before' });
  void dying.request('update', 'rotate-root');
  await dying.gate.died;
}

test('staged root secret: a damaged record of something else does not keep it from coming into force', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  await stage(world);
  const staged = storedConfig(world)['new_client_secret'];
  for (const key of world.storage.keys()) if (key.startsWith('operations/')) await world.storage.delete(key);
  world.storage.writeJson('operations/0', 'no json');
  world.moveTime(2 * MINUTE_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /operations\/0 cannot be read/ });
  t.is(storedConfig(world)['client_secret'], staged);
});

test('staged root secret: with credentials of the environment in force it is not tried', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  await stage(world);
  world.moveTime(2 * MINUTE_MS);
  const engine = world.startProcess({ environment: { clientId: 'other', clientSecret: 'other' } });
  await engine.tick().catch(() => undefined);
  t.false(engine.logger.text().includes('not accepted by Azure yet'));
});

test('staged root secret: removed from the application by somebody, it is given up', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  await stage(world);
  const keyId = storedConfig(world)['new_client_secret_key_id'];
  changeRootPasswords(world, (passwords) => passwords.filter((password) => password.keyId !== keyId));
  await tickThrough(world, [2, 16, 16, 16, 16, 16]);
  t.is(storedConfig(world)['new_client_secret'], '');
  t.deepEqual(rootSecrets(world), [world.emulator.clientSecret]);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('a root secret just rotated: a front end that does not know it yet fails no request', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.existingRole());
  await engine.request('update', 'rotate-root');
  const fault = world.emulator.addFault({
    match: { host: 'login' },
    times: 2,
    answer: { status: 401, code: 'invalid_client', message: 'AADSTS7000215: Invalid client secret provided.' },
  });
  await t.notThrowsAsync(world.startProcess().issue('app'));
  t.is(fault.fired(), 2);
});

test('a root secret that an operator wrote: refused, it fails the request at once', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.existingRole());
  await engine.request('update', 'config', { client_secret: 'wrong' });
  engine.clock.delaysMs.length = 0;
  await t.throwsAsync(engine.issue('app'), { instanceOf: AzureError, message: /AADSTS7000215/ });
});

test('rotate-root: a request under way goes on with the new secret', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const engine = world.startProcess({ isAutoAdvancing: false });
  await engine.request('create', 'roles/app', world.dynamicRole());
  const later = world.startProcess({ isAutoAdvancing: false });
  world.emulator.addFault({
    match: { method: 'PATCH', path: 'servicePrincipals' },
    times: 1,
    answer: { status: 503, code: 'ServiceUnavailable', message: 'Busy.', retryAfter: 20 },
  });
  const running = later.issue('app');
  while (!later.gate.points.some((point) => point.startsWith('PATCH'))) await nextTurn();
  let isRotated = false;
  const rotation = later.request('update', 'rotate-root').then(() => (isRotated = true));
  for (let seconds = 0; seconds < 8; seconds++) {
    await later.settle();
    await later.clock.advance(1_000);
  }
  await rotation;
  t.true(isRotated);
  t.is(rootSecrets(world).length, 1);
  await later.clock.advance(20_000);
  await t.notThrowsAsync(running);
});
