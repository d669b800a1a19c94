import test from 'ava';
import { AzureError, InternalError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { formatTime } from '../../../src/util/rfc3339.ts';
import {
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
  SCOPE,
  startStatic,
  storedCreds,
  tickAfter,
} from './_static.ts';

test('static role, created, has a secret at once that logs in and ends with its period', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  t.is(await engine.request('create', 'static-roles/App', { application_object_id: application.id }), undefined);
  t.deepEqual((await engine.request('list', 'static-roles/'))?.data, { keys: ['app'] });
  const [password, ...others] = passwordsOf(world, application.id);
  t.deepEqual(others, []);
  t.regex(password!.displayName ?? '', /^vault-[0-9a-f-]{36}$/);
  const { data } = (await engine.request('read', 'static-creds/APP'))!;
  t.deepEqual(data, {
    client_id: application.appId,
    client_secret: password!.secretText,
    secret_id: password!.keyId,
    expiration: formatTime(password!.endAt),
    metadata: {},
    ttl: 17520 * 3600 - 300,
    rotation_period: 17520 * 3600,
  });
  t.is(password!.endAt.getTime() - world.now.getTime(), 17520 * HOUR_MS);
  t.like(await requestToken(engine), { token_type: 'Bearer' });
  t.deepEqual(openRecords(world), []);
});

test('static role, read, tells what it does and when, and no secret', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting, { ttl: 8760 * 3600, rotation_period: '8760h', metadata: { team: 'web' } });
  t.deepEqual((await engine.request('read', 'static-roles/app'))?.data, {
    application_object_id: application.id,
    ttl: 31536000,
    rotation_period: 31536000,
    metadata: { team: 'web' },
    seamless_rotation: true,
    rotation_grace_period: 300,
    next_rotation: formatTime(new Date(world.now.getTime() + 8760 * HOUR_MS)),
  });
  t.is(await engine.request('read', 'static-roles/nobody'), undefined);
  t.is(await engine.request('read', 'static-creds/nobody'), undefined);
});

test('static role, its records, are those of Vault Enterprise with our fields beside theirs', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting);
  const [password] = passwordsOf(world, application.id);
  t.like(world.storage.readJson('static-roles/app'), {
    application_object_id: application.id,
    ttl: 720 * 3600 * 1e9,
  });
  t.like(storedCreds(world), {
    client_id: application.appId,
    client_secret: password!.secretText,
    secret_id: password!.keyId,
    expiration: formatTime(password!.endAt),
  });
});

test('static role, updated, does what was written and keeps the rest and the secret', async (t) => {
  const setting = await startStatic(t);
  const { world, engine } = setting;
  await createRole(setting, { metadata: { team: 'web' } });
  const before = await readCreds(engine);
  await engine.request('update', 'static-roles/app', { rotation_grace_period: '1h', seamless_rotation: false });
  t.like((await engine.request('read', 'static-roles/app'))?.data, {
    rotation_period: 720 * 3600,
    metadata: { team: 'web' },
    seamless_rotation: false,
    rotation_grace_period: 3600,
  });
  await engine.request('update', 'static-roles/app', { rotation_grace_period: 0, rotation_period: 0, metadata: {} });
  t.like((await engine.request('read', 'static-roles/app'))?.data, {
    rotation_period: 17520 * 3600,
    metadata: {},
    rotation_grace_period: 300,
  });
  t.is((await readCreds(engine)).keyId, before.keyId);
  t.deepEqual(openRecords(world), []);
});

test('static creds, asked with metadata, are answered with the role’s on top', async (t) => {
  const setting = await startStatic(t);
  await createRole(setting, { metadata: { team: 'web' } });
  const { data } = (await setting.engine.request('read', 'static-creds/app', { metadata: ['team=ops', 'ticket=1'] }))!;
  t.deepEqual(data?.['metadata'], { team: 'web', ticket: '1' });
});

test('static role, with metadata that cannot be read, shows the constant', async (t) => {
  const setting = await startStatic(t);
  const { world } = setting;
  await createRole(setting);
  const stored = world.storage.readJson('static-roles/app') as JsonObject;
  world.storage.writeJson('static-roles/app', { ...stored, metadata: 7, other: 'kept' });
  const later = world.startProcess();
  t.is((await later.request('read', 'static-roles/app'))?.data?.['metadata'], 'invalid_data');
  t.is((await later.request('read', 'static-creds/app'))?.data?.['metadata'], 'invalid_data');
  await later.request('update', 'static-roles/app', { rotation_grace_period: 600 });
  t.like(world.storage.readJson('static-roles/app'), { metadata: 7, other: 'kept' });
});

