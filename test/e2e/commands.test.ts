/** Every documented command of the Azure secrets engine, typed as an operator types it, against a real host. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { CliResult } from '../host/start-vault.ts';
import { serveAzureHost } from './_azure-host.ts';
import type { AzureHost } from './_azure-host.ts';
import { readCredential } from './_mount.ts';
import { addOperator } from './_operator.ts';

const azure = serveAzureHost(test);

/** Rows of the table that the command prints: `{ lease_duration: '1h' }`. */
function readTable({ stdout }: CliResult): Record<string, string> {
  const [, , ...rows] = stdout.trimEnd().split('\n');
  return Object.fromEntries(rows.map((row) => row.split(/\s{2,}/, 2) as [string, string]));
}

/** The command succeeds, says nothing on stderr, and prints exactly `stdout` when that is given. */
async function succeed(t: ExecutionContext, args: readonly string[], stdout?: string, stdin = ''): Promise<CliResult> {
  const result = await azure().host.cli(args, { stdin });
  t.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: '' }, args.join(' '));
  if (stdout !== undefined) t.is(result.stdout, stdout);
  return result;
}

/** A command with `-format=json`. */
async function readJson(t: ExecutionContext, [command = '', ...args]: readonly string[]): Promise<unknown> {
  return JSON.parse((await succeed(t, [command, '-format=json', ...args])).stdout);
}

const configArguments = ({ emulator }: AzureHost): string[] => [
  `subscription_id=${emulator.subscriptionId}`,
  `tenant_id=${emulator.tenantId}`,
  `client_id=${emulator.clientId}`,
  `client_secret=${emulator.clientSecret}`,
];

test('setup as documented: enable, config, a role of each kind, and a credential that logs in', async (t) => {
  const { emulator, scope } = azure();
  await succeed(t, ['secrets', 'enable', 'azure'], 'Success! Enabled the azure secrets engine at: azure/\n');
  await succeed(t, ['write', 'azure/config', ...configArguments(azure())], 'Success! Data written to: azure/config\n');

  const [existing] = emulator.applications;
  await succeed(
    t,
    ['write', 'azure/roles/existing', `application_object_id=${existing!.id}`, 'ttl=1h'],
    'Success! Data written to: azure/roles/existing\n',
  );
  const roles = `[\n    {\n        "role_name": "Contributor",\n        "scope":  "${scope}"\n    }\n]\n`;
  await succeed(
    t,
    ['write', 'azure/roles/my-role', 'ttl=1h', 'azure_roles=-'],
    'Success! Data written to: azure/roles/my-role\n',
    roles,
  );

  for (const role of ['existing', 'my-role']) {
    const credential = readTable(await succeed(t, ['read', `azure/creds/${role}`]));
    t.deepEqual(Object.keys(credential), [
      'lease_id',
      'lease_duration',
      'lease_renewable',
      'client_id',
      'client_secret',
    ]);
    t.regex(credential['lease_id']!, new RegExp(`^azure/creds/${role}/\\w{24}$`));
    t.is(credential['lease_duration'], '1h');
    t.is(credential['lease_renewable'], 'true');
    t.is(credential['client_id'] === existing!.appId, role === 'existing');
    const identity = { clientId: credential['client_id']!, clientSecret: credential['client_secret']! };
    t.true(await azure().canLogIn(identity));

    const renewed = readTable(await succeed(t, ['lease', 'renew', '-increment=1800', credential['lease_id']!]));
    t.is(renewed['lease_duration'], '30m');
    await succeed(
      t,
      ['lease', 'revoke', '-sync', credential['lease_id']!],
      `Success! Revoked lease: ${credential['lease_id']!}\n`,
    );
    t.false(await azure().canLogIn(identity));
  }
  await succeed(
    t,
    ['secrets', 'disable', 'azure'],
    'Success! Disabled the secrets engine (if it existed) at: azure/\n',
  );
  t.false((await succeed(t, ['secrets', 'list'])).stdout.includes('azure/'));
});

