import test from 'ava';
import { AzureError, CancelledError, InvariantError } from '../../../src/errors.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startStubAzure, STUB_CLIENT_SECRET } from '../../helpers/stub-azure.ts';
import type { StubHandler } from '../../helpers/stub-servers.ts';

const APPLICATION = {
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#applications/$entity',
  id: 'object-1',
  appId: 'app-1',
  displayName: 'vault-1',
  tags: ['a', 'b'],
  passwordCredentials: [
    {
      keyId: 'key-1',
      displayName: 'first',
      hint: 'abc',
      endDateTime: '2030-01-02T03:04:05.1234567Z',
      secretText: null,
    },
    { keyId: 'key-2', displayName: null, hint: null, endDateTime: null },
  ],
};

function graphError(status: number, code: string, message = 'Words.'): ReturnType<StubHandler> {
  return { status, body: { error: { code, message, innerError: { 'request-id': 'r-1' } } } };
}

test('reading an application asks for what is needed and reads it', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ body: APPLICATION }) });
  t.deepEqual(await provider.directory.getApplication('object-1', azureCall('read application')), {
    id: 'object-1',
    appId: 'app-1',
    displayName: 'vault-1',
    tags: ['a', 'b'],
    passwordCredentials: [
      { keyId: 'key-1', displayName: 'first', hint: 'abc', expiresAt: new Date('2030-01-02T03:04:05.123Z') },
      { keyId: 'key-2', displayName: '', hint: '', expiresAt: new Date('9999-12-31T23:59:59Z') },
    ],
  });
  const [call] = calls();
  t.is(call?.host, 'graph.microsoft.com');
  t.is(call?.url, '/v1.0/applications/object-1?$select=id,appId,displayName,tags,passwordCredentials');
  t.is(call?.headers.authorization, 'Bearer access-1');
});

test('creating an application sends the password along and reads its secret', async (t) => {
  const { provider, calls, logger } = await startStubAzure(t, {
    handler: () => ({
      status: 201,
      body: {
        ...APPLICATION,
        passwordCredentials: [
          { keyId: 'key-1', displayName: 'p', hint: 'sec', endDateTime: '2030-01-01T00:00:00Z', secretText: 'sec-ret' },
        ],
      },
    }),
  });
  const created = await provider.directory.createApplication(
    {
      displayName: 'vault-1',
      signInAudience: 'AzureADMyOrg',
      tags: ['a'],
      notes: 'n',
      password: {
        displayName: 'p',
        expiresAt: new Date('2030-01-01T00:00:00Z'),
        startsAt: new Date('2029-01-01T00:00:00Z'),
      },
    },
    azureCall('create application'),
  );
  t.is(created.application.id, 'object-1');
  t.is(created.password?.secretText, 'sec-ret');
  t.is(created.password?.keyId, 'key-1');
  const [call] = calls();
  t.is(`${call?.method} ${call?.url}`, 'POST /v1.0/applications');
  t.deepEqual(JSON.parse(call?.body ?? ''), {
    displayName: 'vault-1',
    signInAudience: 'AzureADMyOrg',
    tags: ['a'],
    notes: 'n',
    passwordCredentials: [
      { displayName: 'p', endDateTime: '2030-01-01T00:00:00.000Z', startDateTime: '2029-01-01T00:00:00.000Z' },
    ],
  });
  t.false(logger.text().includes('sec-ret'));
  t.false(logger.text().includes(STUB_CLIENT_SECRET));
});

test('creating an application, answer without a secret, leaves the password out', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => ({ status: 201, body: APPLICATION }) });
  const spec = { displayName: 'x', signInAudience: 'AzureADMyOrg', tags: [] };
  t.is((await provider.directory.createApplication(spec, azureCall('create application'))).password, undefined);
});

test('creating an application, answer without an id, fails as done but of no use', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => ({ status: 201, body: { appId: 'a' } }) });
  const spec = { displayName: 'x', signInAudience: 'AzureADMyOrg', tags: [] };
  await t.throwsAsync(provider.directory.createApplication(spec, azureCall('create application')), {
    instanceOf: AzureError,
    message: 'create application: 200: the answer cannot be used: id is missing',
  });
});

