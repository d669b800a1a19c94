import test from 'ava';
import { AzureError, CancelledError, InvalidRequestError, InvariantError } from '../../../src/errors.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startStubAzure } from '../../helpers/stub-azure.ts';
import type { StubHandler } from '../../helpers/stub-servers.ts';

const AUTHORIZATION = 'providers/Microsoft.Authorization';
const SCOPE = '/subscriptions/sub-1/resourceGroups/web';
const DEFINITION_ID = `/subscriptions/sub-1/${AUTHORIZATION}/roleDefinitions/def-1`;
const ASSIGNMENT_ID = `${SCOPE}/${AUTHORIZATION}/roleAssignments/guid-1`;
const SPEC = { scope: SCOPE, assignmentGuid: 'guid-1', roleDefinitionId: DEFINITION_ID, principalId: 'sp-1' };

const DEFINITION = { id: DEFINITION_ID, name: 'def-1', properties: { roleName: 'Reader', type: 'BuiltInRole' } };

function assignment(more: Readonly<Record<string, unknown>> = {}, id = ASSIGNMENT_ID): Record<string, unknown> {
  return {
    id,
    name: 'guid-1',
    properties: { scope: SCOPE, roleDefinitionId: DEFINITION_ID, principalId: 'sp-1', ...more },
  };
}

function armError(status: number, code: string): ReturnType<StubHandler> {
  return { status, headers: { 'x-ms-request-id': 'arm-1' }, body: { error: { code, message: 'Words.' } } };
}

test('role definitions by name are asked for at the scope, the name escaped once', async (t) => {
  const named = { ...DEFINITION, properties: { roleName: "o'brien & co+ #1" } };
  const { provider, calls, logins } = await startStubAzure(t, {
    handler: () => ({ body: { value: [DEFINITION, named] } }),
  });
  const found = await provider.roles.findRoleDefinitionsByName(SCOPE, "O'Brien & Co+ #1", azureCall('find role'));
  t.deepEqual(found, [{ id: DEFINITION_ID, roleName: "o'brien & co+ #1" }], 'the filter was not heeded');
  const [call] = calls();
  const url = new URL(call?.url ?? '', 'https://management.azure.com');
  t.is(call?.host, 'management.azure.com');
  t.is(url.pathname, `${SCOPE}/${AUTHORIZATION}/roleDefinitions`);
  t.is(url.searchParams.get('$filter'), "roleName eq 'O''Brien & Co+ #1'");
  t.is(url.searchParams.get('api-version'), '2022-04-01');
  t.is(new URLSearchParams(logins()[0]?.body).get('scope'), 'https://management.azure.com/.default');
});

test('role definitions at the root scope have no double slash', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ body: { value: [] } }) });
  t.deepEqual(await provider.roles.findRoleDefinitionsByName('/', 'x', azureCall('find role')), []);
  t.regex(calls()[0]?.url ?? '', /^\/providers\/Microsoft\.Authorization\/roleDefinitions\?/);
});

test('a role definition by id is read without a double slash', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ body: DEFINITION }) });
  const definition = await provider.roles.getRoleDefinition(DEFINITION_ID, azureCall('read role'));
  t.deepEqual(definition, { id: DEFINITION_ID, roleName: 'Reader' });
  t.is(calls()[0]?.url.split('?')[0], DEFINITION_ID);
});

test('an assignment is created under our GUID for a service principal', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ status: 201, body: assignment() }) });
  t.is(await provider.roles.createRoleAssignment(SPEC, azureCall('create role assignment')), ASSIGNMENT_ID);
  const [call] = calls();
  t.is(call?.method, 'PUT');
  t.is(call?.url.split('?')[0], ASSIGNMENT_ID);
  t.deepEqual(JSON.parse(call?.body ?? ''), {
    properties: { roleDefinitionId: DEFINITION_ID, principalId: 'sp-1', principalType: 'ServicePrincipal' },
  });
});

const conflict = test.macro({
  exec: async (t, existing: Readonly<Record<string, unknown>> | undefined, isSame: boolean) => {
    const { provider } = await startStubAzure(t, {
      handler: ({ method }) => {
        if (method === 'PUT') return armError(409, 'RoleAssignmentExists');
        return existing === undefined ? armError(404, 'RoleAssignmentNotFound') : { body: assignment(existing) };
      },
    });
    const result = provider.roles.createRoleAssignment(SPEC, azureCall('create role assignment'));
    if (isSame) t.is(await result, ASSIGNMENT_ID);
    else await t.throwsAsync(result, { instanceOf: AzureError, message: /409 RoleAssignmentExists/ });
  },
  title: (title) => `an assignment in conflict, ${title ?? ''}`,
});

test('the same one there from before, is success', conflict, {}, true);
test(
  'the same one in other letters, is success',
  conflict,
  { principalId: 'SP-1', roleDefinitionId: `/${AUTHORIZATION}/roleDefinitions/DEF-1` },
  true,
);
test('another principal under our GUID, is the conflict', conflict, { principalId: 'sp-2' }, false);
test('another role under our GUID, is the conflict', conflict, { roleDefinitionId: 'x/def-2' }, false);
test('the same assignment under another GUID, is the conflict', conflict, undefined, false);

