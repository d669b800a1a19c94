/** What a real host and the plugin answer to wrong input: the field, what is wrong with it, and nothing stored. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { serveAzureHost } from './_azure-host.ts';
import type { AzureHost } from './_azure-host.ts';
import type { AzureMount } from './_mount.ts';

const azure = serveAzureHost(test);

type Fields = Readonly<Record<string, unknown>>;

/** One refusal: the fields that are written, and the whole text of the answer, or a pattern where Azure's words are in it. */
type Refusal = readonly [fields: Fields, text: string | RegExp];

async function assertRefusals(t: ExecutionContext, mount: AzureMount, path: string, refusals: readonly Refusal[]) {
  for (const [fields, text] of refusals) {
    const what = JSON.stringify(fields);
    const { status, body } = await mount.request('POST', path, fields);
    t.is(status, 400, what);
    t.is(body.errors.length, 1, what);
    if (typeof text === 'string') t.is(body.errors[0], text, what);
    else t.regex(body.errors[0], text, what);
  }
}

const conversion = (field: string, problem: string): string =>
  `error converting input for field ${JSON.stringify(field)}: ${problem}`;

test('roles: values of the wrong type or form are refused, each with its field', async (t) => {
  const mount = await azure().mount('role-values');
  const azure_roles = azure().azureRoles();
  await assertRefusals(t, mount, 'roles/wrong', [
    [{ azure_roles, ttl: 'abc' }, conversion('ttl', 'time: invalid duration "abc"')],
    [{ azure_roles, ttl: '-5s' }, conversion('ttl', "cannot provide negative value '-5'")],
    [{ azure_roles, max_ttl: true }, conversion('max_ttl', 'could not parse duration from input')],
    [{ azure_roles, explicit_max_ttl: [1] }, conversion('explicit_max_ttl', 'could not parse duration from input')],
    [
      { azure_roles, permanently_delete: 'maybe' },
      conversion('permanently_delete', `cannot parse '' as bool: strconv.ParseBool: parsing "maybe": invalid syntax`),
    ],
    [
      { azure_roles, tags: { team: 'a' } },
      /^error converting input for field "tags": .*expected type 'string', got unconvertible type 'map\[string\]interface/s,
    ],
    [
      { application_object_id: ['a', 'b'] },
      conversion('application_object_id', "'' expected type 'string', got unconvertible type '[]interface {}'"),
    ],
    [{ azure_roles, ttl: 7200, max_ttl: 3600 }, 'ttl cannot be greater than max_ttl'],
    [{ azure_roles, ttl: 7200, explicit_max_ttl: 3600 }, 'ttl cannot be greater than explicit_max_ttl'],
    [{ azure_roles, max_ttl: 7200, explicit_max_ttl: 3600 }, 'max_ttl cannot be greater than explicit_max_ttl'],
    [
      { azure_roles, sign_in_audience: 'Everybody' },
      'Invalid value for sign_in_audience field. Valid values are: AzureADMyOrg, AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount, PersonalMicrosoftAccount',
    ],
    [{ azure_roles, tags: ['with space'] }, 'whitespaces are not allowed in tags'],
    [{ azure_roles, tags: 'x'.repeat(257) }, 'individual tag size must be between 1 and 256 characters (inclusive)'],
    [{ ttl: '1h' }, 'either Azure role definitions, group definitions, or an Application Object ID must be provided'],
  ]);
  t.is((await mount.request('GET', 'roles/wrong')).status, 404);
});