test('a list, several pages, is read to its end', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: ({ url }) => {
      const page = Number(/skiptoken=(\d)/.exec(url)?.[1] ?? 0);
      const nextLink = `https://graph.microsoft.com/v1.0/applications?$filter=x%20eq%20%27a%26b%27&$skiptoken=${page + 1}`;
      return {
        body: {
          value: [
            { ...APPLICATION, id: `object-${page}`, tags: ["it's & #1"] },
            { ...APPLICATION, id: 'not asked for' },
          ],
          ...(page < 2 ? { '@odata.nextLink': nextLink } : {}),
        },
      };
    },
  });
  const found = await provider.directory.findApplicationsByTag("it's & #1", azureCall('find applications'));
  t.deepEqual(
    found.map((application) => application.id),
    ['object-0', 'object-1', 'object-2'],
  );
  const [first, second] = calls();
  t.regex(first?.url ?? '', /\$filter=tags%2Fany%28x%3Ax%20eq%20%27it%27%27s%20%26%20%231%27%29&/);
  t.is(second?.url, '/v1.0/applications?$filter=x%20eq%20%27a%26b%27&$skiptoken=1');
});

test('a list whose next page is on another host is refused: the token stays here', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: () => ({ body: { value: [], '@odata.nextLink': 'https://localhost/v1.0/applications?$skiptoken=1' } }),
  });
  await t.throwsAsync(provider.directory.findApplicationsByTag('x', azureCall('find applications')), {
    instanceOf: InvariantError,
  });
  t.is(calls().length, 1);
});

test('a list that is none fails', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => ({ body: { value: 5 } }) });
  await t.throwsAsync(provider.directory.findGroupsByName('x', azureCall('find groups')), {
    message: 'find groups: 200: the answer cannot be used: it is no collection',
  });
});

for (const [what, body] of [
  ['HTML', '<html>'],
  ['a JSON list', '[]'],
  ['nothing', ''],
] as const) {
  test(`an answer of ${what} with status 200 fails`, async (t) => {
    const { provider } = await startStubAzure(t, {
      handler: () => ({ headers: { 'content-type': 'text/html' }, body }),
    });
    await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), {
      instanceOf: AzureError,
      message: /^read group: 200: the answer cannot be used: /,
    });
  });
}

test('an error keeps status, code, detail codes, request id and Retry-After', async (t) => {
  const { provider } = await startStubAzure(t, {
    handler: () => ({
      status: 429,
      headers: { 'retry-after': '12' },
      body: { error: { code: 'TooManyRequests', message: 'Slow down.', details: [{ code: 'D' }] } },
    }),
  });
  const error = await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), {
    instanceOf: AzureError,
    message: 'read group: 429 TooManyRequests: Slow down.',
  });
  t.like(error, { service: 'graph', status: 429, detailCodes: ['D'], retryAfterMs: 12_000 });
});

test('an error is not repeated by the SDK', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ status: 503 }) });
  await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), { message: 'read group: 503' });
  t.is(calls().length, 1);
});

test('a redirect is not followed', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: () => ({ status: 302, headers: { location: 'https://localhost/' } }),
  });
  await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), { message: 'read group: 302' });
  t.is(calls().length, 1);
});

test('a connection that breaks is told as such', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => 'reset' });
  await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), {
    message: 'read group: no answer: the connection to graph.microsoft.com:443 broke (ECONNRESET)',
  });
});

test('cancellation reaches the call', async (t) => {
  const azure = await startStubAzure(t, { handler: () => 'hang' });
  const controller = new AbortController();
  const call = azure.provider.directory.getGroup('g', azureCall('read group', controller.signal));
  while (azure.calls().length === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await t.throwsAsync(call, { instanceOf: CancelledError });
});

test('a rejected token is renewed once', async (t) => {
  const { provider, calls, logins } = await startStubAzure(t, {
    handler: ({ headers }) =>
      headers.authorization === 'Bearer access-1'
        ? graphError(401, 'InvalidAuthenticationToken')
        : { body: { id: 'g', displayName: 'G' } },
  });
  t.deepEqual(await provider.directory.getGroup('g', azureCall('read group')), { id: 'g', displayName: 'G' });
  await provider.directory.getGroup('g', azureCall('read group'));
  t.is(calls().length, 3);
  t.is(logins().length, 2);
});

test('a token rejected twice is an error', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: () => graphError(401, 'InvalidAuthenticationToken'),
  });
  await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), {
    message: 'read group: 401 InvalidAuthenticationToken: Words. (request id r-1)',
  });
  t.is(calls().length, 2);
});

