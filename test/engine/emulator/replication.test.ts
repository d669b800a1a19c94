/** Replication: what a write looks like before it has reached everyone, and that it has afterwards. */
import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { ROLE_IDS } from '../../emulator/state/built-in-roles.ts';
import { ReplicatedMap, type Lags } from '../../emulator/state/replicated-map.ts';
import { startEmulatorWorld, type EmulatorWorld } from '../../helpers/emulator-world.ts';

const LAG_MS = 30_000;

/** One replica and a clock that only the test moves: a write is unseen before the lag, seen after it. */
async function startLagging(t: ExecutionContext): Promise<EmulatorWorld & { readonly settle: () => void }> {
  const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
  const world = await startEmulatorWorld(t, { clock, settings: { replicationMs: LAG_MS, replicas: 1 } });
  return { ...world, settle: () => world.emulator.clock.advance(LAG_MS) };
}

const createApplication = ({ graph }: EmulatorWorld): ReturnType<EmulatorWorld['graph']> =>
  graph('POST', '/applications', { body: { displayName: 'fresh', passwordCredentials: [{ displayName: 'one' }] } });

test('fresh application: reads, writes and lists do not know it; the seeded one is known at once', async (t) => {
  const world = await startLagging(t);
  const { graph, emulator, settle } = world;
  t.is((await graph('GET', `/applications/${emulator.applications[0]!.id}`)).status, 200);
  const { body } = await createApplication(world);
  const id = String(body.id);
  const attempts: [string, string, object?][] = [
    ['GET', `/applications/${id}`],
    ['GET', `/applications(appId='${String(body.appId)}')`],
    ['PATCH', `/applications/${id}`, { displayName: 'x' }],
    ['POST', `/applications/${id}/addPassword`, {}],
    ['DELETE', `/applications/${id}`],
  ];
  for (const [method, path, sent] of attempts) {
    const answer = await graph(method, path, { body: sent });
    t.is(answer.status, 404, `${method} ${path}`);
    t.is(answer.body.error.code, 'Request_ResourceNotFound');
  }
  const filter = encodeURIComponent("displayName eq 'fresh'");
  t.deepEqual((await graph('GET', `/applications?$filter=${filter}`)).body.value, []);
  settle();
  t.is((await graph('GET', `/applications?$filter=${filter}`)).body.value.length, 1);
  t.is((await graph('DELETE', `/applications/${id}`)).status, 204);
});

test('fresh application: its principal fails in each flavour, in turn, then is made', async (t) => {
  const world = await startLagging(t);
  const { graph, emulator, settle } = world;
  emulator.changeSettings({ freshApplicationAnswers: ['noBackingApplicationObject', 'localTenant', 'notFound'] });
  const { body } = await createApplication(world);
  const upsert = (): ReturnType<typeof graph> =>
    graph('PATCH', `/servicePrincipals(appId='${String(body.appId)}')`, {
      headers: { prefer: 'create-if-missing' },
      body: { displayName: 'fresh' },
    });
  const first = await upsert();
  t.is(first.status, 400);
  t.is(first.body.error.details[0].code, 'NoBackingApplicationObject');
  const second = await upsert();
  t.is(second.status, 403);
  t.is(second.body.error.code, 'Authorization_RequestDenied');
  t.regex(second.body.error.message, /must in the local tenant/);
  const third = await upsert();
  t.is(third.status, 404);
  t.is(third.body.error.code, 'Request_ResourceNotFound');
  settle();
  t.is((await upsert()).status, 201);
  const again = await graph('POST', '/servicePrincipals', { body: { appId: body.appId } });
  t.is(again.status, 409, 'the primary knows at once');
  t.is((await upsert()).status, 204);
});

