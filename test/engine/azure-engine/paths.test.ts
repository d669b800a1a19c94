import test from 'ava';
import { InternalError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

async function start(isConfigured = true): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  if (isConfigured) await world.configure(engine);
  return { world, engine };
}

const EMPTY_READ = {
  subscription_id: '',
  tenant_id: '',
  environment: '',
  client_id: '',
  root_password_ttl: 0,
  identity_token_audience: '',
  identity_token_ttl: 0,
  rotation_schedule: '',
  rotation_window: 0,
  rotation_period: 0,
  disable_automated_rotation: false,
};

test('config: before any write it reads as empty values', async (t) => {
  const { world, engine } = await start(false);
  t.teardown(() => world.stop());
  t.deepEqual((await engine.request('read', 'config'))?.data, EMPTY_READ);
});

test('config: a write merges, a read shows everything but the secret', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('update', 'config', {
    environment: 'AZUREPUBLICCLOUD',
    root_password_ttl: '48d',
    request_timeout: 20,
  });
  const { subscriptionId, tenantId, clientId } = world.emulator;
  t.deepEqual((await engine.request('read', 'config'))?.data, {
    ...EMPTY_READ,
    subscription_id: subscriptionId,
    tenant_id: tenantId,
    client_id: clientId,
    environment: 'AZUREPUBLICCLOUD',
    root_password_ttl: 48 * 86400,
    request_timeout: 20,
    auth_method: 'client_secret',
  });
});

const refusedConfig = test.macro<[fields: JsonObject, message: string | RegExp]>(async (t, fields, message) => {
  const { world, engine } = await start(false);
  t.teardown(() => world.stop());
  await t.throwsAsync(engine.request('create', 'config', fields), { instanceOf: InvalidRequestError, message });
  t.deepEqual(world.storage.keys(), []);
  t.deepEqual(world.emulator.calls(), []);
});
test(
  'config: the closed German cloud is refused with the text that clients know',
  refusedConfig,
  { environment: 'AzureGermanCloud' },
  '1 error occurred:\n\t* err: no cloud configuration matching the name "AZUREGERMANCLOUD"\n\n',
);
test(
  'config: a secret and a token audience exclude one another',
  refusedConfig,
  { client_secret: 'x', identity_token_audience: 'a' },
  "only one of 'client_secret' or 'identity_token_audience' can be set",
);
test(
  'config: a token audience on a host that mints no tokens is refused with its reason',
  refusedConfig,
  { identity_token_audience: 'a' },
  /plugin workload identity not supported in Vault community edition; write federated_token_file/,
);
test(
  'config: a request_timeout out of range is refused with the range',
  refusedConfig,
  { request_timeout: 5 },
  'request_timeout must be between 10 and 85 seconds',
);

test('config: verify stores nothing when Azure refuses the values', async (t) => {
  const { world, engine } = await start(false);
  t.teardown(() => world.stop());
  await t.throwsAsync(world.configure(engine, { client_secret: 'wrong', verify: true }), {
    instanceOf: InvalidRequestError,
    message: /^nothing was stored: log in with the given values: 401 AADSTS7000215: /,
  });
  t.deepEqual(world.storage.keys(), []);
  await world.configure(engine, { verify: true });
  t.deepEqual(world.storage.keys(), ['config']);
});

test('config: a new secret drops the staged one and the key id', async (t) => {
  const { world } = await start();
  t.teardown(() => world.stop());
  const stored = world.storage.readJson('config') as JsonObject;
  world.storage.writeJson('config', {
    ...stored,
    client_secret_key_id: 'k1',
    new_client_secret: 'staged',
    new_client_secret_key_id: 'k2',
  });
  const later = world.startProcess();
  await later.request('update', 'config', { client_secret: 'mine' });
  const written = world.storage.readJson('config') as JsonObject;
  t.is(written['client_secret'], 'mine');
  t.is(written['client_secret_key_id'], '');
  t.is(written['new_client_secret'], '');
});

test('config: deleted, creds say what is missing', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  t.is(await engine.request('delete', 'config'), undefined);
  await t.throwsAsync(engine.issue('app'), { instanceOf: InternalError, message: 'subscription_id is required' });
});

test('config: the environment can stand for all of it but a write', async (t) => {
  const { world } = await start(false);
  t.teardown(() => world.stop());
  const engine = world.startProcess({ environment: { subscriptionId: 's', tenantId: 't' } });
  await t.throwsAsync(engine.request('create', 'roles/app', world.dynamicRole()), { message: 'config is nil' });
});

