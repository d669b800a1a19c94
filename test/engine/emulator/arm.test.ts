/** Azure Resource Manager: definitions, assignments, who may do what where. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import { ROLE_IDS } from '../../emulator/state/built-in-roles.ts';
import { startEmulatorWorld, type EmulatorWorld } from '../../helpers/emulator-world.ts';

const RBAC_ADMINISTRATOR = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';
const ASSIGNMENTS = 'providers/Microsoft.Authorization/roleAssignments';
const DEFINITIONS = 'providers/Microsoft.Authorization/roleDefinitions';

/** A body for PUT; `extra` goes into its properties. */
const assignment = (
  principalId: string,
  roleId: string,
  extra: object = { principalType: 'ServicePrincipal' },
): object => ({
  properties: { roleDefinitionId: `/${DEFINITIONS}/${roleId}`, principalId, ...extra },
});

async function assign({ arm }: EmulatorWorld, scope: string, principalId: string, roleId: string): Promise<string> {
  const path = `${scope}/${ASSIGNMENTS}/${randomUUID()}`;
  const answer = await arm('PUT', path, { body: assignment(principalId, roleId) });
  if (answer.status !== 201) throw new Error(answer.text);
  return path;
}

test('definitions: found by name in any case at any scope, read by id, others are absent', async (t) => {
  const { arm, emulator, groupScope } = await startEmulatorWorld(t);
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  for (const scope of [subscription, groupScope, `${groupScope}/providers/Microsoft.Storage/storageAccounts/one`]) {
    const { body } = await arm(
      'GET',
      `${scope}/${DEFINITIONS}?$filter=${encodeURIComponent("roleName eq 'contributor'")}`,
    );
    t.is(body.value.length, 1);
    t.like(body.value[0], {
      id: `${subscription}/${DEFINITIONS}/${ROLE_IDS.contributor}`,
      name: ROLE_IDS.contributor,
      type: 'Microsoft.Authorization/roleDefinitions',
    });
    t.like(body.value[0].properties, { roleName: 'Contributor', type: 'BuiltInRole', assignableScopes: ['/'] });
  }
  const none = await arm('GET', `${subscription}/${DEFINITIONS}?$filter=${encodeURIComponent("roleName eq 'nobody'")}`);
  t.deepEqual(none.body, { value: [] });
  const read = await arm('GET', `${subscription}/${DEFINITIONS}/${ROLE_IDS.reader}`);
  t.is(read.body.properties.roleName, 'Reader');
  const unknown = await arm('GET', `${subscription}/${DEFINITIONS}/${randomUUID()}`);
  t.is(unknown.status, 404);
  t.is(unknown.body.error.code, 'RoleDefinitionDoesNotExist');
});

test('definitions: custom ones live at their scopes, have unique names, and go when unused', async (t) => {
  const world = await startEmulatorWorld(t);
  const { arm, emulator, groupScope } = world;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const path = `${groupScope}/${DEFINITIONS}/${randomUUID()}`;
  const properties = { roleName: 'Mine', assignableScopes: [groupScope], permissions: [{ actions: ['*/read'] }] };
  t.is((await arm('PUT', path, { body: { properties } })).status, 201);
  const other = `${groupScope}/${DEFINITIONS}/${randomUUID()}`;
  t.is((await arm('PUT', other, { body: { properties } })).body.error.code, 'RoleDefinitionWithSameNameExists');
  const filter = `?$filter=${encodeURIComponent("type eq 'CustomRole'")}`;
  t.is((await arm('GET', `${groupScope}/${DEFINITIONS}${filter}`)).body.value.length, 1);
  t.is((await arm('GET', `${subscription}/${DEFINITIONS}${filter}`)).body.value.length, 0);
  const { principalId } = await world.createPrincipal();
  const roleId = path.split('/').at(-1)!;
  const elsewhere = await arm('PUT', `${subscription}/${ASSIGNMENTS}/${randomUUID()}`, {
    body: assignment(principalId, roleId),
  });
  t.is(elsewhere.status, 400);
  const held = await assign(world, groupScope, principalId, roleId);
  t.is((await arm('DELETE', path)).body.error.code, 'RoleDefinitionHasAssignments');
  await arm('DELETE', held);
  t.is((await arm('DELETE', path)).status, 200);
  t.is((await arm('DELETE', path)).status, 204);
});

