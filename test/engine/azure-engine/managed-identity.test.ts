/** The managed identity of a virtual machine. MSAL keeps the first endpoint that it sees: one flavour for a file. */
import test, { type ExecutionContext } from 'ava';
import { AzureError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

let world: EngineWorld;
test.before(async () => {
  world = await EngineWorld.start();
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = world.emulator.identityEndpoints.metadataService;
  // What a pod with workload identity has beside it; a managed identity is not that.
  process.env['AZURE_FEDERATED_TOKEN_FILE'] = '/no/such/file';
});
test.after.always(() => world.stop());

async function start(
  t: ExecutionContext,
  fields: (clientId: string) => JsonObject,
  isSystemAssigned = false,
): Promise<{ engine: EngineProcess; clientId: string }> {
  world.reset(world.storage);
  for (const key of world.storage.keys()) await world.storage.delete(key);
  const { clientId } = world.emulator.addManagedIdentity({ isSystemAssigned });
  const engine = world.startProcess();
  t.teardown(() => engine.stop());
  const { subscriptionId, tenantId } = world.emulator;
  const config = { subscription_id: subscriptionId, tenant_id: tenantId, ...fields(clientId) };
  await engine.request('create', 'config', config);
  return { engine, clientId };
}

const platformCalls = () => world.emulator.calls().filter(({ route }) => route.includes('/metadata/identity/'));

for (const [title, isSystemAssigned] of [
  ['the system-assigned identity', true],
  ['a user-assigned identity, named by client_id', false],
] as const) {
  test.serial(`${title}: a credential is issued and revoked`, async (t) => {
    const { engine } = await start(
      t,
      (clientId) => ({ verify: true, ...(isSystemAssigned ? {} : { client_id: clientId }) }),
      isSystemAssigned,
    );
    t.is((await engine.request('read', 'config'))?.data?.['auth_method'], 'managed_identity');
    await engine.request('create', 'roles/web', world.dynamicRole());
    const before = world.objects();
    const lease = await engine.issue('web');
    t.not(world.objects().length, before.length);
    await engine.revoke(lease);
    t.deepEqual(world.objects(), before);
    t.is(world.emulator.calls().filter(({ host }) => host.startsWith('login.')).length, 0);
    t.true(platformCalls().every(({ status }) => status === 200));
  });
}

test.serial('an identity that the machine does not have is told with the remedy, once', async (t) => {
  const { engine } = await start(t, () => ({ client_id: 'c0ffee00-0000-4000-8000-000000000000' }));
  await t.throwsAsync(engine.request('create', 'roles/web', world.dynamicRole()), {
    instanceOf: AzureError,
    message: /400 invalid_request: Identity not found; assign the identity to the machine/,
  });
  t.deepEqual(
    platformCalls().map(({ status }) => status),
    [400, 400],
  );
});

for (const [status, minimumMs] of [
  [404, 1_000],
  [410, 3_000],
  [429, 1_000],
  [500, 1_000],
  [503, 1_000],
] as const) {
  test.serial(`the metadata service answers ${status} for a while: the request waits and succeeds`, async (t) => {
    const { engine } = await start(t, () => ({}), true);
    const fault = world.emulator.addFault({ match: { host: 'managedIdentity' }, times: 3, answer: { status } });
    engine.clock.delaysMs.length = 0;
    await engine.request('create', 'roles/app', world.existingRole());
    t.is(fault.fired(), 3);
    const waits = engine.clock.delaysMs.filter((ms) => ms >= minimumMs && ms < 10_000);
    t.true(waits.length >= 3, String(engine.clock.delaysMs));
  });
}

test.serial('the metadata service asks to wait: so long the request waits', async (t) => {
  const { engine } = await start(t, () => ({}), true);
  world.emulator.addFault({ match: { host: 'managedIdentity' }, answer: { status: 429, retryAfter: 7 } });
  engine.clock.delaysMs.length = 0;
  await engine.request('create', 'roles/app', world.existingRole());
  t.true(engine.clock.delaysMs.includes(7_000));
});

test.serial('verify with an identity that the machine does not have stores nothing', async (t) => {
  const client_id = 'c0ffee00-0000-4000-8000-000000000000';
  await t.throwsAsync(
    start(t, () => ({ client_id, verify: true })),
    { instanceOf: InvalidRequestError, message: /^nothing was stored: .*Identity not found/ },
  );
  t.deepEqual(world.storage.keys(), []);
});

test.serial('rotate-root has nothing to rotate', async (t) => {
  const { engine } = await start(t, () => ({}), true);
  await t.throwsAsync(engine.request('update', 'rotate-root'), {
    instanceOf: InvalidRequestError,
    message: /^nothing to rotate: .* a managed identity, whose secret the platform keeps$/,
  });
});