test('fresh principal: login, group and typeless assignment fail; a typed assignment does not', async (t) => {
  const world = await startLagging(t);
  const { graph, arm, emulator, groupScope, logIn, settle } = world;
  const { body: application } = await createApplication(world);
  const form = { client_id: application.appId, client_secret: application.passwordCredentials[0].secretText };
  t.deepEqual((await logIn(form)).body.error_codes, [700016]);
  settle();
  t.deepEqual((await logIn(form)).body.error_codes, [7000229]);
  const { body: principal } = await graph('POST', '/servicePrincipals', { body: { appId: application.appId } });
  t.deepEqual((await logIn(form)).body.error_codes, [7000229]);
  const join = (): ReturnType<typeof graph> =>
    graph('POST', `/groups/${emulator.groups[0]!.id}/members/$ref`, {
      body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${String(principal.id)}` },
    });
  t.is((await join()).status, 404);
  const assign = (properties: object): ReturnType<typeof arm> =>
    arm('PUT', `${groupScope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
      body: { properties: { principalId: principal.id, ...properties } },
    });
  const definition = (id: string): object => ({
    roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${id}`,
  });
  const young = await assign(definition(ROLE_IDS.reader));
  t.is(young.status, 400);
  t.is(young.body.error.code, 'PrincipalNotFound');
  t.is((await assign({ ...definition(ROLE_IDS.reader), principalType: 'ServicePrincipal' })).status, 201);
  settle();
  t.is((await logIn(form)).status, 200);
  t.is((await join()).status, 204);
  t.is((await assign(definition(ROLE_IDS.contributor))).status, 201);
});

test('fresh password: refused at login, not listed, not removable; the removed one works until all know', async (t) => {
  const world = await startLagging(t);
  const { graph, emulator, logIn, settle } = world;
  const { id, appId } = emulator.applications[0]!;
  const { body: password } = await graph('POST', `/applications/${id}/addPassword`, { body: {} });
  const form = { client_id: appId, client_secret: password.secretText };
  const listed = async (): Promise<boolean> => {
    const { body } = await graph('GET', `/applications/${id}`);
    return body.passwordCredentials.some(({ keyId }: { keyId: string }) => keyId === password.keyId);
  };
  const remove = (): ReturnType<typeof graph> =>
    graph('POST', `/applications/${id}/removePassword`, { body: { keyId: password.keyId } });
  t.deepEqual((await logIn(form)).body.error_codes, [7000215]);
  t.false(await listed());
  const early = await remove();
  t.is(early.status, 400);
  t.regex(early.body.error.message, /^No password credential found with keyId/);
  settle();
  t.is((await logIn(form)).status, 200);
  t.true(await listed());
  t.is((await remove()).status, 204);
  t.is((await logIn(form)).status, 200, 'not everywhere yet');
  t.true(await listed());
  settle();
  t.deepEqual((await logIn(form)).body.error_codes, [7000215]);
  t.false(await listed());
});

test('fresh assignment: its rights come, and go, after the lag', async (t) => {
  const world = await startLagging(t);
  const { arm, emulator, groupScope, getToken, settle } = world;
  const { body: application } = await createApplication(world);
  settle();
  const { body: principal } = await world.graph('POST', '/servicePrincipals', { body: { appId: application.appId } });
  settle();
  const identity = { clientId: application.appId, clientSecret: application.passwordCredentials[0].secretText };
  const token = await getToken('arm', identity);
  const probe = async (): Promise<number> =>
    (await arm('GET', `/subscriptions/${emulator.subscriptionId}/resourcegroups`, { token })).status;
  const path = `${groupScope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${ROLE_IDS.reader}`;
  const properties = { roleDefinitionId, principalId: principal.id, principalType: 'ServicePrincipal' };
  t.is((await arm('PUT', path, { body: { properties } })).status, 201);
  t.is(await probe(), 403);
  settle();
  t.is(await probe(), 200);
  t.is((await arm('DELETE', path)).status, 200);
  t.is((await arm('DELETE', path)).status, 204, 'ARM itself knows at once');
  t.is(await probe(), 200);
  settle();
  t.is(await probe(), 403);
});

test('deleted application: in the bin after the lag; its token is refused when its principal is gone everywhere', async (t) => {
  const world = await startLagging(t);
  const { graph, emulator, settle } = world;
  const { id } = emulator.applications[0]!;
  t.is((await graph('DELETE', `/applications/${id}`)).status, 204);
  t.is((await graph('GET', `/applications/${id}`)).status, 200, 'a stale replica still shows it');
  t.is((await graph('DELETE', `/applications/${id}`)).status, 404, 'but it cannot be deleted twice');
  t.is((await graph('DELETE', `/directory/deletedItems/${id}`)).status, 404);
  settle();
  t.is((await graph('GET', `/applications/${id}`)).status, 404);
  t.is((await graph('DELETE', `/directory/deletedItems/${id}`)).status, 204);
});

test('several replicas: a list may go back in time; with sticky ones a connection may not', async (t) => {
  const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
  const world = await startEmulatorWorld(t, { clock, settings: { replicationMs: LAG_MS, replicas: 3 } });
  const { graph, emulator } = world;
  const { id } = emulator.applications[0]!;
  await graph('POST', `/applications/${id}/addPassword`, { body: {} });
  emulator.clock.advance(LAG_MS / 2);
  const counts = async (): Promise<Set<number>> => {
    const found = new Set<number>();
    for (let call = 0; call < 30; call += 1) {
      found.add((await graph('GET', `/applications/${id}`)).body.passwordCredentials.length);
    }
    return found;
  };
  t.deepEqual([...(await counts())].sort(), [1, 2], 'one replica of three has seen it');
  emulator.changeSettings({ stickyReplicas: true });
  t.is((await counts()).size, 1);
  emulator.changeSettings({ stickyReplicas: false });
  emulator.clock.advance(LAG_MS / 2);
  t.deepEqual([...(await counts())], [2]);
});

test('lags of their own for logins and ARM', async (t) => {
  const world = await startEmulatorWorld(t, { settings: { loginReplicationMs: LAG_MS } });
  const created = await world.createPrincipal();
  t.is((await world.graph('GET', `/applications/${created.applicationId}`)).status, 200);
  const form = { client_id: created.clientId, client_secret: created.clientSecret };
  t.deepEqual((await world.logIn(form)).body.error_codes, [700016]);
  world.emulator.clock.advance(LAG_MS);
  t.is((await world.logIn(form)).status, 200);
});

test('map: each version appears whole, in order, after its own lag; old ones are forgotten', (t) => {
  let nowMs = 0;
  let lags: Lags = { login: 0, graph: 100, arm: 0 };
  const map = new ReplicatedMap<string>({ nowMs: () => nowMs, lags: () => lags });
  const see = (atMs: number, lagShare = 1): string | undefined => map.get('k', { service: 'graph', lagShare, atMs });
  map.set('k', 'one');
  nowMs = 50;
  map.set('k', 'two');
  nowMs = 60;
  map.delete('k');
  t.is(map.get('k'), undefined);
  t.deepEqual(
    [99, 100, 149, 150, 159, 160].map((atMs) => see(atMs)),
    [undefined, 'one', 'one', 'two', 'two', undefined],
  );
  t.is(see(50, 0.5), 'one');
  nowMs = 1000;
  lags = { login: 0, graph: 0, arm: 0 };
  map.set('k', 'three');
  t.is(see(0), 'three', 'without a lag a moved clock hides nothing');
  map.delete('k');
  t.deepEqual([...map.values()], []);
});