test('assignment: created, repeated, listed, deleted, deleted again', async (t) => {
  const { arm, emulator, groupScope, createPrincipal } = await startEmulatorWorld(t);
  const { principalId } = await createPrincipal();
  const name = randomUUID();
  const path = `${groupScope}/${ASSIGNMENTS}/${name}`;
  const body = assignment(principalId, ROLE_IDS.reader, { principalType: 'ServicePrincipal', description: 'why' });
  const created = await arm('PUT', path, { body });
  t.is(created.status, 201);
  t.like(created.body, { id: path, name, type: 'Microsoft.Authorization/roleAssignments' });
  t.like(created.body.properties, {
    roleDefinitionId: `/subscriptions/${emulator.subscriptionId}/${DEFINITIONS}/${ROLE_IDS.reader}`,
    principalId,
    principalType: 'ServicePrincipal',
    scope: groupScope,
    description: 'why',
  });
  t.is((await arm('PUT', path, { body })).status, 200, 'the same again');
  const changed = await arm('PUT', path, { body: assignment(principalId, ROLE_IDS.contributor) });
  t.is(changed.status, 409);
  t.is(changed.body.error.code, 'RoleAssignmentUpdateNotPermitted');
  const twin = await arm('PUT', `${groupScope}/${ASSIGNMENTS}/${randomUUID()}`, { body });
  t.is(twin.status, 409);
  t.deepEqual(twin.body.error, { code: 'RoleAssignmentExists', message: 'The role assignment already exists.' });
  t.is((await arm('GET', path.toUpperCase())).status, 200, 'names in any case');
  const deleted = await arm('DELETE', path);
  t.is(deleted.status, 200);
  t.is(deleted.body.id, path);
  const again = await arm('DELETE', path);
  t.is(again.status, 204);
  t.is(again.text, '');
  t.is((await arm('GET', path)).status, 404);
});

