/** The managed identity of App Service. MSAL keeps the first endpoint that it sees: one flavour for a file. */
import test from 'ava';
import { EngineWorld } from '../../helpers/engine-world.ts';

let world: EngineWorld;
test.before(async () => {
  world = await EngineWorld.start();
  process.env['IDENTITY_ENDPOINT'] = world.emulator.identityEndpoints.appService;
  process.env['IDENTITY_HEADER'] = world.emulator.identityEndpoints.appServiceHeader;
});
test.after.always(() => world.stop());

test.serial('App Service: both kinds of identity get a credential issued and revoked, with the header', async (t) => {
  const { subscriptionId, tenantId } = world.emulator;
  world.emulator.addManagedIdentity({ isSystemAssigned: true });
  const assigned = world.emulator.addManagedIdentity();
  for (const client_id of ['', assigned.clientId]) {
    const engine = world.startProcess();
    await engine.request('create', 'config', { subscription_id: subscriptionId, tenant_id: tenantId, client_id });
    await engine.request('create', 'roles/web', world.dynamicRole());
    const before = world.objects();
    await engine.revoke(await engine.issue('web'));
    t.deepEqual(world.objects(), before);
  }
  const calls = world.emulator.calls().filter(({ route }) => route === 'GET /msi/token');
  t.true(calls.length >= 2);
  t.true(calls.every(({ status }) => status === 200));
});

test.serial('App Service: an unknown identity is told in the words of the platform', async (t) => {
  const engine = world.startProcess();
  await engine.request('update', 'config', { client_id: 'c0ffee00-0000-4000-8000-000000000000' });
  await t.throwsAsync(engine.request('create', 'roles/app', world.existingRole()), {
    message: /400: Identity not found; assign the identity to the machine/,
  });
});

test.serial('App Service: starting up, it is asked again', async (t) => {
  const engine = world.startProcess();
  await engine.request('update', 'config', { client_id: '' });
  const fault = world.emulator.addFault({
    match: { host: 'managedIdentity' },
    times: 2,
    answer: { status: 503, message: 'Starting.' },
  });
  await engine.request('create', 'roles/app', world.existingRole());
  t.is(fault.fired(), 2);
});
