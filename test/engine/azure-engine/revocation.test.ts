import test from 'ava';
import { type LeaseData, readLease } from '../../../src/engines/azure/lease-data.ts';
import { AzureError, InternalError } from '../../../src/errors.ts';
import type { JsonValue } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

for (const role of ['dynamicRole', 'existingRole'] as const) {
  test(`revoke: a 404 of the login is no proof that the credential is gone (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const before = world.objects();
    const lease = await engine.issue('app');
    // What a metadata endpoint says while it starts.
    const fault = world.emulator.addFault({
      match: { host: 'login' },
      times: null,
      answer: { status: 404, code: 'not_found', message: 'Starting.' },
    });
    const later = world.startProcess();
    await t.throwsAsync(later.revoke(lease), { instanceOf: AzureError, message: /404/ });
    fault.remove();
    await later.revoke(lease);
    t.deepEqual(world.objects(), before);
  });

  test(`revoke: a 404 of something between us and Azure is no proof that the credential is gone (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const before = world.objects();
    const lease = await engine.issue('app');
    const fault = world.emulator.addFault({
      match: { host: 'graph' },
      times: null,
      answer: { status: 404, body: '<html>No such page</html>' },
    });
    await t.throwsAsync(engine.revoke(lease), { instanceOf: AzureError, message: /404/ });
    fault.remove();
    await engine.revoke(lease);
    t.deepEqual(world.objects(), before);
  });
}

const NOT_FOUND = { status: 404, code: 'Request_ResourceNotFound', message: 'Resource does not exist.' };
const ROLES = [
  { role: 'dynamicRole', path: '/applications/[^/]+$' },
  { role: 'existingRole', path: '/applications/[^/]+/removePassword$' },
] as const;

/** As in the portal: it goes to the recycle bin. */
function deleteByHand(world: EngineWorld, applicationObjectId: string): void {
  const tenant = world.emulator.state();
  for (const application of tenant.applications.list()) {
    if (application.id === applicationObjectId) tenant.deleteApplication(application);
  }
}

for (const { role, path } of ROLES) {
  test(`revoke: a young application that a replica does not know yet is really dealt with (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const before = world.objects();
    const lease = await engine.issue('app');
    world.emulator.addFault({ match: { host: 'graph', path }, times: 3, answer: NOT_FOUND });
    await engine.revoke(lease);
    t.deepEqual(world.objects(), before);
    t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
  });

  test(`revoke: a young application that never shows fails it until it is old enough to be gone (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const before = world.objects();
    const lease = await engine.issue('app');
    const fault = world.emulator.addFault({ match: { host: 'graph', path }, times: null, answer: NOT_FOUND });
    await t.throwsAsync(engine.revoke(lease), {
      instanceOf: InternalError,
      message: /was created a few minutes ago at most and Azure does not show it yet/,
    });
    t.true(
      world.storage.keys().some((key) => key.startsWith('issued/')),
      'its deadline stands',
    );
    world.moveTime(2 * 60_000);
    fault.remove();
    await world.startProcess().revoke(lease);
    t.deepEqual(world.objects(), before);
    t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
  });

  test(`revoke: a young application that was deleted by hand is gone at once (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const lease = await engine.issue('app');
    deleteByHand(world, readLease(lease.secret).applicationObjectId);
    engine.clock.delaysMs.length = 0;
    await engine.revoke(lease);
    t.deepEqual(engine.clock.delaysMs, [50_000], 'nothing but the budget');
    t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
  });

  test(`revoke: an application that was deleted and purged by hand is gone once it is old enough (${role})`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', world[role]());
    const lease = await engine.issue('app');
    const { applicationObjectId } = readLease(lease.secret);
    deleteByHand(world, applicationObjectId);
    for (const { id } of world.emulator.tenant().deletedItems) world.emulator.state().recycleBin.remove(id);
    await t.throwsAsync(engine.revoke(lease), { message: /was created a few minutes ago at most/ });
    world.moveTime(2 * 60_000);
    await world.startProcess().revoke(lease);
    t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
  });
}

test('revoke: issued and ended at once on slow replicas, ten times, nothing stays', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  await engine.request('create', 'roles/shared', world.existingRole());
  const before = world.objects();
  world.emulator.changeSettings({ replicationMs: 20_000 });
  for (let round = 0; round < 10; round++) {
    for (const role of ['app', 'shared']) await engine.revoke(await engine.issue(role));
  }
  t.deepEqual(world.objects(), before);
});

test('creds: what fails late is taken back also from replicas that do not know it yet', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const before = world.objects();
  world.emulator.addFault({
    match: { method: 'PUT', path: 'roleAssignments' },
    answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
  });
  world.emulator.addFault({ match: { method: 'DELETE', path: '/applications/' }, times: 3, answer: NOT_FOUND });
  await t.throwsAsync(engine.issue('app'), { message: /403 AuthorizationFailed/ });
  await engine.settle();
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

/** What may have happened to a credential's surroundings before its lease ends. */
const ACCIDENTS: Readonly<Record<string, (world: EngineWorld, lease: LeaseData) => void>> = {
  'its scope': ({ emulator }) => {
    const subscription = emulator.state().subscriptions.get(emulator.subscriptionId);
    if (subscription === undefined) throw new Error('no subscription');
    emulator.state().subscriptions.put({ ...subscription, resourceGroups: [] });
  },
  'its group': ({ emulator }) => {
    for (const group of emulator.state().groups.list()) emulator.state().deleteGroup(group);
  },
  'its application': (world, { applicationObjectId }) => deleteByHand(world, applicationObjectId),
  'its service principal': ({ emulator }, { servicePrincipalId }) => {
    const tenant = emulator.state();
    for (const principal of tenant.servicePrincipals.list()) {
      if (principal.id === servicePrincipalId) tenant.deleteServicePrincipal(principal);
    }
  },
  'its role assignments': ({ emulator }, { servicePrincipalId }) => {
    const { roleAssignments } = emulator.state();
    for (const assignment of roleAssignments.listByPrincipal(servicePrincipalId)) roleAssignments.remove(assignment);
  },
};

for (const [what, happen] of Object.entries(ACCIDENTS)) {
  test(`revoke: with ${what} deleted by hand it ends cleanly, old or young`, async (t) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await engine.request('create', 'roles/app', { ...world.dynamicRole(), azure_roles: resourceGroupRoles(world) });
    const count = (): number => world.objects().filter((object) => /^(application|principal) /.test(object)).length;
    const before = count();
    const [old, young] = [await engine.issue('app'), await engine.issue('app')];
    for (const lease of [old, young]) happen(world, readLease(lease.secret));
    await engine.revoke(young);
    world.moveTime(10 * 60_000);
    await world.startProcess().revoke(old);
    t.is(count(), before);
    t.deepEqual(world.storage.keys(), ['config', 'roles/app'], 'no left-over');
  });
}

/** One role at each resource group. */
const resourceGroupRoles = ({ emulator: { subscriptionId, resourceGroups } }: EngineWorld): JsonValue =>
  resourceGroups.map((name) => ({
    role_name: 'Reader',
    scope: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
  }));
