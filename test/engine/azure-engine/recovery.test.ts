import test from 'ava';
import { readLease } from '../../../src/engines/azure/lease-data.ts';
import { CancelledError, DeadlineError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { nextTurn } from '../../helpers/fake-clock.ts';

const MINUTE_MS = 60_000;

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

const survives = test.macro(async (t, settings: Parameters<EngineWorld['emulator']['changeSettings']>[0]) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  world.emulator.changeSettings(settings);
  const lease = await engine.issue('app');
  await engine.revoke(lease);
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});
for (const answer of ['noBackingApplicationObject', 'localTenant', 'notFound'] as const) {
  test(`creds: replicas that lag behind and say ${answer} are waited for`, survives, {
    replicationMs: 6_000,
    freshApplicationAnswers: [answer],
  });
}

test('creds: throttling is waited out as long as Azure asks', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  world.emulator.addFault({
    match: { method: 'POST', path: '/applications$' },
    times: 2,
    answer: { status: 429, code: 'TooManyRequests', message: 'Slow down.', retryAfter: 7 },
  });
  engine.clock.delaysMs.length = 0;
  await engine.issue('app');
  t.deepEqual(
    engine.clock.delaysMs.filter((delay) => delay === 7000),
    [7000, 7000],
  );
});

test('creds: when time runs out the error tells what Azure said, and nothing stays', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const fault = world.emulator.addFault({
    match: { method: 'PUT', path: 'roleAssignments' },
    times: 1000,
    answer: { status: 503, code: 'ServiceUnavailable', message: 'Busy.' },
  });
  await t.throwsAsync(engine.issue('app'), {
    instanceOf: DeadlineError,
    message:
      /^assign role Reader at .*: 503 ServiceUnavailable: Busy\. \(request id .*\); still so at the end of the request's budget of 50 s$/,
  });
  fault.remove();
  await engine.settle();
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('creds: a caller who leaves ends the work, and what was made is taken back', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const caller = new AbortController();
  world.emulator.addFault({ match: { method: 'PUT', path: 'roleAssignments' }, times: 1, answer: 'hang' });
  const running = engine.request('read', 'creds/app', {}, { signal: caller.signal });
  while (!engine.gate.points.some((point) => point.startsWith('PUT')))
    await new Promise((resolve) => setImmediate(resolve));
  caller.abort(new CancelledError());
  await t.throwsAsync(running, { instanceOf: CancelledError });
  await engine.settle();
  t.deepEqual(world.objects(), before);
});

for (const role of ['dynamicRole', 'existingRole'] as const) {
  for (const moment of ['put issued/', 'delete operations/'] as const) {
    test(`creds: a caller who leaves at "${moment}" leaves no credential that nobody has (${role})`, async (t) => {
      const { world, engine } = await start();
      t.teardown(() => world.stop());
      await engine.request('create', 'roles/app', world[role]());
      const before = world.objects();
      const caller = new AbortController();
      engine.gate.afterwards = (point) => {
        if (point === `${moment} #1`) caller.abort(new CancelledError());
      };
      await t.throwsAsync(engine.request('read', 'creds/app', {}, { signal: caller.signal }), {
        instanceOf: CancelledError,
      });
      await engine.settle();
      world.moveTime(3 * MINUTE_MS); // Azure may not show a young password yet
      await world.startProcess().tick();
      t.deepEqual(world.objects(), before);
      t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
    });
  }
}

test('creds: a role assignment that arrives after its caller has left, and after the clean-up, goes too', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const caller = new AbortController();
  world.emulator.changeSettings({ latencyMs: 400 });
  const running = engine.request('read', 'creds/app', {}, { signal: caller.signal });
  while (!world.emulator.calls().some(({ method }) => method === 'PUT')) await nextTurn();
  world.emulator.changeSettings({ latencyMs: 0 });
  caller.abort(new CancelledError());
  await t.throwsAsync(running, { instanceOf: CancelledError });
  // The log names a call's route when its work is done; the clean-up may have taken it back since.
  while (!world.emulator.calls().some(({ method, route }) => method === 'PUT' && route !== '')) await nextTurn();
  await engine.settle();
  for (const minutes of [2, 16, 16, 16]) {
    world.moveTime(minutes * MINUTE_MS);
    await world.startProcess().tick();
  }
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

// Serial: it listens to the whole process.
test.serial('creds: fifty at once are all different and all revocable, and Node has nothing to warn of', async (t) => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', note);
  t.teardown(() => void process.off('warning', note));
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  await engine.request('create', 'roles/shared', world.existingRole());
  const before = world.objects();
  const leases = await Promise.all(
    Array.from({ length: 50 }, (_, index) => engine.issue(index % 2 === 0 ? 'app' : 'shared')),
  );
  t.is(new Set(leases.map(({ clientSecret }) => clientSecret)).size, 50);
  await Promise.all(leases.map((lease) => engine.revoke(lease)));
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app', 'roles/shared']);
  t.deepEqual(warnings, []);
});