test('assignment: lists by principal, at a scope, through groups, in pages', async (t) => {
  const world = await startEmulatorWorld(t);
  const { arm, graph, emulator, groupScope } = world;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const { principalId } = await world.createPrincipal();
  const groupId = emulator.groups[0]!.id;
  await graph('POST', `/groups/${groupId}/members/$ref`, {
    body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principalId}` },
  });
  const direct = await assign(world, groupScope, principalId, ROLE_IDS.reader);
  const path = `${subscription}/${ASSIGNMENTS}/${randomUUID()}`;
  await arm('PUT', path, { body: assignment(groupId, ROLE_IDS.contributor, { principalType: 'Group' }) });
  const list = async (scope: string, filter: string): Promise<string[]> => {
    const { body } = await arm('GET', `${scope}/${ASSIGNMENTS}?$filter=${encodeURIComponent(filter)}`);
    return body.value.map(({ id }: { id: string }) => id);
  };
  t.deepEqual(await list(subscription, `principalId eq '${principalId}'`), [direct]);
  t.deepEqual(await list(subscription, `atScope() and principalId eq '${principalId}'`), []);
  t.deepEqual(await list(groupScope, `atScope() and principalId eq '${principalId}'`), [direct]);
  t.deepEqual(await list(subscription, `assignedTo('${principalId}')`), [direct, path]);
  t.is((await arm('GET', `${subscription}/${ASSIGNMENTS}?$filter=nonsense`)).status, 400);
  emulator.changeSettings({ armPageSize: 2 });
  const first = await arm('GET', `${subscription}/${ASSIGNMENTS}`);
  t.is(first.body.value.length, 2);
  const second = await arm('GET', new URL(first.body.nextLink).pathname + new URL(first.body.nextLink).search);
  t.is(second.body.value.length, 1);
  t.is(second.body.nextLink, undefined);
});

const refused = test.macro({
  title: (name) => `assignment refused: ${name ?? ''}`,
  exec: async (
    t,
    change: { readonly name?: string; readonly properties?: object; readonly scope?: string },
    expected: { readonly status: number; readonly code: string },
  ) => {
    const { arm, groupScope, createPrincipal, emulator } = await startEmulatorWorld(t);
    const { principalId } = await createPrincipal();
    const scope = change.scope?.replace('SUBSCRIPTION', emulator.subscriptionId) ?? groupScope;
    const body = assignment(principalId, ROLE_IDS.reader, change.properties ?? { principalType: 'ServicePrincipal' });
    const answer = await arm('PUT', `${scope}/${ASSIGNMENTS}/${change.name ?? randomUUID()}`, { body });
    t.is(answer.status, expected.status);
    t.is(answer.body.error.code, expected.code);
    t.is(answer.headers['x-ms-failure-cause'], 'gateway');
    t.is(emulator.tenant().roleAssignments.length, 1);
  },
});

test('name that is no GUID', refused, { name: 'mine' }, { status: 400, code: 'InvalidRoleAssignmentId' });
test(
  'unknown definition',
  refused,
  { properties: { roleDefinitionId: `/${DEFINITIONS}/${randomUUID()}` } },
  { status: 400, code: 'RoleDefinitionDoesNotExist' },
);
test('bad principal id', refused, { properties: { principalId: 'x' } }, { status: 400, code: 'InvalidPrincipalId' });
test(
  'type of another kind than the principal',
  refused,
  { properties: { principalType: 'Group' } },
  { status: 400, code: 'UnmatchedPrincipalType' },
);
test(
  'unknown principal without a type',
  refused,
  { properties: { principalId: randomUUID() } },
  { status: 400, code: 'PrincipalNotFound' },
);
test(
  'unknown subscription',
  refused,
  { scope: `/subscriptions/${randomUUID()}` },
  { status: 404, code: 'SubscriptionNotFound' },
);
test(
  'unknown resource group',
  refused,
  { scope: '/subscriptions/SUBSCRIPTION/resourceGroups/none' },
  { status: 404, code: 'ResourceGroupNotFound' },
);
test('root scope without rights there', refused, { scope: '' }, { status: 403, code: 'AuthorizationFailed' });

test('assignment: limit per subscription; deletion makes room', async (t) => {
  const world = await startEmulatorWorld(t, { settings: { quotas: { roleAssignmentsPerSubscription: 2 } } });
  const [one, two] = [await world.createPrincipal('one'), await world.createPrincipal('two')];
  const first = await assign(world, world.groupScope, one.principalId, ROLE_IDS.reader);
  const full = await world.arm('PUT', `${world.groupScope}/${ASSIGNMENTS}/${randomUUID()}`, {
    body: assignment(two.principalId, ROLE_IDS.reader),
  });
  t.is(full.status, 400);
  t.is(full.body.error.code, 'RoleAssignmentLimitExceeded');
  await world.arm('DELETE', first);
  await t.notThrowsAsync(assign(world, world.groupScope, two.principalId, ROLE_IDS.reader));
});

test('assignment: outlives its principal and still goes by its id', async (t) => {
  const world = await startEmulatorWorld(t);
  const created = await world.createPrincipal();
  const path = await assign(world, world.groupScope, created.principalId, ROLE_IDS.reader);
  await world.graph('DELETE', `/applications/${created.applicationId}`);
  await world.graph('DELETE', `/directory/deletedItems/${created.principalId}`);
  const { body } = await world.arm(
    'GET',
    `${world.groupScope}/${ASSIGNMENTS}?$filter=${encodeURIComponent(`principalId eq '${created.principalId}'`)}`,
  );
  t.is(body.value[0].id, path);
  t.is((await world.arm('DELETE', path)).status, 200);
});

const mayAssign = test.macro({
  title: (_name, roleId: string, _at: string, expected: number) =>
    `rights: ${roleId} ${expected === 201 ? 'may' : 'may not'} assign (${_at})`,
  exec: async (t, roleId: string, at: 'above' | 'beside' | 'group', expected: number) => {
    const world = await startEmulatorWorld(t);
    const { emulator, arm, getToken, groupScope } = world;
    const subscription = `/subscriptions/${emulator.subscriptionId}`;
    const beside = `${subscription}/resourceGroups/${emulator.resourceGroups[1]!}`;
    const caller = await world.createPrincipal('caller');
    const target = await world.createPrincipal('target');
    await assign(world, { above: subscription, beside, group: groupScope }[at], caller.principalId, roleId);
    const token = await getToken('arm', caller);
    const path = `${groupScope}/${ASSIGNMENTS}/${randomUUID()}`;
    const put = await arm('PUT', path, { token, body: assignment(target.principalId, ROLE_IDS.reader) });
    t.is(put.status, expected);
    if (expected === 403) {
      t.is(put.body.error.code, 'AuthorizationFailed');
      t.true(put.body.error.message.includes(`with object id '${caller.principalId}'`));
      t.true(put.body.error.message.includes("'Microsoft.Authorization/roleAssignments/write'"));
    }
    t.is((await arm('DELETE', path, { token })).status, expected === 201 ? 200 : 403);
  },
});

test(mayAssign, ROLE_IDS.owner, 'above', 201);
test(mayAssign, ROLE_IDS.owner, 'group', 201);
test(mayAssign, ROLE_IDS.userAccessAdministrator, 'above', 201);
test(mayAssign, RBAC_ADMINISTRATOR, 'group', 201);
test(mayAssign, ROLE_IDS.owner, 'beside', 403);
test(mayAssign, ROLE_IDS.contributor, 'above', 403);
test(mayAssign, ROLE_IDS.reader, 'above', 403);

test('rights: come through groups too', async (t) => {
  const world = await startEmulatorWorld(t);
  const { emulator, arm, graph, getToken } = world;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const caller = await world.createPrincipal('caller');
  const groupId = emulator.groups[0]!.id;
  await arm('PUT', `${subscription}/${ASSIGNMENTS}/${randomUUID()}`, {
    body: assignment(groupId, ROLE_IDS.reader, { principalType: 'Group' }),
  });
  const token = await getToken('arm', caller);
  t.is((await arm('GET', subscription, { token })).status, 403);
  await graph('POST', `/groups/${groupId}/members/$ref`, {
    body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${caller.principalId}` },
  });
  t.is((await arm('GET', subscription, { token })).status, 200);
});

