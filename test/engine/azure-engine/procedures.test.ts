import test from 'ava';
import { AzureError, InternalError, InvalidRequestError } from '../../../src/errors.ts';
import { EngineWorld, type EngineProcess } from '../../helpers/engine-world.ts';
import { nextTurn } from '../../helpers/fake-clock.ts';

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

/** The calls to Graph and ARM since the gate was armed, logins left out. */
function azureCalls(engine: EngineProcess): string[] {
  return engine.gate.points.filter((point) => / (?:graph|arm) /.test(point));
}

test('creds: a dynamic credential takes two calls in a row and then one per right, and is gone after revocation', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  engine.gate.arm();
  const lease = await engine.issue('app');
  const calls = azureCalls(engine);
  t.deepEqual(calls.slice(0, 2), ['POST graph /applications #1', 'PATCH graph /servicePrincipals(appId={appId}) #1']);
  t.deepEqual(calls.slice(2).sort(), [
    'POST graph /groups/{id}/members/$ref #1',
    'PUT arm /{scope}/roleAssignments/{guid} #1',
  ]);
  t.deepEqual(lease.secret.internalData['role'], 'app');
  t.is(lease.secret.ttlSeconds, 3600);
  t.is(lease.secret.maxTtlSeconds, 86400);
  await engine.revoke(lease);
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('creds: the application carries the marks, the audience and the tags of the role', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), tags: 'team:web', explicit_max_ttl: '48h' });
  const lease = await engine.issue('app');
  const application = world.emulator.tenant().applications.find(({ appId }) => appId === lease.clientId);
  t.is(application?.signInAudience, 'AzureADMyOrg');
  t.regex(application?.displayName ?? '', /^vault-[0-9a-f-]{36}$/);
  t.deepEqual(application?.tags.slice(0, 2), ['team:web', 'vault-mount:9a1c0e6e-0000-4000-8000-000000000001']);
  t.deepEqual(
    [application?.tags[2]],
    [lease.secret.internalData['operation_id']].map((id) => `vault-op:${JSON.stringify(id).slice(1, -1)}`),
  );
  const end = new Date(application?.passwords[0]?.endDateTime ?? '').getTime();
  t.is(Math.round((end - world.now.getTime()) / 3_600_000), 48);
});

const recovers = test.macro(async (t, settings: Parameters<EngineWorld['emulator']['changeSettings']>[0]) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  world.emulator.changeSettings(settings);
  const lease = await engine.issue('app');
  const application = world.emulator
    .tenant({ secrets: true })
    .applications.find(({ appId }) => appId === lease.clientId);
  t.true(application?.passwords.some((password) => password.secretText === lease.clientSecret));
  const again = await engine.issue('app');
  await engine.revoke(lease);
  await engine.revoke(again);
  t.deepEqual(world.objects(), before);
});
test('creds: a tenant that refuses passwords at creation gets them added', recovers, { creationPasswords: 'refused' });
test('creds: a tenant that ignores passwords at creation gets them added', recovers, { creationPasswords: 'lost' });
test('creds: a password with the tenant’s own end is replaced', recovers, { creationPasswords: 'defaultEnd' });

test('creds: a role whose application is the engine’s own is refused at write and at use', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  const own = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  await t.throwsAsync(engine.request('create', 'roles/self', { application_object_id: own?.id ?? '' }), {
    instanceOf: InvalidRequestError,
    message: /^application_object_id names the application that this secrets engine logs in with/,
  });
  t.deepEqual(world.storage.keys(), ['config']);
  await engine.request('create', 'roles/app', world.existingRole());
  const other = world.emulator.applications[0]?.appId ?? '';
  const later = world.startProcess({ environment: { clientId: other.toUpperCase(), clientSecret: 'x' } });
  await t.throwsAsync(later.issue('app'), { instanceOf: InvalidRequestError });
});

test('creds: an unknown role is a 400 that names it, and calls nothing', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  engine.gate.arm();
  await t.throwsAsync(engine.issue('nobody'), {
    instanceOf: InvalidRequestError,
    message: "role 'nobody' does not exist",
  });
  t.deepEqual(azureCalls(engine), []);
});

test('creds: missing rights fail at once with step, status, code, request id and remedy', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  world.emulator.addFault({
    match: { method: 'PUT', path: 'roleAssignments' },
    times: 1,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'The client does not have authorization.' },
  });
  const error = await t.throwsAsync(engine.issue('app'), { instanceOf: AzureError });
  t.regex(
    error.message,
    /^assign role Reader at \/subscriptions\/[0-9a-f-]+: 403 AuthorizationFailed: The client does not have authorization; grant the identity of this secrets engine Owner or User Access Administrator at that scope \(request id [0-9a-f-]+\)$/,
  );
  await engine.settle();
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('creds: a final failure of one right does not wait for another that is still tried', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  world.emulator.addFault({
    match: { method: 'POST', path: 'members' },
    times: null,
    answer: { status: 503, code: 'ServiceUnavailable', message: 'Busy.', retryAfter: 40 },
  });
  world.emulator.addFault({
    match: { method: 'PUT', path: 'roleAssignments' },
    times: 1,
    answer: { status: 429, code: 'TooManyRequests', message: 'Slow down.' },
  });
  world.emulator.addFault({
    match: { method: 'PUT', path: 'roleAssignments' },
    times: 1,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
  });
  const slow = world.startProcess({ isAutoAdvancing: false });
  const failed = t.throwsAsync(slow.issue('app'), { instanceOf: AzureError, message: /^assign role .*: 403 / });
  while (slow.gate.points.filter((point) => /^(?:PUT|POST graph .groups)/.test(point)).length < 2) await nextTurn();
  await slow.settle();
  await slow.clock.advance(1_000);
  await failed;
  await slow.settle();
  t.deepEqual(world.objects(), before);
});