test('minute work: one failing item does not stop the others, and the error names it', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const damaged = '{"kind":"password","role":"r","application_object_id":"';
  world.storage.writeJson('operations/bad', 'no json');
  world.storage.writeJson('operations/good', `${damaged}00000000-0000-0000-0000-000000000001"}`);
  for (const minutes of [0, 16, 16]) {
    world.moveTime(minutes * MINUTE_MS);
    await t.throwsAsync(world.startProcess().tick(), {
      message: /operation bad: stored record operations\/bad cannot be read/,
    });
  }
  t.deepEqual(world.storage.keys(), ['config', 'operations/bad']);
});

test('minute work: does nothing on a node that must not write, nor without a config', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  world.storage.writeJson('operations/x', {});
  for (const bit of [64, 512, 16384]) {
    world.systemView.replication = bit;
    t.is(await engine.tick(), undefined);
  }
  world.systemView.replication = 12288;
  await engine.request('delete', 'config');
  t.is(await engine.tick(), undefined);
  t.deepEqual(world.storage.keys(), ['operations/x']);
});

test('minute work: on a mount that is going away ages do not count', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const dying = world.startProcess();
  dying.gate.arm({ point: 'PATCH graph /servicePrincipals(appId={appId}) #1', mode: 'die-before' });
  void dying.issue('app');
  await dying.gate.died;
  world.systemView.tainted = true;
  await world.startProcess().tick();
  t.deepEqual(world.objects(), before);
});

test('creds: a password made late in its request is young for as long as any other when it is taken back', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('update', 'config', { request_timeout: 85 });
  await engine.request('create', 'roles/app', world.existingRole());
  const before = world.objects();
  world.emulator.addFault({
    match: { method: 'POST', path: 'addPassword' },
    answer: { status: 429, code: 'TooManyRequests', message: 'Slow down.', retryAfter: 80 },
  });
  const fault = world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: null,
    answer: { status: 400, code: 'Request_BadRequest', message: 'No password credential found with keyId.' },
  });
  engine.gate.arm({ point: 'put issued/ #1', mode: 'fail-before' });
  await t.throwsAsync(engine.issue('app'));
  await engine.settle();
  fault.remove();
  for (const minutes of [2, 16, 16, 16]) {
    world.moveTime(minutes * MINUTE_MS);
    await world.startProcess().tick();
  }
  t.deepEqual(world.objects(), before);
});