test('probe: resource groups are those the caller may read; without any role a 403', async (t) => {
  const world = await startEmulatorWorld(t);
  const { emulator, arm, getToken, groupScope } = world;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const caller = await world.createPrincipal();
  const token = await getToken('arm', caller);
  const probe = (): ReturnType<typeof arm> =>
    arm('GET', `${subscription}/resourcegroups?api-version=2021-04-01`, { token });
  const without = await probe();
  t.is(without.status, 403);
  t.is(without.body.error.code, 'AuthorizationFailed');
  t.deepEqual((await arm('GET', '/subscriptions', { token })).body.value, []);
  await assign(world, groupScope, caller.principalId, ROLE_IDS.reader);
  const within = await probe();
  t.is(within.status, 200);
  t.is(within.body.value.length, 1);
  t.is((await arm('GET', '/subscriptions', { token })).body.value.length, 1);
  t.is((await arm('GET', `${subscription}/providers`, { token })).status, 200);
  const permissions = await arm('GET', `${groupScope}/providers/Microsoft.Authorization/permissions`, { token });
  t.deepEqual(permissions.body.value[0].actions, ['*/read']);
});

test('resource groups: created, read, deleted with what was assigned in them', async (t) => {
  const world = await startEmulatorWorld(t);
  const { arm, emulator } = world;
  const path = `/subscriptions/${emulator.subscriptionId}/resourceGroups/third`;
  t.is((await arm('PUT', path, { body: {} })).status, 400);
  t.is((await arm('PUT', path, { body: { location: 'westeurope' } })).status, 201);
  t.is((await arm('PUT', path, { body: { location: 'westeurope' } })).status, 200);
  const { principalId } = await world.createPrincipal();
  const held = await assign(world, path, principalId, ROLE_IDS.reader);
  t.is((await arm('GET', path)).body.name, 'third');
  t.is((await arm('DELETE', path)).status, 200);
  const gone = await arm('DELETE', held);
  t.is(gone.status, 404);
  t.is(gone.body.error.code, 'ResourceGroupNotFound');
  t.is(emulator.tenant().roleAssignments.length, 1);
});