const refused = test.macro<[fields: JsonObject, message: string | RegExp]>(async (t, fields, message) => {
  const { world, engine, application } = await startStatic(t);
  const calls = world.emulator.calls().length;
  await t.throwsAsync(
    engine.request('create', 'static-roles/app', { application_object_id: application.id, ...fields }),
    { instanceOf: InvalidRequestError, message },
  );
  t.deepEqual(world.storage.keys(), ['config']);
  t.is(world.emulator.calls().length, calls);
});
test(
  'static role, without an application, is refused',
  refused,
  { application_object_id: '' },
  /^missing required field 'application_object_id'/,
);
test(
  'static role, with a period below a month, is refused',
  refused,
  { rotation_period: '719h' },
  'rotation_period must be 720h (30 days) or more, or 0 for the default of 17520h',
);
test(
  'static role, with a ttl below a month, is refused by that name',
  refused,
  { ttl: '1h' },
  'ttl must be 720h (30 days) or more, or 0 for the default of 17520h',
);
test(
  'static role, with a ttl and another rotation_period, is refused',
  refused,
  { ttl: '720h', rotation_period: '721h' },
  'ttl is the old name of rotation_period: give only one of them',
);
test(
  'static role, with a grace period of more than half its period less an hour, is refused with the limit',
  refused,
  { rotation_period: '721h', rotation_grace_period: 360 * 3600 + 1 },
  'rotation_grace_period must not be longer than (rotation_period - 1h) / 2, which is 1296000 seconds here',
);
test(
  'static role, with a negative grace period other than -1, is refused',
  refused,
  { rotation_grace_period: -2 },
  'rotation_grace_period must be a time, -1 for none, or 0 for the default of 300 seconds',
);
test(
  'static role, with a secret to import and no key id, is refused',
  refused,
  { client_secret: 'x' },
  /^missing required field 'secret_id'/,
);
test(
  'static role, with an import that ended in the past, is refused',
  refused,
  { secret_id: 'x', expiration: '2020-01-01T00:00:00Z' },
  /^expiration must be a time in the future in RFC 3339 format/,
);
test(
  'static role, with an import whose end is no time, is refused',
  refused,
  { secret_id: 'x', expiration: 'tomorrow' },
  /^expiration must be a time in the future in RFC 3339 format/,
);

test('static role, of an application that does not exist, is refused and not stored', async (t) => {
  const { world, engine } = await startStatic(t);
  await t.throwsAsync(
    engine.request('create', 'static-roles/app', { application_object_id: '00000000-0000-4000-8000-000000000001' }),
    { instanceOf: InvalidRequestError, message: /^error loading Application: application_object_id must be/ },
  );
  t.deepEqual(world.storage.keys(), ['config']);
});

test('static role, of the engine’s own application, is refused at write and at every use', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  const own = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  const isRefused = {
    instanceOf: InvalidRequestError,
    message: /^application_object_id names the application that this secrets engine logs in with/,
  };
  const fields = { application_object_id: own?.id ?? '' };
  await t.throwsAsync(engine.request('create', 'static-roles/self', fields), isRefused);
  const imported = { ...fields, secret_id: own?.passwords[0]?.keyId ?? '' };
  await t.throwsAsync(engine.request('update', 'static-roles/self/import', imported), isRefused);
  t.deepEqual(world.storage.keys(), ['config']);

  await createRole(setting);
  const keys = keyIdsOf(world, application.id);
  const later = world.startProcess({
    environment: { clientId: application.appId.toUpperCase(), clientSecret: 'x' },
  });
  await t.throwsAsync(later.request('read', 'static-creds/app'), isRefused);
  await t.throwsAsync(requestToken(later), isRefused);
  await t.throwsAsync(later.request('update', 'rotate-role/app'), isRefused);
  await t.throwsAsync(later.request('update', 'static-roles/app', { metadata: {} }), isRefused);
  await t.throwsAsync(later.tick(), { message: /static role app: application_object_id names the application/ });
  t.deepEqual(keyIdsOf(world, application.id), keys);
});

test('static role, deferred, gets its secret at the first read; until then there is no token', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting, { defer_initial_creds: true });
  await tickAfter(world, MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.false('next_rotation' in (await engine.request('read', 'static-roles/app'))!.data!);
  await t.throwsAsync(requestToken(engine), {
    instanceOf: InvalidRequestError,
    message: "static role 'app' has no secret yet: make it with rotate-role/app, or read static-creds/app",
  });
  const [first, second] = await Promise.all([readCreds(engine), readCreds(engine)]);
  t.deepEqual(first, second);
  t.deepEqual(keyIdsOf(world, application.id), [first.keyId]);
  t.like(await requestToken(engine), { token_type: 'Bearer' });
});

test('static role, deferred under the old name, gets its secret by rotate-role', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting, { skip_import_rotation: true });
  t.deepEqual(keyIdsOf(world, application.id), []);
  await engine.request('update', 'rotate-role/app');
  t.deepEqual(keyIdsOf(world, application.id), [(await readCreds(engine)).keyId]);
});