test('a login that fails inside a call is told as the login', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    logIn: () => ({ status: 400, body: { error: 'unauthorized_client', error_description: 'AADSTS700016: No app.' } }),
  });
  const error = await t.throwsAsync(provider.directory.getGroup('g', azureCall('read group')), {
    instanceOf: AzureError,
    message: 'log in to Entra ID to read group: 400 AADSTS700016: No app.',
  });
  t.is(error.service, 'entra');
  t.is(calls().length, 0);
});

test('the log names calls by their template, never by their values', async (t) => {
  const { provider, logger } = await startStubAzure(t, { handler: () => ({ status: 204 }) });
  await provider.directory.removeGroupMember('group-77', 'member-88', azureCall('remove member'));
  t.deepEqual(
    logger.lines.map(({ fields }) => fields['route']),
    ['entra /{tenant}/oauth2/v2.0/token', 'graph /groups/{id}/members/{id}/$ref'],
  );
  t.notRegex(logger.text(), /group-77|member-88|11111111/);
});

test('removing a member addresses the reference, never the member', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ status: 204 }) });
  await provider.directory.removeGroupMember('g/1', 'm?2', azureCall('remove member'));
  t.is(`${calls()[0]?.method} ${calls()[0]?.url}`, 'DELETE /v1.0/groups/g%2F1/members/m%3F2/$ref');
});

test('adding a member sends a reference in the same cloud', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: () => ({ status: 204 }) });
  await provider.directory.addGroupMember('g', 'm', azureCall('add member'));
  t.deepEqual(JSON.parse(calls()[0]?.body ?? ''), {
    '@odata.id': 'https://graph.microsoft.com/v1.0/directoryObjects/m',
  });
});

test('adding a member that is one already succeeds, another refusal does not', async (t) => {
  let message = "One or more added object references already exist for the following modified properties: 'members'.";
  const { provider } = await startStubAzure(t, { handler: () => graphError(400, 'Request_BadRequest', message) });
  await t.notThrowsAsync(provider.directory.addGroupMember('g', 'm', azureCall('add member')));
  message = 'Insufficient.';
  await t.throwsAsync(provider.directory.addGroupMember('g', 'm', azureCall('add member')), { instanceOf: AzureError });
});

test('applications of the recycle bin, filter not heeded by the service, are filtered here', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: () => ({ body: { value: [APPLICATION, { ...APPLICATION, id: 'foreign', tags: ['z'] }] } }),
  });
  const found = await provider.directory.findDeletedApplicationsByTag('a', azureCall('find deleted applications'));
  t.deepEqual(
    found.map((application) => application.id),
    ['object-1'],
  );
  t.is(calls()[0]?.headers['consistencylevel'], 'eventual');
});

test('applications of the recycle bin, search not supported, are listed and filtered here', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: ({ url }) =>
      url.includes('$filter')
        ? graphError(400, 'Request_UnsupportedQuery')
        : { body: { value: [APPLICATION, { ...APPLICATION, id: 'foreign', tags: ['z'] }] } },
  });
  const found = await provider.directory.findDeletedApplicationsByTag('a', azureCall('find deleted applications'));
  t.deepEqual(
    found.map((application) => application.id),
    ['object-1'],
  );
  t.is(calls().length, 2);
});

test('applications of the recycle bin, search refused for another reason, are an error', async (t) => {
  const { provider } = await startStubAzure(t, { handler: () => graphError(403, 'Authorization_RequestDenied') });
  await t.throwsAsync(provider.directory.findDeletedApplicationsByTag('a', azureCall('find deleted applications')), {
    message: /403 Authorization_RequestDenied/,
  });
});

// Service principals

/** Answers PATCH, POST and GET of service principals one each. */
function principals(answers: Partial<Record<'PATCH' | 'POST' | 'GET', ReturnType<StubHandler>>>): StubHandler {
  return ({ method }) => answers[method as 'GET'] ?? graphError(500, 'unexpected');
}

const FOUND = { body: { id: 'sp-1' } };