test('roles: names are resolved, stored in the form of the Go plugin and read back', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  const { subscriptionId, groups } = world.emulator;
  const scope = `/subscriptions/${subscriptionId}`;
  await engine.request('create', 'roles/app', {
    azure_roles: `[{"role_name":"reader","scope":"${scope}"}]`,
    azure_groups: JSON.stringify([{ group_name: groups[0]?.displayName }]),
    ttl: 3600,
    max_ttl: '24h',
    tags: 'b, a,b',
    sign_in_audience: 'AzureADMyOrg',
  });
  const [role] = (world.storage.readJson('roles/app') as JsonObject)['azure_roles'] as JsonObject[];
  t.is(role?.['role_name'], 'Reader');
  t.regex(JSON.stringify(role?.['role_id']), /\/roleDefinitions\/acdd72a7-3385-48ef-bd42-f606fba81ae7"$/);
  t.deepEqual((await engine.request('read', 'roles/app'))?.data, {
    ttl: 3600,
    max_ttl: 86400,
    explicit_max_ttl: 0,
    azure_roles: [role],
    azure_groups: [{ group_name: groups[0]?.displayName, object_id: groups[0]?.id }],
    application_object_id: '',
    permanently_delete: false,
    persist_app: false,
    sign_in_audience: 'AzureADMyOrg',
    tags: ['a', 'b'],
  });
  t.deepEqual((await engine.request('list', 'roles/'))?.data, { keys: ['app'] });
});

test('roles: of several mistakes the first in the order of the fields is told', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  const scope = at(world);
  const missing = {
    azure_roles: [{ role_name: 'Nope', scope }],
    azure_groups: [{ group_name: 'nobody' }],
    application_object_id: '00000000-0000-0000-0000-000000000001',
  };
  const refuses = (fields: JsonObject, message: string | RegExp) =>
    t.throwsAsync(engine.request('create', 'roles/app', fields), { instanceOf: InvalidRequestError, message });
  await refuses({ tags: 'a b', azure_roles: 'x' }, 'whitespaces are not allowed in tags');
  await refuses({ azure_roles: 'x', azure_groups: 'y' }, /^error parsing Azure roles/);
  await refuses(missing, /^error loading Application/);
  await refuses({ ...missing, application_object_id: '' }, "no role found for role_name: 'Nope'");
});

test('roles: an update keeps what is not given', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), permanently_delete: true });
  const before = (await engine.request('read', 'roles/app'))?.data;
  await engine.request('update', 'roles/app', { ttl: 60 });
  t.deepEqual((await engine.request('read', 'roles/app'))?.data, { ...before, ttl: 60 });
  await engine.request('update', 'roles/app', { azure_groups: '' });
  t.deepEqual((await engine.request('read', 'roles/app'))?.data?.['azure_groups'], []);
});

test('roles: a deleted role is absent, deleting it again is no error', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  await engine.request('delete', 'roles/app');
  t.is(await engine.request('read', 'roles/app'), undefined);
  t.is(await engine.request('delete', 'roles/app'), undefined);
});

test('roles: deleting one with live credentials tells how many, and how to end them', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.existingRole());
  await engine.issue('app');
  const response = await engine.request('delete', 'roles/app');
  t.deepEqual(response?.warnings, [
    '1 credential of this role is still valid; it ends with its lease. To end it now: vault lease revoke -prefix azure/creds/app',
  ]);
});