test('static role, moved to another application, gets a secret of that one and the old one goes after the grace period', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  await tickAfter(world, MINUTE_MS);
  t.is(keyIdsOf(world, application.id).length, 2, 'current and staged');
  const old = await readCreds(engine);
  const tenant = world.emulator.state();
  const [seeded] = [...tenant.applications.list()].filter(({ id }) => id === application.id);
  const other = {
    ...seeded!,
    id: '11111111-0000-4000-8000-000000000001',
    appId: '11111111-0000-4000-8000-000000000002',
    passwords: [],
  };
  tenant.addApplication(other);
  const later = world.startProcess();
  await later.request('update', 'static-roles/app', { application_object_id: other.id });
  const moved = await readCreds(later);
  t.is(moved.clientId, other.appId);
  t.deepEqual(keyIdsOf(world, other.id), [moved.keyId]);
  t.deepEqual(keyIdsOf(world, application.id), [old.keyId]);
  await tickAfter(world, 6 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.is(keyIdsOf(world, other.id).length, 2, 'current and staged');
});

test('static role, deleted, takes the secrets that the engine made along', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  await engine.request('update', 'rotate-role/app');
  t.is(keyIdsOf(world, application.id).length, 2, 'current and old');
  t.is(await engine.request('delete', 'static-roles/app'), undefined);
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.deepEqual(world.storage.keys(), ['config']);
  t.is(await engine.request('delete', 'static-roles/app'), undefined, 'again');
});