test('locks: forbid deletions at and below their scope until they are removed', async (t) => {
  const world = await startEmulatorWorld(t);
  const { arm, emulator, groupScope } = world;
  const { principalId } = await world.createPrincipal();
  const held = await assign(world, groupScope, principalId, ROLE_IDS.reader);
  const lock = `/subscriptions/${emulator.subscriptionId}/providers/Microsoft.Authorization/locks/keep`;
  t.is((await arm('PUT', lock, { body: { properties: { level: 'Sometimes' } } })).status, 400);
  t.is((await arm('PUT', lock, { body: { properties: { level: 'CanNotDelete' } } })).status, 201);
  const listed = await arm('GET', `/subscriptions/${emulator.subscriptionId}/providers/Microsoft.Authorization/locks`);
  t.deepEqual(
    listed.body.value.map(({ id }: { id: string }) => id),
    [lock],
  );
  const locked = await arm('DELETE', held);
  t.is(locked.status, 409);
  t.is(locked.body.error.code, 'ScopeLocked');
  await t.notThrowsAsync(assign(world, groupScope, principalId, ROLE_IDS.contributor), 'writing is allowed');
  t.is((await arm('DELETE', lock)).status, 200);
  t.is((await arm('DELETE', held)).status, 200);
});

test('token: missing, wrong audience, expired, of a deleted principal: 401 with a challenge', async (t) => {
  const world = await startEmulatorWorld(t);
  const { arm, graph, emulator, getToken } = world;
  const caller = await world.createPrincipal();
  const token = await getToken('arm', caller);
  const code = async (bearer: string): Promise<string> => {
    const answer = await arm('GET', '/subscriptions', { token: bearer });
    t.is(answer.status, 401);
    t.regex(String(answer.headers['www-authenticate']), /^Bearer authorization_uri=/);
    return answer.body.error.code;
  };
  t.is(await code(''), 'AuthenticationFailed');
  t.is(await code('a.b.c'), 'InvalidAuthenticationToken');
  t.is(await code(await getToken('graph')), 'InvalidAuthenticationTokenAudience');
  t.is((await arm('GET', '/subscriptions', { token })).status, 200);
  await graph('DELETE', `/servicePrincipals/${caller.principalId}`);
  t.is(await code(token), 'InvalidAuthenticationToken');
  const operator = await getToken('arm');
  emulator.clock.advance(3_599_000);
  t.is(await code(operator), 'ExpiredAuthenticationToken');
});

test('calls: need an api-version and a known route; metadata needs no login', async (t) => {
  const { tunnel, getToken, arm, emulator } = await startEmulatorWorld(t);
  const headers = { authorization: `Bearer ${await getToken('arm')}` };
  const missing = await tunnel.call('https://management.azure.com/subscriptions', { headers });
  t.is(missing.status, 400);
  t.is(missing.body.error.code, 'MissingApiVersionParameter');
  t.is((await arm('GET', '/nonsense')).status, 404);
  t.is((await arm('GET', '/tenants')).body.value[0].tenantId, emulator.tenantId);
  const metadata = await tunnel.call('https://management.usgovcloudapi.net/metadata/endpoints?api-version=2022-09-01');
  t.like(metadata.body, {
    name: 'AzureUSGovernment',
    resourceManager: 'https://management.usgovcloudapi.net',
    microsoftGraphResourceId: 'https://graph.microsoft.us/',
  });
  t.is(metadata.body.authentication.loginEndpoint, 'https://login.microsoftonline.us');
});
