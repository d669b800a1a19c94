/** Requests to `roles/` and `roles/:name`. */
import type { ExecutionContext } from 'ava';
import { waitUntil } from '../helpers/wait-until.ts';
import type { Pair } from './_pair.ts';
import { UNKNOWN_IDS } from './_parity-host.ts';
import { configFields, dynamicRole, groupScope } from './_setup.ts';
import { BOOLEAN_VALUES, DURATION_VALUES, LIST_VALUES, STRING_VALUES, titleOf } from './_values.ts';

type RoleCase = readonly [title: string, fields: object];

const NAMES = [
  'a',
  'A',
  'MixedCase',
  'with-dash',
  'with_underscore',
  'with.dot',
  'two..dots',
  '-leading-dash',
  'trailing-dash-',
  '.leading-dot',
  'trailing.',
  '_',
  '0',
  'with space',
  'with%2Fslash',
  'a/b',
  'a/',
  'a@b',
  'a:b',
  'a+b',
  'ünï',
  'a,b',
  '..',
  'a'.repeat(200),
];

const TTLS: readonly (readonly [ttl: unknown, maxTtl: unknown, explicitMaxTtl: unknown])[] = [
  ['1h', '2h', undefined],
  ['2h', '1h', undefined],
  ['1h', '1h', '1h'],
  ['2h', undefined, '1h'],
  [undefined, '2h', '1h'],
  [undefined, '1h', '2h'],
  ['1h', '2h', '3h'],
  ['3h', '2h', '1h'],
  [0, 0, 0],
  ['1h', 0, 0],
  ['1h', 0, '30m'],
  [0, '1h', '30m'],
  ['1.5h', '90m', undefined],
  [3600, '3600', '1h'],
  [-1, undefined, undefined],
  [undefined, '-1h', undefined],
  [undefined, undefined, -5],
  ['30d', '90d', '100d'],
  ['1h', null, null],
];

const AUDIENCES = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
  'azureadmyorg',
  'bogus',
  ' AzureADMyOrg',
];

const TAGS = [
  'a b',
  ['a b'],
  ['a\tb'],
  ['a\nb'],
  ['a\u00a0b'],
  'x'.repeat(256),
  'x'.repeat(257),
  'é'.repeat(200),
  'team:a,env:b',
  ['HideApp', 'hideapp'],
];