test('creds: a full application says that its passwords are at the limit', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.existingRole());
  world.emulator.changeSettings({ quotas: { passwordsPerApplication: 1 } });
  await engine.issue('app').catch(() => undefined);
  await t.throwsAsync(engine.issue('app'), {
    instanceOf: InternalError,
    message: /^maximum number of Application passwords reached: add password: 403 /,
  });
});

test('renew: the lease keeps its data, a deleted role is not extended', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.existingRole());
  const lease = await engine.issue('app');
  const renewed = await engine.renew(lease);
  t.deepEqual(renewed?.secret?.internalData, lease.secret.internalData);
  t.is(renewed?.secret?.ttlSeconds, 3600);
  await engine.request('delete', 'roles/app');
  t.is(await engine.renew(lease), undefined);
});

test('revoke: an application deleted by hand counts as revoked, and its assignments still go', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const lease = await engine.issue('app');
  const tenant = world.emulator.state();
  for (const application of tenant.applications.list()) {
    if (application.id === lease.secret.internalData['app_object_id']) tenant.deleteApplication(application);
  }
  await engine.revoke(lease);
  await engine.tick();
  t.deepEqual(
    world.objects().filter((object) => object.startsWith('assignment')),
    before.filter((object) => object.startsWith('assignment')),
  );
});

test('revoke: a part that cannot be removed does not fail it and is removed later', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const lease = await engine.issue('app');
  world.emulator.addFault({
    match: { method: 'DELETE', path: 'roleAssignments' },
    times: 1,
    answer: { status: 409, code: 'ScopeLocked', message: 'The scope is locked.' },
  });
  await engine.revoke(lease);
  t.is(world.storage.keys().filter((key) => key.startsWith('leftover/')).length, 1);
  world.moveTime(2 * 60_000);
  const later = world.startProcess();
  await later.tick();
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
  t.true(later.logger.messages('info').includes('what was left of a credential is removed'));
});

test('revoke: a credential that is not known to be dead fails it, with a retryable error', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const lease = await engine.issue('app');
  world.emulator.addFault({
    match: { method: 'DELETE', path: '/applications/' },
    times: 1,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' },
  });
  await t.throwsAsync(engine.revoke(lease), { instanceOf: AzureError, message: /^delete application: 403 / });
  await engine.revoke(lease);
  t.deepEqual(world.objects(), before);
});

test('revoke: a password younger than its replication is really removed', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.existingRole());
  const before = world.objects();
  const lease = await engine.issue('app');
  world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: 2,
    answer: { status: 400, code: 'Request_BadRequest', message: 'No password credential found with keyId.' },
  });
  await engine.revoke(lease);
  t.deepEqual(world.objects(), before);
});

test('revoke: without a config it fails with the reason, and succeeds once there is one again', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const lease = await engine.issue('app');
  await engine.request('delete', 'config');
  await t.throwsAsync(engine.revoke(lease), { message: 'error during revoke: subscription_id is required' });
  await world.configure(engine);
  await engine.revoke(lease);
  t.deepEqual(world.objects(), before);
});

test('permanently_delete: application and principal leave the recycle bin as well', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), permanently_delete: true });
  const lease = await engine.issue('app');
  await engine.revoke(lease);
  world.moveTime(2 * 60_000);
  await world.startProcess().tick();
  t.deepEqual(world.emulator.tenant().deletedItems, []);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('rotate-root: the new secret is proved, put in force, and only the own old one goes', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  const operator = () =>
    world.emulator.tenant({ secrets: true }).applications.find(({ appId }) => appId === world.emulator.clientId);
  const response = await engine.request('update', 'rotate-root');
  t.is(response?.warnings?.length, 1);
  t.regex(response?.warnings?.[0] ?? '', /^password [0-9a-f-]+ of the application was removed$/);
  const secrets = operator()?.passwords.map((password) => password.secretText);
  t.is(secrets?.length, 1);
  t.false(secrets?.includes(world.emulator.clientSecret));
  const config = (await engine.request('read', 'config'))?.data;
  t.is(config?.['root_password_key_id'], operator()?.passwords[0]?.keyId);
  t.is(typeof config?.['root_password_expiration_date'], 'string');
  await engine.request('create', 'roles/app', world.existingRole());
  await engine.issue('app');
});

test('config: a secret that an operator writes after a rotation has neither key id nor end', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('update', 'rotate-root');
  await engine.request('update', 'config', { request_timeout: 30 });
  t.is(typeof (await engine.request('read', 'config'))?.data?.['root_password_expiration_date'], 'string');
  await engine.request('update', 'config', { client_secret: 'written' });
  const config = (await engine.request('read', 'config'))?.data;
  t.is(config?.['root_password_key_id'], undefined);
  t.is(config?.['root_password_expiration_date'], undefined);
});

test('rotate-root: an old key that cannot be removed now is said to go later, and goes', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: 1,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  const response = await engine.request('update', 'rotate-root');
  t.regex(response?.warnings?.[0] ?? '', /^password [0-9a-f-]+ of the application is going to be removed$/);
  world.moveTime(2 * 60_000);
  await world.startProcess().tick();
  const operator = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  t.is(operator?.passwords.length, 1);
});

test('secrets: none shows in a read, a log line or an error', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const lease = await engine.issue('app');
  const config = await engine.request('read', 'config');
  await engine.request('update', 'rotate-root');
  const shown = JSON.stringify(config) + engine.logger.text();
  for (const secret of [world.emulator.clientSecret, lease.clientSecret]) t.false(shown.includes(secret));
});
