import test from 'ava';
import { AzureError } from '../../../src/errors.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startStubAzure } from '../../helpers/stub-azure.ts';

test('a login probe, accepted, logs in as the given client on a connection of its own each time', async (t) => {
  const { provider, logins } = await startStubAzure(t);
  for (let count = 0; count < 3; count++) {
    await provider.login.verifyLogin('other-client', 'other-secret', azureCall('verify login'));
  }
  const connections = logins().map((login) => login.connection);
  t.is(new Set(connections).size, 3);
  for (const { body } of logins()) {
    t.is(new URLSearchParams(body).get('client_id'), 'other-client');
    t.is(new URLSearchParams(body).get('client_secret'), 'other-secret');
  }
});

test('a login probe, refused and later accepted, asks each time', async (t) => {
  let isAccepted = false;
  const { provider, logins } = await startStubAzure(t, {
    logIn: () =>
      isAccepted
        ? { body: { token_type: 'Bearer', expires_in: 3599, access_token: 'x' } }
        : {
            status: 401,
            body: { error: 'invalid_client', error_description: 'AADSTS7000215: Wrong.', error_codes: [7000215] },
          },
  });
  const error = await t.throwsAsync(provider.login.verifyLogin('c', 's', azureCall('verify login')), {
    instanceOf: AzureError,
    message: 'verify login: 401 AADSTS7000215: Wrong.',
  });
  t.is(error.azureCode, 'AADSTS7000215');
  isAccepted = true;
  await provider.login.verifyLogin('c', 's', azureCall('verify login'));
  t.is(logins().length, 2);
});

const TENANT_ID = '22222222-2222-4222-8222-222222222222';

test('a tenant, named by a domain, is looked up once and by its id not at all', async (t) => {
  const { provider, calls } = await startStubAzure(t, {
    handler: () => ({ body: { issuer: `https://login.microsoftonline.com/${TENANT_ID.toUpperCase()}/v2.0` } }),
  });
  for (const name of ['Contoso.com', 'contoso.com', TENANT_ID, TENANT_ID.toUpperCase()]) {
    t.is(await provider.login.resolveTenant(name, azureCall('look up tenant')), TENANT_ID);
  }
  t.deepEqual(
    calls().map(({ method, url }) => `${method} ${url}`),
    ['GET /contoso.com/v2.0/.well-known/openid-configuration'],
  );
});

test('a tenant that Entra ID does not know, looked up, is its refusal', async (t) => {
  const { provider } = await startStubAzure(t, {
    handler: () => ({
      status: 400,
      body: { error: 'invalid_tenant', error_description: "AADSTS90002: Tenant 'x' not found.", error_codes: [90002] },
    }),
  });
  await t.throwsAsync(provider.login.resolveTenant('../x', azureCall('look up tenant')), {
    instanceOf: AzureError,
    message: "look up tenant: 400 AADSTS90002: Tenant 'x' not found.",
  });
});

test('a tenant whose configuration names no issuer, looked up, is an unreadable answer', async (t) => {
  const answers = [{ issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' }, { issuer: 7 }, {}];
  const { provider } = await startStubAzure(t, { handler: () => ({ body: answers.shift() ?? {} }) });
  for (let count = 0; count < 3; count++) {
    await t.throwsAsync(provider.login.resolveTenant('x', azureCall('look up tenant')), { message: /names no tenant/ });
  }
});

const TOKEN = { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: 'jwt', extra: 'kept' };

test('a token request, answered, is Azure’s answer as it came, for the scope as it was given', async (t) => {
  const { provider, logins } = await startStubAzure(t, { logIn: () => ({ body: TOKEN }) });
  const scope = ' https://Vault.example/A%2fb/.default ';
  const request = () => provider.login.requestToken('c', 's&=+ü', scope, azureCall('request an access token'));
  t.deepEqual(await request(), TOKEN);
  t.deepEqual(await request(), TOKEN);
  t.is(logins().length, 2, 'nothing is kept');
  for (const { body, url } of logins()) {
    t.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      client_id: 'c',
      client_secret: 's&=+ü',
      grant_type: 'client_credentials',
      scope,
    });
    t.regex(url, /^\/[^/]+\/oauth2\/v2\.0\/token$/);
  }
});

test('a token request, refused, fails with code, message and request id', async (t) => {
  const { provider } = await startStubAzure(t, {
    logIn: () => ({
      status: 400,
      body: {
        error: 'invalid_scope',
        error_description: 'AADSTS1002012: The provided value for scope x is not valid. Trace ID: t',
        error_codes: [1002012],
        trace_id: 'trace-1',
      },
    }),
  });
  await t.throwsAsync(provider.login.requestToken('c', 's', 'x', azureCall('request an access token')), {
    instanceOf: AzureError,
    message:
      'request an access token: 400 AADSTS1002012: The provided value for scope x is not valid. (request id trace-1)',
  });
});

const isUnusable = test.macro(async (t, body: string, problem: string) => {
  const { provider } = await startStubAzure(t, { logIn: () => ({ body }) });
  await t.throwsAsync(provider.login.requestToken('c', 's', 'x', azureCall('request an access token')), {
    instanceOf: AzureError,
    message: `request an access token: 200: the answer cannot be used: ${problem}`,
  });
});
test('a token request, answered with no JSON, fails without quoting it', isUnusable, '<html>secret', 'it is no JSON');
test('a token request, answered without a token, fails', isUnusable, '{}', 'it holds no access token');
