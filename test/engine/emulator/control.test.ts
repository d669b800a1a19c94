/** The control API and its twin in the process: log, settings, faults, clock, reset. */
import test from 'ava';
import type { Untyped } from '../../helpers/azure-tunnel.ts';
import { startEmulatorWorld, type EmulatorWorld } from '../../helpers/emulator-world.ts';

async function control(
  { emulator }: EmulatorWorld,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Untyped }> {
  const response = await fetch(`${emulator.controlUrl}/_emulator${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

test('calls: logged in order with route, status and time; can be read from an index on and cleared', async (t) => {
  const world = await startEmulatorWorld(t, { settings: { latencyMs: 20 } });
  await world.graph('GET', '/groups?$top=1');
  await world.graph('GET', '/groups/none');
  const { body } = await control(world, 'GET', '/calls');
  t.deepEqual(
    body.map(({ index, host, method, path, route, status }: Record<string, unknown>) => [
      index,
      host,
      method,
      path,
      route,
      status,
    ]),
    [
      [
        1,
        'login.microsoftonline.com',
        'POST',
        `/${world.emulator.tenantId}/oauth2/v2.0/token`,
        'POST /{tenant}/oauth2/v2.0/token',
        200,
      ],
      [2, 'graph.microsoft.com', 'GET', '/v1.0/groups?$top=1', 'GET /groups', 200],
      [3, 'graph.microsoft.com', 'GET', '/v1.0/groups/none', 'GET /groups/{id}', 404],
    ],
  );
  t.true(body.every(({ ms }: { ms: number }) => ms >= 19));
  t.deepEqual((await control(world, 'GET', '/calls?after=2')).body, body.slice(2));
  t.deepEqual(world.emulator.calls(2), body.slice(2));
  await control(world, 'DELETE', '/calls');
  t.deepEqual(world.emulator.calls(), []);
});

test('tenant: shows everything; secrets only when asked for', async (t) => {
  const world = await startEmulatorWorld(t);
  const created = await world.createPrincipal('shown');
  const { body } = await control(world, 'GET', '/tenant');
  const application = body.applications.find(({ id }: { id: string }) => id === created.applicationId);
  t.like(application, { displayName: 'shown', appId: created.clientId, signInAudience: 'AzureADMyOrg' });
  t.is(application.passwords[0].keyId, created.keyId);
  t.false('secretText' in application.passwords[0]);
  t.false(JSON.stringify(body).includes(created.clientSecret));
  const open = await control(world, 'GET', '/tenant?secrets=true');
  t.true(JSON.stringify(open.body).includes(created.clientSecret));
  t.deepEqual(body.roleAssignments[0].roleName, 'Owner');
  t.deepEqual(body.appRoleAssignments.map(({ value }: { value: string }) => value).sort(), [
    'AppRoleAssignment.ReadWrite.All',
    'Application.ReadWrite.All',
    'Directory.Read.All',
    'GroupMember.ReadWrite.All',
  ]);
});

test('settings: change what is named, keep the rest; the clock moves by itself or to a time', async (t) => {
  const world = await startEmulatorWorld(t);
  const { body } = await control(world, 'POST', '/settings', {
    latencyMs: 1,
    quotas: { ownersPerApplication: 2 },
    throttling: { login: { capacity: 5, refillPerSecond: 1 } },
    clock: { now: '2031-02-03T04:05:06Z' },
  });
  t.like(body, { latencyMs: 1, replicationMs: 0, throttling: { login: { capacity: 5, refillPerSecond: 1 } } });
  t.like(body.quotas, { ownersPerApplication: 2, directoryObjects: 50_000 });
  t.true(body.clock.now.startsWith('2031-02-03T04:05:0'));
  const later = await control(world, 'POST', '/settings', { clock: { advanceMs: 3_600_000 } });
  t.true(later.body.clock.now.startsWith('2031-02-03T05:05:0'));
  t.deepEqual((await control(world, 'GET', '/settings')).body.quotas, later.body.quotas);
});

const badSetting = test.macro({
  title: (_name, change: object) => `settings: refused with its name: ${JSON.stringify(change)}`,
  exec: async (t, change: object, expected: RegExp) => {
    const world = await startEmulatorWorld(t);
    const before = world.emulator.settings();
    const { status, body } = await control(world, 'POST', '/settings', change);
    t.is(status, 400);
    t.regex(body.error, expected);
    t.is(world.emulator.settings(), before);
  },
});

test(badSetting, { latency: 1 }, /unknown setting latency/);
test(badSetting, { latencyMs: -1 }, /latencyMs must be a whole number/);
test(badSetting, { replicas: 0 }, /replicas must be 1 or more/);
test(badSetting, { creationPasswords: 'maybe' }, /creationPasswords must be one of honoured, refused/);
test(badSetting, { freshApplicationAnswers: [] }, /freshApplicationAnswers must be a list/);
test(badSetting, { quotas: { owners: 1 } }, /unknown setting quotas.owners/);
test(badSetting, { throttling: { graph: {} } }, /unknown setting throttling.graph/);
test(badSetting, { throttling: 'much' }, /throttling must be one of off, azure/);
test(badSetting, { clock: {} }, /clock must hold/);
test(badSetting, { stickyReplicas: 1 }, /stickyReplicas must be true or false/);

test('reset: seeded tenant, first settings, real time, no faults, empty log', async (t) => {
  const world = await startEmulatorWorld(t, { settings: { replicas: 2 } });
  const fresh = world.emulator.tenant();
  await world.createPrincipal();
  world.emulator.changeSettings({ latencyMs: 5, replicas: 1 });
  world.emulator.clock.advance(1_000_000_000);
  world.emulator.addFault({ times: null, answer: 'reset' });
  t.is((await control(world, 'POST', '/reset')).status, 200);
  const { time, ...state } = world.emulator.tenant();
  t.like(fresh, { tenantId: state.tenantId, groups: [...state.groups], subscriptions: [...state.subscriptions] });
  t.deepEqual(
    state.applications.map(({ id, appId, displayName }) => ({ id, appId, displayName })),
    fresh.applications.map(({ id, appId, displayName }) => ({ id, appId, displayName })),
  );
  t.true(new Date(time).getTime() < Date.now() + 60_000);
  t.deepEqual(world.emulator.calls(), []);
  t.like(world.emulator.settings(), { replicas: 2, latencyMs: 0 });
  t.is((await world.logIn()).status, 200, 'the operator logs in as before');
});

test('fault: status, code, message and Retry-After in the form of each service, once by default', async (t) => {
  const world = await startEmulatorWorld(t);
  await world.graph('GET', '/groups');
  await world.arm('GET', '/subscriptions');
  const answer = { status: 429, code: 'Busy', message: 'Slow down.', retryAfter: 7 };
  const added = await control(world, 'POST', '/faults', [
    { match: { host: 'graph.microsoft.com' }, answer },
    { match: { host: 'arm', method: 'get' }, answer: { ...answer, headers: { 'x-extra': 'yes' } } },
    { match: { host: 'login' }, answer: { status: 401, code: 'invalid_client', message: 'AADSTS7000222: expired' } },
  ]);
  t.deepEqual(
    added.body.map(({ id }: { id: string }) => id),
    ['1', '2', '3'],
  );
  const graph = await world.graph('GET', '/groups');
  t.is(graph.status, 429);
  t.is(graph.headers['retry-after'], '7');
  t.like(graph.body.error, { code: 'Busy', message: 'Slow down.' });
  t.truthy(graph.body.error.innerError['request-id']);
  const arm = await world.arm('GET', '/subscriptions');
  t.deepEqual(arm.body, { error: { code: 'Busy', message: 'Slow down.' } });
  t.is(arm.headers['x-extra'], 'yes');
  const login = await world.logIn();
  t.is(login.body.error, 'invalid_client');
  t.deepEqual(login.body.error_codes, [7_000_222]);
  t.is((await world.graph('GET', '/groups')).status, 200);
  t.deepEqual(
    world.emulator.calls().map(({ fault }) => fault),
    ['', '', '', '', '1', '2', '3', ''],
  );
});

test('fault: another body, and an error after the work is done', async (t) => {
  const world = await startEmulatorWorld(t);
  const create = (): ReturnType<typeof world.graph> =>
    world.graph('POST', '/applications', { body: { displayName: 'made' } });
  await control(world, 'POST', '/faults', [
    { match: { method: 'POST', host: 'graph' }, answer: { status: 502, body: '<html>Bad gateway</html>' } },
    { match: { method: 'POST', host: 'graph' }, skip: 1, answer: { status: 201, body: { id: 'odd' } } },
    { match: { method: 'POST', host: 'graph' }, skip: 2, answer: { status: 504, done: true } },
  ]);
  const page = await create();
  t.is(page.status, 502);
  t.is(page.text, '<html>Bad gateway</html>');
  t.is(page.headers['content-type'], 'text/html');
  t.deepEqual((await create()).body, { id: 'odd' });
  const before = world.emulator.tenant().applications.length;
  const late = await create();
  t.is(late.status, 504);
  t.is(late.body.error.code, 'Emulated504');
  t.is(world.emulator.tenant().applications.length, before + 1);
  t.is(world.emulator.calls().at(-1)?.route, 'POST /applications');
});

test('fault: skips the first calls, fires so many times, counts, and goes when removed', async (t) => {
  const world = await startEmulatorWorld(t);
  const statuses = async (count: number): Promise<number[]> => {
    const found: number[] = [];
    for (let call = 0; call < count; call += 1) found.push((await world.graph('GET', '/groups')).status);
    return found;
  };
  const fault = world.emulator.addFault({
    match: { path: '^/v1\\.0/groups$' },
    skip: 1,
    times: 2,
    answer: { status: 503 },
  });
  t.deepEqual(await statuses(4), [200, 503, 503, 200]);
  t.is(fault.fired(), 2);
  t.is(fault.seen(), 4);
  await fault.whenFired();
  const { body } = await control(world, 'POST', '/faults', {
    match: { host: 'graph' },
    times: null,
    answer: { status: 500 },
  });
  t.deepEqual(await statuses(2), [500, 500]);
  t.deepEqual((await control(world, 'DELETE', `/faults/${String(body[0].id)}`)).body, { removed: true });
  t.deepEqual(await statuses(1), [200]);
  t.is((await control(world, 'GET', '/faults')).body.length, 1);
  await control(world, 'DELETE', '/faults');
  t.deepEqual((await control(world, 'GET', '/faults')).body, []);
});

test('fault: by body and by a path with parentheses', async (t) => {
  const world = await startEmulatorWorld(t);
  world.emulator.addFault({ match: { body: 'scope=.*management' }, answer: { status: 500 } });
  t.is((await world.logIn()).status, 200);
  t.is((await world.logIn({ scope: 'https://management.azure.com/.default' })).status, 500);
  world.emulator.addFault({ match: { path: /servicePrincipals\(appId='[^']+'\)$/ }, answer: { status: 502 } });
  const path = `/servicePrincipals(appId='${world.emulator.clientId}')`;
  t.is((await world.graph('GET', path)).status, 502);
  t.is((await world.graph('GET', path)).status, 200);
});

test('fault: reset does nothing and breaks; after does the work and breaks', async (t) => {
  const world = await startEmulatorWorld(t);
  const create = (): Promise<unknown> => world.graph('POST', '/applications', { body: { displayName: 'made' } });
  const count = (): number =>
    world.emulator.tenant().applications.filter(({ displayName }) => displayName === 'made').length;
  await world.graph('GET', '/groups');
  world.emulator.addFault({ match: { method: 'POST' }, answer: 'reset' });
  await t.throwsAsync(create(), { code: 'ECONNRESET' });
  t.is(count(), 0);
  world.emulator.addFault({ match: { method: 'POST' }, answer: 'after' });
  await t.throwsAsync(create(), { code: 'ECONNRESET' });
  t.is(count(), 1);
  t.deepEqual(
    world.emulator.calls(2).map(({ status, route }) => [status, route]),
    [
      [0, ''],
      [0, 'POST /applications'],
    ],
  );
});

test('fault: hang never answers; hangAfter has done the work', async (t) => {
  const world = await startEmulatorWorld(t);
  const token = await world.getToken('graph');
  for (const answer of ['hang', 'hangAfter'] as const) {
    const fault = world.emulator.addFault({ match: { method: 'POST' }, answer });
    const abort = new AbortController();
    const call = world.tunnel.call('https://graph.microsoft.com/v1.0/applications', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: { displayName: answer },
      signal: abort.signal,
    });
    await fault.whenFired();
    abort.abort();
    await t.throwsAsync(call, { name: 'AbortError' });
  }
  const made = world.emulator.tenant().applications.map(({ displayName }) => displayName);
  t.false(made.includes('hang'));
  t.true(made.includes('hangAfter'));
});

test('fault: slow body: the headers come at once, the end later', async (t) => {
  const world = await startEmulatorWorld(t);
  await world.graph('GET', '/groups');
  world.emulator.addFault({ answer: { slowBodyMs: 50 } });
  const startedAt = performance.now();
  const answer = await world.graph('GET', '/groups');
  t.is(answer.status, 200);
  t.is(answer.body.value.length, 2);
  t.true(performance.now() - startedAt >= 45);
});

const badFault = test.macro({
  title: (_name, fault: unknown) => `fault: refused with the reason: ${JSON.stringify(fault)}`,
  exec: async (t, fault: unknown, expected: RegExp) => {
    const world = await startEmulatorWorld(t);
    const { status, body } = await control(world, 'POST', '/faults', [fault]);
    t.is(status, 400);
    t.regex(body.error, expected);
    t.deepEqual((await control(world, 'GET', '/faults')).body, []);
  },
});

test(badFault, 'reset', /a fault must be an object/);
test(badFault, { answer: 'explode' }, /answer must be an object or one of hang, reset/);
test(badFault, { answer: { status: 99 } }, /answer.status must be 200 to 599/);
test(badFault, { answer: 'hang', times: 0 }, /times must be 1 or more/);
test(badFault, { answer: 'hang', skip: -1 }, /skip must be/);
test(badFault, { answer: 'hang', match: { path: '(' } }, /match.path must be a regular expression/);
test(badFault, { answer: 'hang', match: { route: 'x' } }, /unknown property route in match/);
test(badFault, { answer: 'hang', match: { host: 1 } }, /match.host must be a string/);

test('control: unknown route is a 404, bad JSON a 400', async (t) => {
  const world = await startEmulatorWorld(t);
  t.is((await control(world, 'GET', '/nonsense')).status, 404);
  const response = await fetch(`${world.emulator.controlUrl}/_emulator/faults`, { method: 'POST', body: '{' });
  t.is(response.status, 400);
});