test('left-overs: those of a credential and of its twin, made when an answer was lost, do not replace one another', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), permanently_delete: true });
  const before = world.objects();
  world.emulator.addFault({ match: { method: 'POST', path: '/applications$' }, answer: 'after' });
  // The look for it meets a replica that does not know it yet.
  world.emulator.addFault({
    match: { method: 'GET', path: '/applications$' },
    answer: { status: 200, body: { value: [] } },
  });
  const lease = await engine.issue('app');
  const fault = world.emulator.addFault({
    match: { method: 'DELETE', path: 'deletedItems' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  world.moveTime(2 * MINUTE_MS);
  await world.startProcess().tick();
  await world.startProcess().revoke(lease);
  t.deepEqual(world.objects(), before);
  t.is(world.emulator.tenant().deletedItems.length, 3); // the twin has no principal
  fault.remove();
  for (const minutes of [16, 16, 16]) {
    world.moveTime(minutes * MINUTE_MS);
    await world.startProcess().tick();
  }
  t.deepEqual(world.emulator.tenant().deletedItems, []);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('recovery: an assignment that cannot be removed becomes a left-over, the intent is worked off', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const dying = world.startProcess();
  dying.gate.arm({ point: 'put issued/ #1', mode: 'die-before' });
  void dying.issue('app');
  await dying.gate.died;
  const fault = world.emulator.addFault({
    match: { method: 'DELETE', path: 'roleAssignments' },
    times: null,
    answer: { status: 409, code: 'ScopeLocked', message: 'The scope is locked.' },
  });
  for (const minutes of [2, 1, 16, 16]) {
    world.moveTime(minutes * MINUTE_MS);
    await world.startProcess().tick();
  }
  t.deepEqual(
    world.storage.keys().map((key) => key.replace(/\/.*/, '')),
    ['config', 'leftover', 'roles'],
  );
  fault.remove();
  world.moveTime(24 * 60 * MINUTE_MS);
  await world.startProcess().tick();
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

/** As the Go plugin v0.23.0 writes them; `created_at` an hour ago. */
function foreignEntry(world: EngineWorld, kind: string, data: JsonObject): void {
  const createdAt = Math.floor(world.now.getTime() / 1000) - 3600;
  world.storage.writeJson('wal/6f1c0d9e-0000-4000-8000-000000000001', { type: kind, data, created_at: createdAt });
}

test('entries of the Go plugin: an application that it left is deleted for good', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  const lease = await engine.issue('app');
  const assignmentIds = lease.secret.internalData['role_assignment_ids'] as readonly string[];
  foreignEntry(world, 'appCreate', {
    AppID: lease.clientId,
    AppObjID: lease.secret.internalData['app_object_id'] ?? '',
    Expiration: '2099-01-01T00:00:00Z',
  });
  t.is(await engine.tick(), undefined);
  t.deepEqual(
    world.objects().filter((object) => !object.startsWith('assignment')),
    before.filter((object) => !object.startsWith('assignment')),
  );
  foreignEntry(world, 'appRoleAssign', {
    SpID: lease.secret.internalData['sp_object_id'] ?? '',
    AssignmentIDs: [assignmentIds[0]?.split('/').at(-1) ?? ''],
    AzureRoles: [{ role_name: 'Reader', role_id: 'x', scope: `/subscriptions/${world.emulator.subscriptionId}` }],
    Expiration: '2099-01-01T00:00:00Z',
  });
  t.is(await engine.tick(), undefined);
  t.deepEqual(world.objects(), before);
  t.deepEqual(
    world.storage.keys().filter((key) => key.startsWith('wal/')),
    [],
  );
});

test('entries of the Go plugin: each assignment goes by its own scope, whatever becomes of the others', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const lease = await engine.issue('app');
  const { roleAssignmentIds, servicePrincipalId } = readLease(lease.secret);
  const [guid = ''] = roleAssignmentIds.map((id) => id.split('/').at(-1) ?? '');
  const other = '00000000-0000-4000-8000-000000000001';
  const scope = `/subscriptions/${world.emulator.subscriptionId}`;
  foreignEntry(world, 'appRoleAssign', {
    SpID: servicePrincipalId,
    AssignmentIDs: ['00000000-0000-4000-8000-000000000000', other, guid],
    AzureRoles: [null, { role_name: 'Reader', role_id: 'x', scope }, { role_name: 'Reader', role_id: 'x', scope }],
    Expiration: '2099-01-01T00:00:00Z',
  });
  world.emulator.addFault({
    match: { method: 'DELETE', path: other },
    times: null,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
  });
  await world.startProcess().tick();
  t.false(world.objects().some((object) => object.startsWith(`assignment ${guid}`)));
  t.is(world.storage.keys().filter((key) => key.startsWith('wal/')).length, 1, 'the entry stays for the other');
});

test('entries of the Go plugin: an unfinished rotation clears only what it staged itself', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const stored = world.storage.readJson('config') as JsonObject;
  const stage = (ageSeconds: number): void =>
    world.storage.writeJson('config', {
      ...stored,
      new_client_secret: 'staged',
      new_client_secret_key_id: 'k',
      new_client_secret_created: new Date(world.now.getTime() - ageSeconds * 1000).toISOString(),
    });
  stage(30);
  foreignEntry(world, 'rotateRootCreds', {});
  await world.startProcess().tick();
  t.is((world.storage.readJson('config') as JsonObject)['new_client_secret'], 'staged');
  stage(3600);
  foreignEntry(world, 'rotateRootCreds', {});
  await world.startProcess().tick();
  t.is((world.storage.readJson('config') as JsonObject)['new_client_secret'], '');
});

/** A rotation of the Go plugin that added a password, staged it an hour ago and ended there. */
async function stageAsGoPlugin(world: EngineWorld, password: { keyId: string; secretText: string }): Promise<void> {
  const { applications } = world.emulator.state();
  const own = [...applications.list()].find(({ appId }) => appId === world.emulator.clientId);
  const [first] = own?.passwords ?? [];
  if (own === undefined || first === undefined) throw new Error('no application');
  applications.put({ ...own, passwords: [first, { ...first, ...password }] });
  world.storage.writeJson('config', {
    ...(world.storage.readJson('config') as JsonObject),
    new_client_secret: password.secretText,
    new_client_secret_key_id: password.keyId,
    new_client_secret_created: new Date(world.now.getTime() - 3600_000).toISOString(),
  });
  foreignEntry(world, 'rotateRootCreds', {});
}

/** The tick promotes a staged secret that Azure accepts: here it does not, so that the entry is what ends it. */
function refuseLogins(world: EngineWorld, secretText: string): void {
  const { applications } = world.emulator.state();
  const own = [...applications.list()].find(({ appId }) => appId === world.emulator.clientId);
  if (own === undefined) throw new Error('no application');
  const passwords = own.passwords.map((password) =>
    password.secretText === secretText ? { ...password, secretText: `${secretText}-not-replicated` } : password,
  );
  applications.put({ ...own, passwords });
}

function rootKeyIds(world: EngineWorld): string[] {
  const own = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  return (own?.passwords ?? []).map(({ keyId }) => keyId);
}

test('entries of the Go plugin: the password of an unfinished rotation goes with what was staged', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const before = rootKeyIds(world);
  await stageAsGoPlugin(world, { keyId: 'half-done', secretText: 'staged' });
  refuseLogins(world, 'staged');
  await world.startProcess().tick();
  t.deepEqual(rootKeyIds(world), before);
  t.is((world.storage.readJson('config') as JsonObject)['new_client_secret'], '');
  t.deepEqual(world.storage.keys(), ['config']);
});