test('roles: what they name in Azure must exist and be unmistakable', async (t) => {
  const { emulator, scope } = azure();
  const mount = await azure().mount('role-names');
  const [group] = emulator.groups;
  const [existing] = emulator.applications;
  const operator = emulator.tenant().applications.find(({ appId }) => appId === emulator.clientId)!;
  const absent = '00000000-0000-0000-0000-000000000000';
  const definition = `/subscriptions/${emulator.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${absent}`;
  await assertRefusals(t, mount, 'roles/wrong', [
    [{ azure_roles: 'Reader' }, "error parsing Azure roles 'Reader': azure_roles must be a JSON list of objects"],
    [{ azure_roles: '{}' }, "error parsing Azure roles '{}': azure_roles must be a JSON list of objects"],
    [
      { azure_roles: [{ role_name: 'Reader' }] },
      "azure_roles[0]: scope must be provided and start with '/', for example /subscriptions/<id>/resourceGroups/<name>",
    ],
    [{ azure_roles: [{ scope }] }, 'azure_roles[0]: either role_name or role_id must be provided'],
    [{ azure_roles: [{ role_name: 'Nobody', scope }] }, "no role found for role_name: 'Nobody'"],
    [{ azure_roles: [{ role_id: definition, scope }] }, `no role found for role_id: '${definition}'`],
    [
      {
        azure_roles: [
          { role_name: 'Reader', scope },
          { role_name: 'reader', scope },
        ],
      },
      /^duplicate role_id and scope: '.*', '.*'$/,
    ],
    [
      { azure_roles: [{ role_name: 'Reader', scope: `/subscriptions/${absent}` }] },
      /^unable to lookup Azure role by name 'Reader' at scope '.*': .* 404 SubscriptionNotFound: .*\(request id /,
    ],
    [{ azure_groups: [{ group_name: "o'neil's" }] }, "no group found for group_name: 'o'neil's'"],
    [{ azure_groups: [{}] }, 'azure_groups[0]: either group_name or object_id must be provided'],
    [{ azure_groups: [{ object_id: absent }] }, new RegExp(`^no group found for object_id: '${absent}'`)],
    [
      { azure_groups: [{ group_name: group!.displayName }, { object_id: group!.id }] },
      `duplicate object_id '${group!.id}'`,
    ],
    [
      { application_object_id: existing!.appId },
      /^error loading Application: application_object_id must be the object id \(not the client id\)/,
    ],
    [
      { application_object_id: existing!.id, permanently_delete: true },
      'permanently_delete must be false if application_object_id is provided',
    ],
    [{ application_object_id: operator.id }, /names the application that this secrets engine logs in with/],
    [
      {
        azure_roles: azure().azureRoles(),
        persist_app: true,
        application_object_id: azure().emulator.applications[0]!.id,
      },
      /^persist_app must be false if application_object_id is provided/,
    ],
  ]);
  t.is((await mount.request('GET', 'roles/wrong')).status, 404);
});

test('config: wrong values are refused and change nothing', async (t) => {
  const mount = await azure().mount('config-values');
  const before = (await mount.api('GET', 'config')).data;
  await assertRefusals(t, mount, 'config', [
    [{ environment: 'bogus' }, '1 error occurred:\n\t* err: no cloud configuration matching the name "BOGUS"\n\n'],
    [{ root_password_ttl: 'x' }, conversion('root_password_ttl', 'time: invalid duration "x"')],
    [
      { subscription_id: ['a'] },
      conversion('subscription_id', "'' expected type 'string', got unconvertible type '[]interface {}'"),
    ],
    [{ request_timeout: '90s' }, 'request_timeout must be between 10 and 85 seconds'],
    [
      { rotation_period: 60, rotation_schedule: '0 0 * * SAT' },
      'mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided',
    ],
    [{ rotation_window: 3600, rotation_period: 60 }, 'rotation_window does not apply to period'],
    [{ rotation_window: 3600 }, 'cannot use rotation_window without rotation_schedule'],
    [{ rotation_schedule: 'every sunday' }, /^failed to parse provided rotation_schedule: expected exactly 5 fields/],
    [{ rotation_period: 5 }, 'rotation_period must be 10 seconds or more'],
    [{ identity_token_audience: 'audience' }, "only one of 'client_secret' or 'identity_token_audience' can be set"],
    [
      { identity_token_audience: 'audience', client_secret: '' },
      /plugin workload identity not supported in Vault community edition; write federated_token_file/,
    ],
    [{ client_certificate: 'no certificate' }, /^client_certificate must be PEM text with one private key/],
    [{ federated_token_file: 'token' }, /^federated_token_file must be an absolute path/],
    [{ federated_token_file: '/etc/hostname' }, /^federated_token_file must lie in a folder that was allowed/],
    [
      { verify: true, client_secret: 'not the secret' },
      /^nothing was stored: log in with the given values: 401 AADSTS7000215: .*\(request id .*\)$/,
    ],
  ]);
  t.deepEqual((await mount.api('GET', 'config')).data, before);
  await mount.writeRole('still-works', { azure_roles: azure().azureRoles() });
});

test('fields that do not exist: stored without them, with a warning that names them', async (t) => {
  const { host } = azure();
  const mount = await azure().mount('unknown');
  const azure_roles = azure().azureRoles();
  const answer = await mount.request('POST', 'roles/warned', { azure_roles, tll: '1h', zone: { a: 1 } });
  t.is(answer.status, 200);
  t.deepEqual(answer.body.warnings, ['Endpoint ignored these unrecognized parameters: [tll zone]']);
  t.is((await mount.api('GET', 'roles/warned')).data.ttl, 0);

  const command = await host.cli(['write', 'unknown/roles/warned', 'tll=1h']);
  t.is(command.code, 0);
  t.regex(command.stdout + command.stderr, /Endpoint ignored these unrecognized parameters: \[tll\]/);
  const mistyped = await host.cli(['write', 'unknown/roles/warned', 'ttl=1x']);
  t.is(mistyped.code, 2);
  t.regex(mistyped.stderr, /Code: 400\. Errors:\s+\* error converting input for field "ttl": time: unknown unit "x"/);
});

test('azure_roles and azure_groups: JSON text, real lists and forms mean the same', async (t) => {
  const { host, emulator, scope } = azure();
  const mount = await azure().mount('lists');
  const azure_roles = [{ role_name: 'Reader', scope }];
  const azure_groups = [{ group_name: emulator.groups[0]!.displayName }];
  await mount.writeRole('text', {
    azure_roles: JSON.stringify(azure_roles),
    azure_groups: JSON.stringify(azure_groups),
  });
  await mount.writeRole('lists', { azure_roles, azure_groups });
  const form = await fetch(`${host.address}/v1/lists/roles/form`, {
    method: 'POST',
    headers: { 'X-Vault-Token': host.rootToken, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ azure_roles: JSON.stringify(azure_roles), azure_groups: JSON.stringify(azure_groups) }),
  });
  t.is(form.status, 204);
  const [text, lists, formRole] = await Promise.all(
    ['text', 'lists', 'form'].map(async (name) => (await mount.api('GET', `roles/${name}`)).data),
  );
  t.deepEqual([text.azure_roles.length, text.azure_groups.length], [1, 1]);
  t.deepEqual(lists, text);
  t.deepEqual(formRole, text);
});