const upsert = test.macro({
  exec: async (
    t,
    answers: Parameters<typeof principals>[0],
    expectedMethods: readonly string[],
    expected: string | RegExp,
  ) => {
    const { provider, calls } = await startStubAzure(t, { handler: principals(answers) });
    const result = provider.directory.upsertServicePrincipal('app-1', azureCall('create service principal'));
    if (typeof expected === 'string') t.deepEqual(await result, { id: expected });
    else await t.throwsAsync(result, { instanceOf: AzureError, message: expected });
    t.deepEqual(
      calls().map((call) => call.method),
      [...expectedMethods],
    );
  },
  title: (title) => `a service principal, ${title ?? ''}`,
});

test('created by PATCH, is told by one call', upsert, { PATCH: { status: 201, ...FOUND } }, ['PATCH'], 'sp-1');
test('there already, is read back', upsert, { PATCH: { status: 204 }, GET: FOUND }, ['PATCH', 'GET'], 'sp-1');
test(
  'there already but not on the replica that is asked, is replication lag',
  upsert,
  { PATCH: { status: 204 }, GET: graphError(404, 'Request_ResourceNotFound') },
  ['PATCH', 'GET'],
  /^create service principal: 404 Request_ResourceNotFound/,
);
for (const status of [405, 501]) {
  test(
    `PATCH answered ${status}, is created by POST`,
    upsert,
    { PATCH: { status }, POST: { status: 201, ...FOUND } },
    ['PATCH', 'POST'],
    'sp-1',
  );
}
test(
  'PATCH answered 404 without the code of a missing object, is created by POST',
  upsert,
  { PATCH: graphError(404, 'BadRequest'), POST: { status: 201, ...FOUND } },
  ['PATCH', 'POST'],
  'sp-1',
);
test(
  'application not there yet, is an error of the PATCH',
  upsert,
  { PATCH: graphError(404, 'Request_ResourceNotFound') },
  ['PATCH'],
  /404 Request_ResourceNotFound/,
);
test(
  'POST in conflict with itself, is read back',
  upsert,
  { PATCH: { status: 501 }, POST: graphError(409, 'Request_MultipleObjectsWithSameKeyValue'), GET: FOUND },
  ['PATCH', 'POST', 'GET'],
  'sp-1',
);
test(
  'POST in conflict with something that cannot be read, is the conflict',
  upsert,
  {
    PATCH: { status: 501 },
    POST: graphError(409, 'Request_MultipleObjectsWithSameKeyValue'),
    GET: graphError(404, 'Request_ResourceNotFound'),
  },
  ['PATCH', 'POST', 'GET'],
  /409 Request_MultipleObjectsWithSameKeyValue/,
);

test('a service principal, PATCH refused once, is created by POST from then on', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: principals({ PATCH: { status: 405 }, POST: { status: 201, ...FOUND } }),
  });
  await provider.directory.upsertServicePrincipal('app-1', azureCall('create service principal'));
  await provider.directory.upsertServicePrincipal('app-2', azureCall('create service principal'));
  t.deepEqual(
    calls().map((call) => call.method),
    ['PATCH', 'POST', 'POST'],
  );
});

test('a service principal, created by PATCH, is asked for with the header and the name', async (t) => {
  const { provider, calls } = await startStubAzure(t, { handler: principals({ PATCH: { status: 201, ...FOUND } }) });
  await provider.directory.upsertServicePrincipal('app-1', azureCall('create service principal'), 'vault-1');
  const [call] = calls();
  t.is(call?.url, "/v1.0/servicePrincipals(appId='app-1')");
  t.is(call?.headers['prefer'], 'create-if-missing');
  t.is(call?.headers['content-type'], 'application/json');
  t.deepEqual(JSON.parse(call?.body ?? ''), { displayName: 'vault-1' });
});

test('a service principal that does not exist is found as undefined, a failure is one', async (t) => {
  let answer = graphError(404, 'Request_ResourceNotFound');
  const { provider } = await startStubAzure(t, { handler: () => answer });
  t.is(await provider.directory.findServicePrincipalByAppId('x', azureCall('find service principal')), undefined);
  answer = graphError(403, 'Authorization_RequestDenied');
  await t.throwsAsync(provider.directory.findServicePrincipalByAppId('x', azureCall('find service principal')), {
    instanceOf: AzureError,
  });
});