const refusedRole = test.macro<[fields: (world: EngineWorld) => JsonObject, message: string | RegExp]>(
  async (t, fields, message) => {
    const { world, engine } = await start();
    t.teardown(() => world.stop());
    await t.throwsAsync(engine.request('create', 'roles/app', fields(world)), {
      instanceOf: InvalidRequestError,
      message,
    });
    t.deepEqual(world.storage.keys(), ['config']);
  },
);
const READER = '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7';
const at = (world: EngineWorld): string => `/subscriptions/${world.emulator.subscriptionId}`;
test(
  'roles: nothing to grant is refused',
  refusedRole,
  () => ({ ttl: 60 }),
  'either Azure role definitions, group definitions, or an Application Object ID must be provided',
);
test(
  'roles: an unknown role name is refused',
  refusedRole,
  (world) => ({ azure_roles: [{ role_name: 'Nope', scope: at(world) }] }),
  "no role found for role_name: 'Nope'",
);
test(
  'roles: a role name with quotes and ampersands is looked up as it is',
  refusedRole,
  (world) => ({ azure_roles: [{ role_name: "O'Brien & Co+ #1", scope: at(world) }] }),
  "no role found for role_name: 'O'Brien & Co+ #1'",
);
test(
  'roles: an unknown role id is refused',
  refusedRole,
  (world) => ({
    azure_roles: [
      {
        role_id: `${at(world)}/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-000000000001`,
        scope: at(world),
      },
    ],
  }),
  /^no role found for role_id: '/,
);
test('roles: a role_id that is no role definition is refused without asking Azure for it', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  engine.gate.arm();
  const elsewhere = `${at(world)}/resourceGroups/x/providers/Microsoft.KeyVault/vaults/y`;
  await t.throwsAsync(
    engine.request('create', 'roles/app', { azure_roles: [{ role_id: elsewhere, scope: at(world) }] }),
    { instanceOf: InvalidRequestError, message: /^no role found for role_id: '.*': it must be the full id of a role/ },
  );
  t.deepEqual(
    engine.gate.points.filter((point) => point.includes(' arm ')),
    [],
  );
});
test(
  'roles: the same role twice at one scope is refused',
  refusedRole,
  (world) => ({
    azure_roles: [
      { role_name: 'Reader', scope: at(world) },
      { role_name: 'reader', scope: at(world) },
    ],
  }),
  /^duplicate role_id and scope: '.*', '\/subscriptions\//,
);
test(
  'roles: the same role twice at one scope is refused also when the scope is spelt in two ways',
  refusedRole,
  (world) => ({
    azure_roles: [
      { role_name: 'Reader', scope: at(world) },
      { role_name: 'Reader', scope: `${at(world).toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions')}/` },
    ],
  }),
  /^duplicate role_id and scope: /,
);
for (const tail of ['/..', '/./resourceGroups/x', '/resourceGroups/x?y', '/resourceGroups/x#y', '/a\\b', '/a\nb']) {
  test(
    `roles: a scope that could name something else is refused: ${JSON.stringify(tail)}`,
    refusedRole,
    (world) => ({
      azure_roles: [{ role_id: `${at(world)}${READER}`, scope: `${at(world)}${tail}` }],
    }),
    /^azure_roles\[0\]: scope must be an Azure resource id, without /,
  );
}
for (const tag of ['vault-op:1', 'vault-mount:1', 'VAULT-OP:1']) {
  test(
    `roles: a tag by which the engine knows its own objects is refused: ${tag}`,
    refusedRole,
    (world) => ({ ...world.dynamicRole(), tags: [tag] }),
    'tags must not begin with vault-op: or vault-mount:, by which the engine finds its own applications',
  );
}
test(
  'roles: an unknown group is refused',
  refusedRole,
  () => ({ azure_groups: [{ group_name: 'nope' }] }),
  "no group found for group_name: 'nope'",
);
test(
  'roles: a group given twice is refused',
  refusedRole,
  (world) => {
    const { id = '', displayName = '' } = world.emulator.groups[0] ?? {};
    return { azure_groups: [{ object_id: id }, { group_name: displayName }] };
  },
  /^duplicate object_id '/,
);
test(
  'roles: an application that does not exist is refused with a hint',
  refusedRole,
  () => ({ application_object_id: '00000000-0000-0000-0000-000000000001' }),
  /^error loading Application: application_object_id must be the object id \(not the client id\)/,
);
test(
  'roles: permanently_delete does not go with an existing application',
  refusedRole,
  (world) => ({ ...world.existingRole(), permanently_delete: true }),
  'permanently_delete must be false if application_object_id is provided',
);
test('roles: two writes at once lose nothing of one another', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  await Promise.all([
    engine.request('update', 'roles/app', { ttl: 60 }),
    engine.request('update', 'roles/app', { tags: 'a' }),
  ]);
  const data = (await engine.request('read', 'roles/app'))?.data;
  t.deepEqual([data?.['ttl'], data?.['tags']], [60, ['a']]);
});

test('roles: one that is deleted while it is being written does not come back half', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  await Promise.allSettled([engine.request('update', 'roles/app', { ttl: 60 }), engine.request('delete', 'roles/app')]);
  t.is(await engine.request('read', 'roles/app'), undefined);
});

test('creds: a stored scope that could name something else is refused before anything is made', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', world.dynamicRole());
  const role = world.storage.readJson('roles/app') as JsonObject;
  const [azureRole] = role['azure_roles'] as JsonObject[];
  world.storage.writeJson('roles/app', { ...role, azure_roles: [{ ...azureRole, scope: `${at(world)}/..` }] });
  const later = world.startProcess();
  await t.throwsAsync(later.issue('app'), { instanceOf: InvalidRequestError });
  await later.settle();
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('roles: an outage of Azure is no mistake of the writer', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  world.emulator.addFault({
    match: { path: 'roleDefinitions' },
    times: 1,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
  });
  const error = await t.throwsAsync(engine.request('create', 'roles/app', world.dynamicRole()));
  t.false(error instanceof InvalidRequestError);
  t.regex(error.message, /^find role definition: 403 AuthorizationFailed: No; grant .* at that scope \(request id /);
});