for (const [what, answer] of [
  ['there (200)', { body: assignment() }],
  ['gone (204)', { status: 204 }],
  ['in a scope that is gone (404)', armError(404, 'ResourceGroupNotFound')],
] as const) {
  test(`deleting an assignment, ${what}, succeeds`, async (t) => {
    const { provider, calls } = await startStubAzure(t, { handler: () => answer });
    await t.notThrowsAsync(provider.roles.deleteRoleAssignment(ASSIGNMENT_ID, azureCall('delete role assignment')));
    t.is(`${calls()[0]?.method} ${calls()[0]?.url.split('?')[0]}`, `DELETE ${ASSIGNMENT_ID}`);
  });
}

test('deleting an assignment in a locked scope fails with code and request id', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => armError(409, 'ScopeLocked') });
  const error = await t.throwsAsync(
    provider.roles.deleteRoleAssignment(ASSIGNMENT_ID, azureCall('delete role assignment')),
    { instanceOf: AzureError, message: 'delete role assignment: 409 ScopeLocked: Words. (request id arm-1)' },
  );
  t.is(error.service, 'arm');
});

test('assignments of a principal are those at or below the scope, all pages', async (t) => {
  const below = `${SCOPE}/providers/Microsoft.Web/sites/a`;
  const sibling = '/subscriptions/sub-1/resourceGroups/web2';
  const { provider, calls } = await startStubAzure(t, {
    handler: ({ url }) =>
      url.includes('skip')
        ? { body: { value: [assignment({ scope: below.toUpperCase() }, 'below')] } }
        : {
            body: {
              value: [
                assignment({}, 'at'),
                assignment({ scope: '/subscriptions/sub-1' }, 'above'),
                assignment({ scope: sibling }, 'beside'),
                assignment({ principalId: 'another' }, 'of another principal'),
              ],
              nextLink: `https://management.azure.com${SCOPE}/${AUTHORIZATION}/roleAssignments?api-version=2022-04-01&skip=1`,
            },
          },
  });
  const found = await provider.roles.listRoleAssignments(SCOPE, 'SP-1', azureCall('list role assignments'));
  t.deepEqual(found, ['at', 'below']);
  t.is(new URL(calls()[0]?.url ?? '', 'https://h').searchParams.get('$filter'), "principalId eq 'SP-1'");
});

test('assignments whose next page is on another host are refused', async (t) => {
  const { provider } = await startStubAzure(t, {
    handler: () => ({ body: { value: [], nextLink: 'https://localhost/next' } }),
  });
  await t.throwsAsync(provider.roles.listRoleAssignments(SCOPE, 'x', azureCall('list')), {
    instanceOf: InvariantError,
  });
});

test('an error keeps Retry-After and is not repeated by the SDK', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: () => ({ status: 429, headers: { 'retry-after': '4' }, body: { error: { code: 'TooManyRequests' } } }),
  });
  const error = await t.throwsAsync(provider.roles.getRoleDefinition(DEFINITION_ID, azureCall('read role')), {
    instanceOf: AzureError,
    message: 'read role: 429 TooManyRequests',
  });
  t.is(error.retryAfterMs, 4000);
  t.is(calls().length, 1);
});

test('a rejected token is renewed once', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: ({ headers }) =>
      headers.authorization === 'Bearer access-1' ? armError(401, 'ExpiredAuthenticationToken') : { body: DEFINITION },
  });
  await provider.roles.getRoleDefinition(DEFINITION_ID, azureCall('read role'));
  t.is(calls().length, 2);
});

test('a connection that breaks is told as such, a cancellation as one', async (t) => {
  const azure = await startStubAzure(t, { handler: () => 'reset' });
  await t.throwsAsync(azure.provider.roles.getRoleDefinition(DEFINITION_ID, azureCall('read role')), {
    message: 'read role: no answer: the connection to management.azure.com:443 broke (ECONNRESET)',
  });
  azure.stub.handler = ({ url }) => (url.includes('token') ? { status: 500 } : 'hang');
  const controller = new AbortController();
  const call = azure.provider.roles.getRoleDefinition(DEFINITION_ID, azureCall('read role', controller.signal));
  while (azure.calls().length === 1) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await t.throwsAsync(call, { instanceOf: CancelledError });
});

test('an id, empty or with dot segments, is refused before any call', async (t) => {
  const { provider, stub } = await startStubAzure(t);
  await t.throwsAsync(provider.roles.getRoleDefinition('/', azureCall('x')), { instanceOf: InvalidRequestError });
  await t.throwsAsync(provider.roles.deleteRoleAssignment(`${SCOPE}/../..`, azureCall('x')), {
    instanceOf: InvalidRequestError,
  });
  t.is(stub.requests.length, 0);
});

test('an answer without an id fails', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => ({ status: 201, body: {} }) });
  await t.throwsAsync(provider.roles.createRoleAssignment(SPEC, azureCall('create role assignment')), {
    message: 'create role assignment: 200: the answer cannot be used: id is missing',
  });
});