test('entries of the Go plugin: the password of an unfinished rotation stays when it is the one in use', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const [inUse = ''] = rootKeyIds(world);
  world.storage.writeJson('config', {
    ...(world.storage.readJson('config') as JsonObject),
    client_secret_key_id: inUse,
    new_client_secret: 'staged',
    new_client_secret_key_id: inUse,
    new_client_secret_created: new Date(world.now.getTime() - 3600_000).toISOString(),
  });
  foreignEntry(world, 'rotateRootCreds', {});
  await world.startProcess().tick();
  t.deepEqual(rootKeyIds(world), [inUse]);
  t.is((world.storage.readJson('config') as JsonObject)['new_client_secret'], '');
});

test('entries of the Go plugin: a password that cannot be removed keeps its entry for a day, then is named', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  await stageAsGoPlugin(world, { keyId: 'half-done', secretText: 'staged' });
  refuseLogins(world, 'staged');
  world.emulator.addFault({
    match: { method: 'POST', path: 'removePassword' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  await world.startProcess().tick();
  t.is((world.storage.readJson('config') as JsonObject)['new_client_secret'], 'staged');
  t.is(world.storage.keys().filter((key) => key.startsWith('wal/')).length, 1);
  world.moveTime(24 * 60 * MINUTE_MS);
  const engine = world.startProcess();
  await engine.tick();
  t.is((world.storage.readJson('config') as JsonObject)['new_client_secret'], '');
  t.deepEqual(world.storage.keys(), ['config']);
  t.regex(engine.logger.text(), /password of an unfinished rotation .*half-done/);
});

test('entries of the Go plugin: a staged root secret of it is put in force, and only the old one goes', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const operator = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
  const old = operator?.passwords[0]?.keyId;
  const engine = world.startProcess();
  // Stop our own rotation once it has staged, and forget the intent: what the Go plugin would leave.
  engine.gate.arm({ point: 'POST entra /{tenant}/oauth2/v2.0/token #2', mode: 'die-before' });
  void engine.request('update', 'rotate-root');
  await engine.gate.died;
  for (const key of world.storage.keys()) if (key.startsWith('operations/')) await world.storage.delete(key);
  const staged = (world.storage.readJson('config') as JsonObject)['new_client_secret'];
  t.not(staged, '');
  for (const minutes of [2, 2, 20, 20, 20]) {
    world.moveTime(minutes * MINUTE_MS);
    await world.startProcess().tick();
  }
  const config = world.storage.readJson('config') as JsonObject;
  t.is(config['client_secret'], staged);
  const keys = world.emulator
    .tenant()
    .applications.find(({ id }) => id === operator?.id)
    ?.passwords.map(({ keyId }) => keyId);
  t.deepEqual(keys, [config['client_secret_key_id'] as string]);
  t.false(keys?.includes(old ?? ''));
  t.deepEqual(world.storage.keys(), ['config']);
});
