/** The documented HTTP API of the Azure secrets engine: every request, the status and the shape of its answer. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { serveAzureHost } from './_azure-host.ts';
import { readCredential } from './_mount.ts';
import type { AzureMount } from './_mount.ts';
import { addOperator } from './_operator.ts';

const azure = serveAzureHost(test);

/** JSON types member by member, which is what clients in typed languages depend on. */
function describeTypes(value: object): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, describeType(member)]));
}

function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `list of ${[...new Set(value.map(describeType))].join(' and ') || 'nothing'}`;
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value;
}

/** The members that every answer of the host has beside `data`. */
const ENVELOPE = [
  'auth',
  'data',
  'lease_duration',
  'lease_id',
  'mount_type',
  'renewable',
  'request_id',
  'warnings',
  'wrap_info',
];

async function expectEmpty(t: ExecutionContext, mount: AzureMount, method: string, path: string, body?: object) {
  const answer = await mount.request(method, path, body);
  t.deepEqual({ status: answer.status, body: answer.body }, { status: 204, body: undefined }, `${method} ${path}`);
}

async function expectErrors(
  t: ExecutionContext,
  mount: AzureMount,
  [method, path, body]: readonly [string, string, object?],
  status: number,
  errors: readonly string[],
) {
  const answer = await mount.request(method, path, body);
  t.deepEqual({ status: answer.status, body: answer.body }, { status, body: { errors } }, `${method} ${path}`);
}

test('config: written, read without its secret, changed in part and deleted', async (t) => {
  const mount = await azure().mount('config');
  const { subscriptionId, tenantId, clientId, clientSecret } = azure().emulator;
  const payload = {
    subscription_id: subscriptionId,
    tenant_id: tenantId,
    client_id: clientId,
    client_secret: clientSecret,
    environment: 'AzurePublicCloud',
    root_password_ttl: '48d',
  };
  await expectEmpty(t, mount, 'POST', 'config', payload);
  const read = await mount.request('GET', 'config');
  t.is(read.status, 200);
  t.deepEqual(Object.keys(read.body).sort(), ENVELOPE);
  t.like(read.body, { lease_id: '', lease_duration: 0, renewable: false, warnings: null });
  t.deepEqual(read.body.data, {
    auth_method: 'client_secret',
    client_id: clientId,
    disable_automated_rotation: false,
    environment: 'AzurePublicCloud',
    identity_token_audience: '',
    identity_token_ttl: 0,
    root_password_ttl: 48 * 24 * 3600,
    rotation_period: 0,
    rotation_schedule: '',
    rotation_window: 0,
    subscription_id: subscriptionId,
    tenant_id: tenantId,
  });
  t.false(JSON.stringify(read.body).includes(clientSecret));

  await expectEmpty(t, mount, 'PUT', 'config', { root_password_ttl: 3600 });
  const changed = await mount.api('GET', 'config');
  t.like(changed.data, { root_password_ttl: 3600, client_id: clientId, environment: 'AzurePublicCloud' });
  t.is((await mount.api('GET', 'roles?list=true').catch((error: unknown) => error)).status, 404);

  await expectEmpty(t, mount, 'DELETE', 'config');
  t.like((await mount.api('GET', 'config')).data, { client_id: '', tenant_id: '', root_password_ttl: 0 });
});

test('config: a cloud that Microsoft has closed is refused, and nothing is stored', async (t) => {
  const mount = await azure().mount('germany');
  const sample = {
    subscription_id: '94ca80...',
    tenant_id: 'd0ac7e...',
    client_id: 'e607c4...',
    client_secret: '9a6346...',
    environment: 'AzureGermanCloud',
    root_password_ttl: '48d',
  };
  await expectErrors(t, mount, ['POST', 'config', sample], 400, [
    '1 error occurred:\n\t* err: no cloud configuration matching the name "AZUREGERMANCLOUD"\n\n',
  ]);
  t.is((await mount.api('GET', 'config')).data.client_id, azure().emulator.clientId);
});

test('roles: the documented payload is stored, read, listed and deleted', async (t) => {
  const { emulator, scope } = azure();
  const mount = await azure().mount('roles');
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const reader = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  await expectEmpty(t, mount, 'POST', 'roles/my-role', {
    azure_roles: `[
            {
                "role_name": "Contributor",
                "scope": "${scope}"
            },
            {
                "role_id": "${reader}",
                "scope": "${subscription}"
            }
        ]`,
    ttl: 3600,
    max_ttl: '24h',
    sign_in_audience: 'AzureADMyOrg',
    tags: 'team:engineering, environment:development',
  });
  const read = await mount.request('GET', 'roles/my-role');
  t.is(read.status, 200);
  t.deepEqual(Object.keys(read.body).sort(), ENVELOPE);
  t.deepEqual(describeTypes(read.body.data), {
    application_object_id: 'string',
    azure_groups: 'null',
    azure_roles: 'list of object',
    explicit_max_ttl: 'integer',
    max_ttl: 'integer',
    permanently_delete: 'boolean',
    persist_app: 'boolean',
    sign_in_audience: 'string',
    tags: 'list of string',
    ttl: 'integer',
  });
  t.like(read.body.data, {
    application_object_id: '',
    azure_groups: null,
    explicit_max_ttl: 0,
    max_ttl: 86_400,
    permanently_delete: false,
    persist_app: false,
    sign_in_audience: 'AzureADMyOrg',
    tags: ['environment:development', 'team:engineering'],
    ttl: 3600,
  });
  t.deepEqual(
    read.body.data.azure_roles.map(({ role_name }: { role_name: string }) => role_name),
    ['Contributor', 'Reader'],
  );

  await expectEmpty(t, mount, 'POST', 'roles/another', { azure_roles: azure().azureRoles() });
  for (const [method, path] of [
    ['LIST', 'roles'],
    ['LIST', 'roles/'],
    ['GET', 'roles?list=true'],
  ] as const) {
    t.deepEqual((await mount.api(method, path)).data, { keys: ['another', 'my-role'] }, `${method} ${path}`);
  }

  await expectEmpty(t, mount, 'DELETE', 'roles/my-role');
  await expectEmpty(t, mount, 'DELETE', 'roles/my-role');
  await expectErrors(t, mount, ['GET', 'roles/my-role'], 404, []);
  await expectEmpty(t, mount, 'DELETE', 'roles/another');
  await expectErrors(t, mount, ['LIST', 'roles'], 404, []);
});

