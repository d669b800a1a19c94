import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { findCloud } from '../../../src/azure/clouds.ts';
import { logIn, type AccessToken } from '../../../src/azure/credential.ts';
import { isTransient } from '../../../src/azure/retry-policy.ts';
import { AzureError, CancelledError } from '../../../src/errors.ts';
import { createTestTransport } from '../../helpers/azure-transport.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { STUB_TENANT_ID } from '../../helpers/stub-azure.ts';

// One stub of the metadata service for the file: MSAL keeps the first address that it sees for the life of the process.
const requests: { readonly query: Record<string, string>; readonly metadata: unknown }[] = [];
let respond: () => { readonly status: number; readonly body: Readonly<Record<string, string>> } | 'hang';

const server = createServer((incoming, outgoing) => {
  requests.push({
    query: Object.fromEntries(new URLSearchParams(incoming.url?.split('?')[1])),
    metadata: incoming.headers['metadata'],
  });
  const answer = respond();
  if (answer === 'hang') return;
  outgoing.writeHead(answer.status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(answer.body));
});

test.before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // What a pod with workload identity has; managed identity is not that.
  process.env['AZURE_FEDERATED_TOKEN_FILE'] = '/no/such/file';
  process.env['AZURE_TENANT_ID'] = STUB_TENANT_ID;
  process.env['AZURE_CLIENT_ID'] = 'workload-client';
});

test.after.always(() => {
  server.closeAllConnections();
  server.close();
});

test.beforeEach(() => {
  requests.length = 0;
  respond = () => ({
    status: 200,
    body: {
      access_token: `managed-${requests.length}`,
      expires_in: '86399',
      expires_on: String(Math.floor(Date.now() / 1000) + 86_399),
      resource: 'https://graph.microsoft.com',
      token_type: 'Bearer',
    },
  });
});

const clock = new FakeClock();

function logInAs(
  t: Parameters<typeof createTestTransport>[0],
  clientId: string,
  signal?: AbortSignal,
): Promise<AccessToken> {
  // A proxy that nobody serves: what goes there fails.
  const { transport } = createTestTransport(t, { proxyUrl: 'http://localhost:1', clock });
  return logIn(
    { transport, clock },
    { cloud: findCloud('')!, tenantId: STUB_TENANT_ID, credential: { kind: 'managedIdentity', clientId } },
    'https://graph.microsoft.com/.default',
    azureCall('log in to Entra ID', signal),
  );
}

test.serial('the system-assigned identity is asked for directly, never through the proxy', async (t) => {
  const token = await logInAs(t, '');
  t.is(token.value, 'managed-1');
  t.is(token.expiresAt.getTime(), clock.now().getTime() + 86_399_000);
  t.deepEqual(requests, [
    { query: { 'api-version': '2018-02-01', resource: 'https://graph.microsoft.com' }, metadata: 'true' },
  ]);
});

test.serial('a user-assigned identity is named by its client id', async (t) => {
  t.is((await logInAs(t, 'user-assigned')).value, 'managed-1');
  t.is(requests[0]?.query['client_id'], 'user-assigned');
});

test.serial('a second login asks the platform again', async (t) => {
  await logInAs(t, '');
  t.is((await logInAs(t, '')).value, 'managed-2');
});

test.serial('an unknown identity is told in the words of the platform, once', async (t) => {
  respond = () => ({ status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } });
  await t.throwsAsync(logInAs(t, 'nobody'), {
    instanceOf: AzureError,
    message: 'log in to Entra ID: 400 invalid_request: Identity not found',
  });
  t.is(requests.length, 1);
});

test.serial("an error of App Service's shape is told", async (t) => {
  respond = () => ({ status: 400, body: { statusCode: '400', message: 'No identity of that name.' } });
  await t.throwsAsync(logInAs(t, 'nobody'), { message: 'log in to Entra ID: 400: No identity of that name.' });
});

for (const [status, waitMs] of [
  [404, 1_000],
  [410, 3_000],
  [429, 1_000],
  [500, 1_000],
] as const) {
  test.serial(`a metadata service that answers ${status} is asked once, and says how long to wait`, async (t) => {
    respond = () => ({ status, body: {} });
    const error = await t.throwsAsync(logInAs(t, ''), {
      instanceOf: AzureError,
      message: `log in to Entra ID: ${status}`,
    });
    t.like(error, { service: 'managedIdentity', retryAfterMs: waitMs });
    t.true(isTransient(error));
    t.is(requests.length, 1);
  });
}

test.serial('an end without a lifetime is taken from the end', async (t) => {
  const endsAt = Math.floor(Date.now() / 1000) + 7200;
  respond = () => ({
    status: 200,
    body: { access_token: 'x', expires_on: String(endsAt), resource: 'r', token_type: 'Bearer' },
  });
  const { expiresAt } = await logInAs(t, '');
  t.true(Math.abs(expiresAt.getTime() - endsAt * 1000) < 60_000);
});

test.serial('logins side by side each see their own answer and their own cancellation', async (t) => {
  respond = () => (requests.length === 1 ? 'hang' : { status: 429, body: {} });
  const controller = new AbortController();
  const hanging = logInAs(t, 'first', controller.signal);
  while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const throttled = logInAs(t, 'second');
  const [second] = await Promise.allSettled([throttled]);
  controller.abort();
  await t.throwsAsync(hanging, { instanceOf: CancelledError });
  t.like(second, { status: 'rejected', reason: { message: 'log in to Entra ID: 429' } });
});