test('names and paths that no route takes: 404, whatever they hold', async (t) => {
  const mount = await azure().mount('paths');
  const azure_roles = azure().azureRoles();
  for (const name of ['-first', 'last-', 'a b', 'a%2Fb', '%00', 'ä', '%2e%2e']) {
    const answer = await mount.request('POST', `roles/${name}`, { azure_roles });
    t.true([400, 404].includes(answer.status), `${name}: ${answer.status}`);
  }
  t.is((await mount.request('LIST', 'roles')).status, 404);
});

test('sizes: the host’s own limits hold, and below them nothing breaks', async (t) => {
  const { host } = azure();
  const mount = await azure().mount('sizes');
  const mebibyte = 1024 * 1024;
  const post = (body: string) =>
    fetch(`${host.address}/v1/sizes/config`, { method: 'POST', headers: { 'X-Vault-Token': host.rootToken }, body });
  t.is((await post(' '.repeat(33 * mebibyte))).status, 413);
  const tooLong = await mount.request('POST', 'config', { client_id: 'x'.repeat(mebibyte + 1) });
  t.regex(tooLong.body.errors[0], /JSON string value exceeds allowed length/);

  // Five strings, each allowed, together more than the 4 MiB that gRPC takes by default.
  const long = 'x'.repeat(mebibyte - 1);
  const ignored = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, long]));
  const large = await mount.request('POST', 'roles/large', { azure_roles: azure().azureRoles(), ...ignored });
  t.is(large.status, 200);
  t.deepEqual(large.body.warnings, ['Endpoint ignored these unrecognized parameters: [a b c d e]']);
  const tags = Array.from({ length: 10_000 }, (_, index) => `tag-${String(index).padStart(4, '0')}`);
  t.is((await mount.request('POST', 'roles/tagged', { azure_roles: azure().azureRoles(), tags })).status, 204);
  t.deepEqual((await mount.api('GET', 'roles/tagged')).data.tags, tags);
});

/** A token that may do this with this path, and nothing else. */
async function createToken({ host }: AzureHost, path: string, capabilities: readonly string[]): Promise<string> {
  const name = `${path.replaceAll('/', '-')}-${capabilities.join('-')}`;
  await host.api('PUT', `sys/policies/acl/${name}`, {
    policy: `path ${JSON.stringify(path)} { capabilities = ${JSON.stringify(capabilities)} }`,
  });
  const { auth } = await host.api('POST', 'auth/token/create', { policies: [name], no_default_policy: true });
  return String(auth.client_token);
}

test('policies: create is for what does not exist yet, update for what does', async (t) => {
  const { host } = azure();
  const mount = await azure().mount('policies');
  const fields = { azure_roles: azure().azureRoles() };
  const creator = await createToken(azure(), 'policies/roles/*', ['create']);
  const updater = await createToken(azure(), 'policies/roles/*', ['update']);
  const write = async (token: string, name: string): Promise<number> =>
    (await host.request('POST', `policies/roles/${name}`, fields, { token })).status;

  t.is(await write(updater, 'one'), 403);
  t.is((await mount.request('GET', 'roles/one')).status, 404);
  t.is(await write(creator, 'one'), 204);
  t.is(await write(creator, 'ONE'), 403);
  t.is(await write(updater, 'one'), 204);

  const configCreator = await createToken(azure(), 'policies/config', ['create']);
  const configUpdater = await createToken(azure(), 'policies/config', ['update', 'delete']);
  const writeConfig = async (token: string): Promise<number> =>
    (await host.request('POST', 'policies/config', { root_password_ttl: '1h' }, { token })).status;
  t.is(await writeConfig(configCreator), 403);
  t.is(await writeConfig(configUpdater), 204);
  await host.api('DELETE', 'policies/config', undefined, { token: configUpdater });
  t.is(await writeConfig(configUpdater), 403);
  t.is(await writeConfig(configCreator), 204);
});