test('roles and groups from files: names give way to ids, and a role read shows both', async (t) => {
  const { emulator, scope } = azure();
  const { path: mount } = await azure().mount('files');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roles-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const reader = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  const [first, second] = emulator.groups;
  const write = (name: string, entries: object[]): string => {
    writeFileSync(path.join(folder, name), JSON.stringify(entries, null, 4));
    return path.join(folder, name);
  };
  const roles = write('az_roles.json', [
    { role_name: 'contributor', scope },
    { role_id: reader, scope: subscription },
    { role_name: "This won't matter as it will be overwritten", role_id: reader, scope },
  ]);
  const groups = write('az_groups.json', [
    { group_name: first!.displayName },
    { group_name: "This won't matter as it will be overwritten", object_id: second!.id },
  ]);
  await succeed(t, [
    ...['write', `${mount}/roles/my-role`, 'ttl=1h', 'max_ttl=24h'],
    ...[`azure_roles=@${roles}`, `azure_groups=@${groups}`],
  ]);

  const role = (await readJson(t, ['read', `${mount}/roles/my-role`])) as { data: Record<string, unknown> };
  t.deepEqual(role.data, {
    application_object_id: '',
    azure_groups: emulator.groups.map(({ id, displayName }) => ({ group_name: displayName, object_id: id })),
    azure_roles: [
      {
        role_name: 'Contributor',
        role_id: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`,
        scope,
      },
      { role_name: 'Reader', role_id: reader, scope: subscription },
      { role_name: 'Reader', role_id: reader, scope },
    ],
    explicit_max_ttl: 0,
    max_ttl: 86_400,
    permanently_delete: false,
    persist_app: false,
    sign_in_audience: '',
    tags: null,
    ttl: 3600,
  });

  const credential = readCredential(await readJson(t, ['read', `${mount}/creds/my-role`]));
  const { servicePrincipals, roleAssignments, groups: members } = emulator.tenant();
  const principal = servicePrincipals.find(({ appId }) => appId === credential.clientId);
  t.deepEqual(
    roleAssignments
      .filter(({ principalId }) => principalId === principal?.id)
      .map((assignment) => [assignment.roleName, assignment.scope])
      .sort(),
    [
      ['Contributor', scope],
      ['Reader', scope],
      ['Reader', subscription],
    ].sort(),
  );
  t.true(members.every((group) => group.members.includes(principal!.id)));
  await succeed(t, ['lease', 'revoke', '-sync', credential.leaseId]);
});

test('the other commands: read, list and delete of configs and roles', async (t) => {
  const { emulator, host } = azure();
  const mount = 'others';
  await succeed(t, ['secrets', 'enable', `-path=${mount}`, 'azure']);
  await succeed(t, ['write', `${mount}/config`, ...configArguments(azure())]);
  const config = readTable(await succeed(t, ['read', `${mount}/config`]));
  t.is(config['client_id'], emulator.clientId);
  t.is(config['root_password_ttl'], '4380h');
  t.false('client_secret' in config);

  const none = await host.cli(['list', `${mount}/roles`]);
  t.deepEqual([none.code, none.stderr], [2, `No value found at ${mount}/roles\n`]);
  for (const name of ['one', 'Two']) {
    await succeed(t, ['write', `${mount}/roles/${name}`, `azure_roles=${azure().azureRoles()}`]);
  }
  await succeed(t, ['list', `${mount}/roles`], 'Keys\n----\none\ntwo\n');
  t.is(readTable(await succeed(t, ['read', `${mount}/roles/TWO`]))['ttl'], '0s');
  const deleted = (name: string): string => `Success! Data deleted (if it existed) at: ${mount}/roles/${name}\n`;
  await succeed(t, ['delete', `${mount}/roles/one`], deleted('one'));
  await succeed(t, ['delete', `${mount}/roles/one`], deleted('one'));
  const absent = await host.cli(['read', `${mount}/roles/one`]);
  t.deepEqual([absent.code, absent.stderr], [2, `No value found at ${mount}/roles/one\n`]);
  await succeed(t, ['delete', `${mount}/config`]);
  t.is(readTable(await succeed(t, ['read', `${mount}/config`]))['client_id'], 'n/a');
});

test('rotate-root: the engine gets a secret that nobody else knows, and the old one is gone', async (t) => {
  const { emulator, host } = azure();
  const operator = addOperator(t, emulator, 'rotated-by-command');
  const { clientId: client_id, clientSecret: client_secret } = operator;
  const { path: mount } = await azure().mount('rotated', { config: { client_id, client_secret } });
  const readPasswords = (): readonly { keyId: string }[] =>
    emulator.tenant().applications.find(({ appId }) => appId === client_id)!.passwords;
  const [old] = readPasswords();

  const rotated = await host.cli(['write', '-f', `${mount}/rotate-root`]);
  t.is(rotated.code, 0);
  t.regex(rotated.stderr + rotated.stdout, new RegExp(`password ${old!.keyId} of the application was\\s+removed`));
  t.false(await azure().canLogIn(operator));
  const [current, ...others] = readPasswords();
  t.deepEqual(others, []);
  const config = readTable(await succeed(t, ['read', `${mount}/config`]));
  t.is(config['root_password_key_id'], current!.keyId);
  t.regex(config['root_password_expiration_date']!, /^\d{4}-\d\d-\d\dT/);
  await succeed(t, ['write', `${mount}/roles/after`, `azure_roles=${azure().azureRoles()}`]);
});

test('on a machine with a managed identity: client_id and client_secret may be left out', async (t) => {
  const { emulator } = azure();
  const mount = 'managed';
  await succeed(t, ['secrets', 'enable', `-path=${mount}`, 'azure']);
  await succeed(t, [
    ...['write', `${mount}/config`],
    ...[`subscription_id=${emulator.subscriptionId}`, `tenant_id=${emulator.tenantId}`],
  ]);
  t.is(readTable(await succeed(t, ['read', `${mount}/config`]))['client_id'], 'n/a');
});