export async function requestRoles(_t: ExecutionContext, pair: Pair): Promise<void> {
  const { emulator } = pair.parity;
  const [group, otherGroup] = emulator.groups;
  const [application] = emulator.applications;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const scope = groupScope(emulator);
  const definition = (name: string): string =>
    `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  const readerId = definition('acdd72a7-3385-48ef-bd42-f606fba81ae7');
  const reader = { role_name: 'Reader', scope };
  const roles = (...entries: unknown[]): object => ({ azure_roles: JSON.stringify(entries) });
  const groups = (...entries: unknown[]): object => ({ azure_groups: JSON.stringify(entries) });
  const byName = { group_name: group!.displayName };
  const minimal = dynamicRole(emulator);

  await pair.prepare('POST', 'config', configFields(emulator));
  await pair.request('list none', 'LIST', 'roles');
  await pair.request('read absent', 'GET', 'roles/absent');
  await pair.request('delete absent', 'DELETE', 'roles/absent');

  const azureRoles: RoleCase[] = [
    ['by name', roles(reader)],
    ['by id', roles({ role_id: readerId, scope })],
    [
      'by id without subscription',
      roles({
        role_id: '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7',
        scope,
      }),
    ],
    ['by bare id', roles({ role_id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7', scope })],
    ['by id and another name', roles({ role_id: readerId, role_name: 'Owner', scope })],
    ['by name in lower case', roles({ role_name: 'reader', scope })],
    ['several', roles(reader, { role_name: 'Contributor', scope: subscription })],
    ['the same at two scopes', roles(reader, { ...reader, scope: subscription })],
    ['twice by name', roles(reader, reader)],
    ['twice by name and id', roles(reader, { role_id: readerId, scope })],
    ['unknown name', roles({ role_name: 'No Such Role', scope })],
    ['name with a quote', roles({ role_name: "O'Reader", scope })],
    ['unknown id', roles({ role_id: definition(UNKNOWN_IDS[0]), scope })],
    ['neither name nor id', roles({ scope })],
    ['no scope', roles({ role_name: 'Reader' })],
    ['no scope, by id', roles({ role_id: readerId })],
    ['scope without a slash', roles({ role_name: 'Reader', scope: scope.slice(1) })],
    [
      'scope of an unknown resource group',
      roles({ role_name: 'Reader', scope: `${subscription}/resourceGroups/none` }),
    ],
    ['scope of another subscription', roles({ role_name: 'Reader', scope: `/subscriptions/${UNKNOWN_IDS[1]}` })],
    ['members in capitals', roles({ ROLE_NAME: 'Reader', Scope: scope })],
    ['unknown members', roles({ ...reader, foo: 1 })],
    ['a number as name', roles({ role_name: 1, scope })],
    ['an empty list', { azure_roles: '[]' }],
    ['the text null', { azure_roles: 'null' }],
    ['an empty text', { azure_roles: '' }],
    ['null', { azure_roles: null }],
    ['an empty object', { azure_roles: '{}' }],
    ['a list of an empty object', { azure_roles: '[{}]' }],
    ['a list of numbers', { azure_roles: '[1]' }],
    ['a JSON text', { azure_roles: '"Reader"' }],
    ['no JSON', { azure_roles: 'Reader' }],
    ['JSON cut off', { azure_roles: '[{"role_name":"Reader"' }],
    ['JSON with a comma too many', { azure_roles: '[{"role_name":"Reader"},]' }],
    ['JSON and more', { azure_roles: `[] []` }],
    ['white space around', { azure_roles: ` ${JSON.stringify([reader])}\n` }],
    ['a real list', { azure_roles: [reader] }],
    ['a real list of texts', { azure_roles: [JSON.stringify(reader)] }],
    ['a real object', { azure_roles: reader }],
    ['a number', { azure_roles: 5 }],
    ['a boolean', { azure_roles: true }],
  ];
  const azureGroups: RoleCase[] = [
    ['by name', groups(byName)],
    ['by id', groups({ object_id: group!.id })],
    ['by id and another name', groups({ object_id: group!.id, group_name: 'other' })],
    ['by name in capitals', groups({ group_name: group!.displayName.toUpperCase() })],
    ['several', groups(byName, { object_id: otherGroup!.id })],
    ['twice', groups(byName, { object_id: group!.id })],
    ['unknown name', groups({ group_name: 'nobody' })],
    ['name with a quote', groups({ group_name: "o'group" })],
    ['unknown id', groups({ object_id: UNKNOWN_IDS[0] })],
    ['id that is none', groups({ object_id: 'x' })],
    ['neither name nor id', groups({})],
    ['an empty list', { azure_groups: '[]' }],
    ['an empty text', { azure_groups: '' }],
    ['null', { azure_groups: null }],
    ['no JSON', { azure_groups: 'x' }],
    ['a real list', { azure_groups: [byName] }],
  ];
  const applications: RoleCase[] = [
    ['existing', { application_object_id: application!.id }],
    ['existing, in capitals', { application_object_id: application!.id.toUpperCase() }],
    ['its client id', { application_object_id: application!.appId }],
    ['unknown', { application_object_id: UNKNOWN_IDS[0] }],
    ['no id', { application_object_id: 'x' }],
    ['empty', { application_object_id: '' }],
    ['a number', { application_object_id: 5 }],
    ["the engine's own", { application_object_id: operatorObjectId(pair) }],
    ['with azure_roles', { application_object_id: application!.id, ...minimal }],
    [
      'with unknown azure_roles',
      { application_object_id: application!.id, ...roles({ role_name: 'No Such Role', scope }) },
    ],
    ['with azure_groups', { application_object_id: application!.id, ...groups(byName) }],
    ['with audience and tags', { application_object_id: application!.id, sign_in_audience: 'AzureADMyOrg', tags: 'a' }],
    ['with permanently_delete', { application_object_id: application!.id, permanently_delete: true }],
    ['with permanently_delete=false', { application_object_id: application!.id, permanently_delete: false }],
    ['unknown with permanently_delete', { application_object_id: UNKNOWN_IDS[0], permanently_delete: true }],
  ];
  const others: RoleCase[] = [
    ['nothing at all', {}],
    ['a ttl and nothing else', { ttl: '1h' }],
    ['roles and groups', { ...minimal, ...groups(byName) }],
    [
      'everything',
      {
        ...minimal,
        ...groups(byName),
        ttl: '1h',
        max_ttl: '2h',
        explicit_max_ttl: '3h',
        tags: 'a,b',
        sign_in_audience: 'AzureADMyOrg',
        permanently_delete: true,
      },
    ],
    ['another name in the body', { ...minimal, name: 'other' }],
    ['an unknown field', { ...minimal, tll: '1h' }],
    ['metadata', { ...minimal, metadata: { team: 'a' } }],
    ['persist_app', { ...minimal, persist_app: true }],
    ['persist_app=false', { ...minimal, persist_app: false }],
    ['persist_app with an application', { application_object_id: application!.id, persist_app: true }],
    ['two mistakes: ttl and audience', { ...minimal, ttl: '2h', max_ttl: '1h', sign_in_audience: 'x' }],
    ['two mistakes: tags and roles', { tags: 'a b', azure_roles: 'x' }],
    [
      'two mistakes: roles and groups',
      { ...roles({ role_name: 'No Such Role', scope }), ...groups({ group_name: 'nobody' }) },
    ],
    ['two mistakes: audience and application', { sign_in_audience: 'x', application_object_id: UNKNOWN_IDS[0] }],
  ];
  const cases: RoleCase[] = [
    ...prefixed('azure_roles', azureRoles),
    ...prefixed('azure_groups', azureGroups),
    ...prefixed('application', applications),
    ...others,
    ...TTLS.map(([ttl, max_ttl, explicit_max_ttl]): RoleCase => {
      const fields = { ttl, max_ttl, explicit_max_ttl };
      return [`times ${JSON.stringify(fields)}`, { ...minimal, ...fields }];
    }),
    ...[...AUDIENCES, ...STRING_VALUES].map((value): RoleCase => [
      titleOf('sign_in_audience', value),
      { ...minimal, sign_in_audience: value },
    ]),
    ...[...TAGS, ...LIST_VALUES].map((value): RoleCase => [titleOf('tags', value), { ...minimal, tags: value }]),
    ...DURATION_VALUES.map((value): RoleCase => [titleOf('ttl', value), { ...minimal, ttl: value }]),
    ...BOOLEAN_VALUES.map((value): RoleCase => [
      titleOf('permanently_delete', value),
      { ...minimal, permanently_delete: value },
    ]),
  ];
  for (const [title, fields] of cases) {
    await pair.writeAndRead(title, 'roles/x', fields);
    await pair.prepare('DELETE', 'roles/x');
  }

  for (const name of NAMES) {
    const path = `roles/${encodeURI(name).replaceAll('%252F', '%2F')}`;
    await pair.writeAndRead(`name ${name}`, path, minimal);
  }
  await pair.request('list of many', 'LIST', 'roles');
  await pair.request('list with a slash', 'LIST', 'roles/');
  await pair.request('list by parameter', 'GET', 'roles?list=true');
  await pair.request('list with paging parameters', 'GET', 'roles?list=true&limit=2&after=a');
  await pair.request('list below a name', 'LIST', 'roles/a');
  await pair.request('delete', 'DELETE', 'roles/MIXEDCASE');
  await pair.request('delete twice', 'DELETE', 'roles/MIXEDCASE');
  await pair.request('read after deletion', 'GET', 'roles/mixedcase');

  await requestRoleUpdates(pair, minimal);
  await requestFatalRoles(pair);
}

/** The Go plugin does not survive these. */
async function requestFatalRoles(pair: Pair): Promise<void> {
  const { host } = pair.parity;
  for (const field of ['azure_roles', 'azure_groups']) {
    await pair.request(`write, ${field}: a list of null`, 'POST', 'roles/x', { [field]: '[null]' });
    await waitUntil('the Go plugin is back', async () => {
      const { status } = await host.request('GET', `${pair.mountPath('theirs')}/config`);
      return status === 200;
    });
  }
}

/** One role, written whole and then changed in part. */
async function requestRoleUpdates(pair: Pair, minimal: object): Promise<void> {
  const { emulator } = pair.parity;
  const whole = {
    ...minimal,
    azure_groups: JSON.stringify([{ group_name: emulator.groups[0]!.displayName }]),
    ttl: '1h',
    max_ttl: '2h',
    explicit_max_ttl: '3h',
    tags: 'a,b',
    sign_in_audience: 'AzureADMyOrg',
    permanently_delete: true,
  };
  const updates: readonly RoleCase[] = [
    ['nothing', {}],
    ['ttl', { ttl: '30m' }],
    ['ttl above the stored max_ttl', { ttl: '150m' }],
    ['max_ttl below the stored ttl', { max_ttl: '10m' }],
    ['max_ttl above the stored explicit_max_ttl', { max_ttl: '4h' }],
    ['times to 0', { ttl: 0, max_ttl: 0, explicit_max_ttl: 0 }],
    ['times to null', { ttl: null, max_ttl: null, explicit_max_ttl: null, permanently_delete: true }],
    ['audience to an empty text', { sign_in_audience: '', permanently_delete: true }],
    ['tags', { tags: 'c' }],
    ['tags to none', { tags: [] }],
    ['tags to an empty text', { tags: '' }],
    ['audience', { sign_in_audience: 'AzureADMultipleOrgs' }],
    ['permanently_delete to false', { permanently_delete: false }],
    ['permanently_delete kept', { permanently_delete: true, ttl: '20m' }],
    [
      'azure_roles',
      {
        azure_roles: JSON.stringify([{ role_name: 'Contributor', scope: `/subscriptions/${emulator.subscriptionId}` }]),
      },
    ],
    ['azure_roles to none', { azure_roles: '[]' }],
    ['azure_groups to none', { azure_groups: '[]' }],
    ['azure_roles to an empty text', { azure_roles: '' }],
    ['azure_groups to null', { azure_groups: null }],
    ['roles and groups to none', { azure_roles: '[]', azure_groups: '[]' }],
    ['to an application', { application_object_id: emulator.applications[0]!.id, permanently_delete: false }],
    ['to an application, permanently_delete left out', { application_object_id: emulator.applications[0]!.id }],
    ['wrong roles', { azure_roles: 'x', ttl: '5m' }],
  ];
  for (const [title, fields] of updates) {
    await pair.prepare('POST', 'roles/u', whole);
    await pair.writeAndRead(`update ${title}`, 'roles/u', fields);
    await pair.prepare('DELETE', 'roles/u');
  }
  await pair.prepare('POST', 'roles/u', { application_object_id: emulator.applications[0]!.id });
  await pair.request('update from an application to none', 'POST', 'roles/u', { application_object_id: '' });
  await pair.writeAndRead('update from an application to roles', 'roles/u', { application_object_id: '', ...minimal });
  await pair.prepare('DELETE', 'roles/u');
}

const prefixed = (prefix: string, cases: readonly RoleCase[]): RoleCase[] =>
  cases.map(([title, fields]) => [`${prefix}: ${title}`, fields]);

function operatorObjectId({ parity: { emulator } }: Pair): string {
  return emulator.tenant().applications.find(({ appId }) => appId === emulator.clientId)!.id;
}