test('credentials: asked for, renewed and revoked', async (t) => {
  const { emulator, host } = azure();
  const mount = await azure().mount('creds', { config: { root_password_ttl: 3600 } });
  const [existing] = emulator.applications;
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ttl: '1h', max_ttl: '2h' });
  await mount.writeRole('existing', { application_object_id: existing!.id, ttl: '1h', max_ttl: '2h' });
  for (const role of ['dynamic', 'existing']) {
    const answer = await mount.request('GET', `creds/${role}`);
    t.is(answer.status, 200);
    t.deepEqual(Object.keys(answer.body).sort(), ENVELOPE);
    t.deepEqual(describeTypes(answer.body.data), { client_id: 'string', client_secret: 'string' });
    t.like(answer.body, { lease_duration: 3600, renewable: true, warnings: null, mount_type: 'azure' });
    const credential = readCredential(answer.body);
    t.is(credential.clientId === existing!.appId, role === 'existing');
    t.true(await azure().canLogIn(credential));

    const body = { lease_id: credential.leaseId, increment: 1800 };
    const renewed = await host.request('POST', 'sys/leases/renew', body);
    t.is(renewed.status, 200);
    t.like(renewed.body, { lease_id: credential.leaseId, lease_duration: 1800, renewable: true });
    const revoked = await host.request('POST', 'sys/leases/revoke', { lease_id: credential.leaseId, sync: true });
    t.is(revoked.status, 204);
    t.false(await azure().canLogIn(credential));
  }
});

test('rotate-root: answers with what it removed, and a config read tells the new key', async (t) => {
  const { emulator } = azure();
  const operator = addOperator(t, emulator, 'rotated-by-request');
  const { clientId: client_id, clientSecret: client_secret } = operator;
  const mount = await azure().mount('rotated', { config: { client_id, client_secret, root_password_ttl: '48d' } });
  const readPasswords = () => emulator.tenant().applications.find(({ appId }) => appId === client_id)!.passwords;
  const [old] = readPasswords();

  const answer = await mount.request('POST', 'rotate-root');
  t.is(answer.status, 200);
  t.is(answer.body.data, null);
  t.deepEqual(answer.body.warnings, [`password ${old!.keyId} of the application was removed`]);
  const [current, ...others] = readPasswords();
  t.deepEqual(others, []);
  const config = await mount.api('GET', 'config');
  t.is(config.data.root_password_key_id, current!.keyId);
  const expiresAt = Date.parse(config.data.root_password_expiration_date);
  t.is(expiresAt, Date.parse(current!.endDateTime));
  const days = (expiresAt - Date.parse(current!.startDateTime)) / 86_400_000;
  t.true(Math.abs(days - 48) < 0.01, `${days} days`);
});

test('what is not there: statuses and texts', async (t) => {
  const mount = await azure().mount('absent');
  await expectErrors(t, mount, ['GET', 'roles/none'], 404, []);
  await expectErrors(t, mount, ['GET', 'creds/none'], 400, ["role 'none' does not exist"]);
  await expectErrors(t, mount, ['LIST', 'roles'], 404, []);
  await expectErrors(t, mount, ['GET', 'nothing/here'], 404, ['1 error occurred:\n\t* unsupported path\n\n']);
  await expectErrors(t, mount, ['GET', 'rotate-root'], 405, ['1 error occurred:\n\t* unsupported operation\n\n']);
  await expectErrors(t, mount, ['DELETE', 'creds/none'], 405, ['1 error occurred:\n\t* unsupported operation\n\n']);
});

test('without a config: a read shows empty values, everything that needs Azure says what is missing', async (t) => {
  const mount = await azure().mount('unconfigured');
  await mount.api('DELETE', 'config');
  t.is((await mount.api('GET', 'config')).data.subscription_id, '');
  const missing = ['1 error occurred:\n\t* subscription_id is required\n\n'];
  await expectErrors(t, mount, ['GET', 'creds/any'], 500, missing);
  await expectErrors(t, mount, ['POST', 'roles/any', { azure_roles: azure().azureRoles() }], 500, missing);
  await expectErrors(t, mount, ['POST', 'rotate-root'], 500, missing);
});

test('metadata: kept with a role and answered with its credential, on which the role has the last word', async (t) => {
  const { emulator } = azure();
  const mount = await azure().mount('metadata');
  const role = { application_object_id: emulator.applications[0]?.id, metadata: { team: 'web' } };
  await expectEmpty(t, mount, 'POST', 'roles/web', role);
  t.deepEqual((await mount.api('GET', 'roles/web')).data.metadata, { team: 'web' });
  const { body } = await mount.request('GET', 'creds/web?metadata=team%3Dother&metadata=ticket%3D7');
  t.deepEqual(body.data.metadata, { team: 'web', ticket: '7' });
  await mount.revoke(readCredential(body));
});