test('static role, deleted with keep_secret, leaves the secret in Azure', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const { keyId } = await readCreds(engine);
  await engine.request('delete', 'static-roles/app', { keep_secret: 'true' });
  t.deepEqual(keyIdsOf(world, application.id), [keyId]);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('static role, deleted while Azure refuses the removal, is gone and its secret follows later', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const { keyId } = await readCreds(engine);
  const fault = world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  t.deepEqual((await engine.request('delete', 'static-roles/app'))?.warnings, [
    `password ${keyId} of the application could not be removed yet; it is tried again every few minutes`,
  ]);
  t.is(await engine.request('read', 'static-roles/app'), undefined);
  t.deepEqual(keyIdsOf(world, application.id), [keyId]);
  fault.remove();
  await tickAfter(world, 3 * MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('static role, deleted when the application is gone already, is gone', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const tenant = world.emulator.state();
  const [seeded] = [...tenant.applications.list()].filter(({ id }) => id === application.id);
  tenant.deleteApplication(seeded!);
  t.is(await engine.request('delete', 'static-roles/app'), undefined);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('static role, when the password cannot be made, is not there and says why', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  world.emulator.addFault({
    match: { method: 'POST', path: 'addPassword' },
    answer: { status: 400, code: 'CredentialInvalidLifetimeAsPerAppPolicy', message: 'Too long.' },
  });
  await t.throwsAsync(createRole(setting), {
    instanceOf: AzureError,
    message:
      /^add password: 400 CredentialInvalidLifetimeAsPerAppPolicy: Too long; the tenant limits how long secrets may live: set a shorter rotation_period on the static role \(request id /,
  });
  await engine.settle();
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('static role, when storage fails after the password was made, leaves no password', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  engine.gate.arm({ point: 'put static-creds/ #1', mode: 'fail-before' });
  await t.throwsAsync(createRole(setting), { message: 'storage is not available' });
  await engine.settle();
  t.deepEqual(keyIdsOf(world, application.id), []);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('static role, of a full application, says that its passwords are at the limit', async (t) => {
  const setting = await startStatic(t);
  setting.world.emulator.changeSettings({ quotas: { passwordsPerApplication: 0 } });
  await t.throwsAsync(createRole(setting), {
    instanceOf: InternalError,
    message: /^maximum number of Application passwords reached: add password: 403 /,
  });
});

test('token, for a scope that Azure does not know, is a 400 with its code and request id', async (t) => {
  const setting = await startStatic(t);
  const { engine } = setting;
  await createRole(setting);
  const ask = (scope: string) => engine.request('update', 'static-creds/app/token', { scope });
  await t.throwsAsync(ask(''), {
    instanceOf: InvalidRequestError,
    message: "missing required field 'scope', for example https://graph.microsoft.com/.default",
  });
  await t.throwsAsync(ask('https://graph.microsoft.com/User.Read'), {
    instanceOf: InvalidRequestError,
    message: /^scope: request an access token: 400 AADSTS1002012: .* \(request id [0-9a-f-]+\)$/,
  });
  await t.throwsAsync(ask('https://nobody.example/.default'), {
    instanceOf: InvalidRequestError,
    message: /^scope: request an access token: 400 AADSTS500011: /,
  });
  await t.throwsAsync(engine.request('update', 'static-creds/nobody/token', { scope: SCOPE }), {
    instanceOf: InvalidRequestError,
    message: "static role 'nobody' does not exist",
  });
});

test('token, of a secret that is not known everywhere yet, is waited for', async (t) => {
  const setting = await startStatic(t);
  const { world, engine } = setting;
  world.emulator.changeSettings({ loginReplicationMs: 10_000, replicas: 1 });
  await createRole(setting);
  t.like(await requestToken(engine), { token_type: 'Bearer' });
});

test('token, of a secret that somebody has removed, is refused with the remedy', async (t) => {
  const setting = await startStatic(t);
  const { world, application } = setting;
  await createRole(setting);
  changeApplication(world, application.id, { passwords: [] });
  world.moveTime(DAY_MS);
  await t.throwsAsync(requestToken(world.startProcess()), {
    instanceOf: AzureError,
    message:
      /^request an access token: 401 AADSTS7000215: .*; if the secret is older than a few minutes, rotate the static role with rotate-role\/<name> \(request id /,
  });
});

test('token, asked for twice, is asked of Azure twice, and neither it nor the secret is logged or stored', async (t) => {
  const setting = await startStatic(t);
  const { world, engine } = setting;
  await createRole(setting);
  engine.gate.arm();
  const first = await requestToken(engine);
  await requestToken(engine);
  t.is(engine.gate.points.filter((point) => point.startsWith('POST entra')).length, 2);
  t.deepEqual(Object.keys(first).sort(), ['access_token', 'expires_in', 'ext_expires_in', 'token_type']);
  const { clientSecret } = await readCreds(engine);
  t.false(engine.logger.text().includes(readText(first['access_token'])));
  t.false(engine.logger.text().includes(clientSecret));
  t.false([...world.storage.dump().values()].join().includes(readText(first['access_token'])));
});

test('config: seamless_rotation is what new static roles begin with, and is shown when it is off', async (t) => {
  const setting = await startStatic(t);
  const { engine } = setting;
  t.false('seamless_rotation' in (await engine.request('read', 'config'))!.data!);
  await createRole(setting);
  await engine.request('update', 'config', { seamless_rotation: false });
  t.is((await engine.request('read', 'config'))?.data?.['seamless_rotation'], false);
  t.is((await engine.request('read', 'static-roles/app'))?.data?.['seamless_rotation'], true);
  await engine.request('create', 'static-roles/other', { application_object_id: setting.application.id });
  t.is((await engine.request('read', 'static-roles/other'))?.data?.['seamless_rotation'], false);
});

test('unmount: the secrets of static roles stay, and the log names them', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  await tickAfter(world, MINUTE_MS);
  const keys = keyIdsOf(world, application.id);
  world.moveTime(2 * PERIOD_MS);
  world.systemView.tainted = true;
  const leaving = world.startProcess();
  await leaving.tick();
  t.deepEqual(keyIdsOf(world, application.id), keys);
  t.regex(leaving.logger.text(), /the mount is going away; the secrets of a static role stay in Azure/);
  for (const keyId of keys) t.true(leaving.logger.text().includes(keyId));
  t.false(leaving.logger.text().includes((await readCreds(engine)).clientSecret));
});

test('static roles, on a node that must not write, are forwarded', async (t) => {
  const setting = await startStatic(t);
  const { world, engine } = setting;
  await createRole(setting);
  const requests = [
    ['update', 'static-roles/app'],
    ['delete', 'static-roles/app'],
    ['update', 'static-roles/app/import'],
    ['read', 'static-creds/app'],
    ['update', 'static-creds/app/token'],
    ['update', 'rotate-role/app'],
  ] as const;
  for (const bit of [64, 16384]) {
    world.systemView.replication = bit;
    for (const [operation, path] of requests) {
      await t.throwsAsync(engine.request(operation, path), { message: 'cannot write to readonly storage' }, path);
    }
    t.deepEqual((await engine.request('list', 'static-roles/'))?.data, { keys: ['app'] });
    t.truthy(await engine.request('read', 'static-roles/app'));
  }
});

test('static secrets, changed by another node, are read anew', async (t) => {
  const setting = await startStatic(t);
  const { world, engine } = setting;
  await createRole(setting);
  await readCreds(engine);
  world.storage.writeJson('static-creds/app', { ...storedCreds(world), client_secret: 'another' });
  t.not((await readCreds(engine)).clientSecret, 'another');
  engine.backend.invalidateKey('static-creds/app');
  t.is((await readCreds(engine)).clientSecret, 'another');
  world.storage.writeJson('static-roles/app', {
    ...(world.storage.readJson('static-roles/app') as JsonObject),
    ttl: 2592e12,
  });
  engine.backend.invalidateKey('static-roles/app');
  t.is((await engine.request('read', 'static-roles/app'))?.data?.['ttl'], 2592e3);
});
