import { createHash, X509Certificate } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { findCloud } from '../../../src/azure/clouds.ts';
import { logIn } from '../../../src/azure/credential.ts';
import type { AzureProviderSpec } from '../../../src/azure/provider.ts';
import { isTransient } from '../../../src/azure/retry-policy.ts';
import { AzureError, InternalError } from '../../../src/errors.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { createTestCertificate } from '../../helpers/client-certificate.ts';
import { createTestTransport, type TestTransportOptions } from '../../helpers/azure-transport.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { STUB_TENANT_ID } from '../../helpers/stub-azure.ts';
import { startProxyStub, startTlsStub, type StubHandler, type TlsStub } from '../../helpers/stub-servers.ts';

const SECRET = 'sentinel-client-secret';
const SCOPE = 'https://graph.microsoft.com/.default';
const CALL = azureCall('log in to Entra ID');

const SPEC: AzureProviderSpec = {
  cloud: findCloud('')!,
  tenantId: STUB_TENANT_ID,
  credential: { kind: 'clientSecret', clientId: 'client-1', clientSecret: SECRET },
};

const issue: StubHandler = () => ({ body: { token_type: 'Bearer', expires_in: 3599, access_token: 'token-1' } });

async function setUp(t: ExecutionContext, handler: StubHandler, options: TestTransportOptions = {}) {
  const stub: TlsStub = await startTlsStub(t, handler);
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const { transport, logger } = createTestTransport(t, { caPem: stub.identity.caPem, proxyUrl: proxy.url, ...options });
  const clock = options.clock ?? systemClock;
  return {
    stub,
    proxy,
    logger,
    logIn: (spec = SPEC, fresh = false) => logIn({ transport, clock }, spec, SCOPE, CALL, { isFreshConnection: fresh }),
  };
}

test('a login by secret, accepted, is one request to the tenant and brings token and end', async (t) => {
  const clock = new FakeClock();
  const { stub, logIn } = await setUp(t, issue, { clock });
  const token = await logIn();
  t.is(token.value, 'token-1');
  t.is(token.expiresAt.getTime(), clock.now().getTime() + 3_599_000);
  t.is(stub.requests.length, 1);
  const [request] = stub.requests;
  t.is(request?.host, 'login.microsoftonline.com');
  t.regex(request?.url ?? '', new RegExp(`^/${STUB_TENANT_ID}/oauth2/v2.0/token(\\?|$)`));
  const form = new URLSearchParams(request?.body);
  t.is(form.get('client_id'), 'client-1');
  t.is(form.get('client_secret'), SECRET);
  t.is(form.get('grant_type'), 'client_credentials');
  t.is(form.get('scope'), SCOPE);
});

test('a login by certificate is signed for the token endpoint, names the thumbprint, and carries no chain', async (t) => {
  const certificate = createTestCertificate(new Date());
  const { stub, logIn } = await setUp(t, issue);
  const certificatePem = certificate.privateKeyPem + certificate.certificatePem;
  const credential = { kind: 'clientCertificate', clientId: 'client-1', certificatePem } as const;
  t.is((await logIn({ ...SPEC, credential })).value, 'token-1');
  const form = new URLSearchParams(stub.requests[0]?.body);
  t.is(form.get('client_secret'), null);
  t.is(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  const [header, claims] = readJwt(form.get('client_assertion'));
  const sha256 = createHash('sha256').update(new X509Certificate(certificate.certificatePem).raw).digest('base64url');
  t.deepEqual(header, { alg: 'PS256', typ: 'JWT', 'x5t#S256': sha256 });
  t.like(claims, {
    iss: 'client-1',
    sub: 'client-1',
    aud: `https://login.microsoftonline.com/${STUB_TENANT_ID}/oauth2/v2.0/token`,
  });
});

test('a login by certificate with a chain sends the chain, the own certificate first', async (t) => {
  const { privateKeyPem, certificatePem, authorityPem } = createTestCertificate(new Date());
  const { stub, logIn } = await setUp(t, issue);
  const pem = privateKeyPem + certificatePem + authorityPem;
  await logIn({ ...SPEC, credential: { kind: 'clientCertificate', clientId: 'client-1', certificatePem: pem } });
  const [header] = readJwt(new URLSearchParams(stub.requests[0]?.body).get('client_assertion'));
  const chain = [certificatePem, authorityPem].map((text) => new X509Certificate(text).raw.toString('base64'));
  t.deepEqual(header?.['x5c'], chain);
});

function readJwt(token: string | null): Record<string, unknown>[] {
  return (token ?? '')
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
}

test('a login by assertion asks for the assertion once per login, and sends it', async (t) => {
  const { stub, logIn } = await setUp(t, issue);
  let count = 0;
  const getAssertion = async (): Promise<string> => `assertion-${++count}`;
  const spec: AzureProviderSpec = {
    ...SPEC,
    credential: { kind: 'clientAssertion', clientId: 'client-1', getAssertion },
  };
  await logIn(spec);
  await logIn(spec);
  const sent = stub.requests.map(({ body }) => new URLSearchParams(body).get('client_assertion'));
  t.deepEqual(sent, ['assertion-1', 'assertion-2']);
  t.is(new URLSearchParams(stub.requests[0]?.body).get('client_id'), 'client-1');
});

test('a login by assertion, no assertion to be had, fails with its reason and sends nothing', async (t) => {
  const { stub, logIn } = await setUp(t, issue);
  const failure = new InternalError('no token today');
  const getAssertion = (): Promise<string> => Promise.reject(failure);
  const thrown = await t.throwsAsync(
    logIn({ ...SPEC, credential: { kind: 'clientAssertion', clientId: 'client-1', getAssertion } }),
  );
  t.is(thrown, failure);
  t.is(stub.requests.length, 0);
});

test('a login, repeated, asks again: nothing is kept in between', async (t) => {
  const { stub, logIn } = await setUp(t, issue);
  await logIn();
  await logIn();
  t.is(stub.requests.length, 2);
});

test('a login by secret, refused, tells code, sentence and trace id', async (t) => {
  const { stub, logIn, logger } = await setUp(t, () => ({
    status: 401,
    body: {
      error: 'invalid_client',
      error_description: 'AADSTS7000215: Invalid client secret provided. Ensure it is right. Trace ID: trace-1',
      error_codes: [7000215],
      trace_id: 'trace-1',
    },
  }));
  const error = await t.throwsAsync(logIn(), {
    instanceOf: AzureError,
    message: 'log in to Entra ID: 401 AADSTS7000215: Invalid client secret provided. (request id trace-1)',
  });
  t.like(error, { service: 'entra', status: 401, azureCode: 'AADSTS7000215' });
  t.is(stub.requests.length, 1);
  t.false(logger.text().includes(SECRET));
  t.false(JSON.stringify(error).includes(SECRET));
});

test('a login, answered 503 and then well, succeeds at once: no memory of the failure', async (t) => {
  let count = 0;
  const { stub, logIn } = await setUp(t, (request) => (count++ === 0 ? { status: 503 } : issue(request)));
  await t.throwsAsync(logIn(), { instanceOf: AzureError, message: 'log in to Entra ID: 503' });
  t.is(stub.requests.length, 1, 'the SDK does not retry');
  t.is((await logIn()).value, 'token-1');
});

test('a login, throttled, hands on how long to wait and asks again when told to', async (t) => {
  let count = 0;
  const { logIn } = await setUp(t, (request) =>
    count++ === 0
      ? {
          status: 429,
          headers: { 'retry-after': '600' },
          body: { error: 'temporarily_unavailable', error_codes: [90055] },
        }
      : issue(request),
  );
  const error = await t.throwsAsync(logIn(), { instanceOf: AzureError });
  t.like(error, { status: 429, azureCode: 'AADSTS90055', retryAfterMs: 600_000 });
  t.is((await logIn()).value, 'token-1');
});

test('a login, connection reset, tells that no answer came', async (t) => {
  const { logIn } = await setUp(t, () => 'reset');
  const error = await t.throwsAsync(logIn(), { instanceOf: AzureError });
  t.is(error.status, undefined);
  t.is(
    error.message,
    'log in to Entra ID: no answer: the connection to login.microsoftonline.com:443 broke (ECONNRESET)',
  );
});

test('a login, answer without a token, is an error', async (t) => {
  const { logIn } = await setUp(t, () => ({ body: { token_type: 'Bearer' } }));
  await t.throwsAsync(logIn(), {
    instanceOf: AzureError,
    message: /^log in to Entra ID: 200: the answer cannot be used/,
  });
});

test('a login, answer that is no JSON, is an error', async (t) => {
  const { logIn } = await setUp(t, () => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }));
  await t.throwsAsync(logIn(), { instanceOf: AzureError });
});

test('a login, asked to be fresh, opens a connection of its own', async (t) => {
  const { proxy, logIn } = await setUp(t, issue);
  await logIn();
  await logIn(SPEC, true);
  await logIn(SPEC, true);
  await logIn();
  t.is(proxy.tunnels.length, 3);
});

test('a login by assertion, the assertion does not come, ends in time and is worth a repetition', async (t) => {
  const clock = new FakeClock();
  const { stub, logIn } = await setUp(t, issue, { clock });
  let answer: (assertion: string) => void = () => undefined;
  const getAssertion = (): Promise<string> => new Promise((resolve) => (answer = resolve));
  const spec: AzureProviderSpec = {
    ...SPEC,
    credential: { kind: 'clientAssertion', clientId: 'client-1', getAssertion },
  };
  const waiting = logIn(spec);
  await clock.advance(10_000);
  const error = await t.throwsAsync(waiting, {
    instanceOf: AzureError,
    message: 'log in to Entra ID: no answer: the identity token did not come within 10 s',
  });
  t.true(isTransient(error));
  const later = logIn(spec);
  answer('assertion');
  t.is((await later).value, 'token-1');
  t.is(clock.pendingCount, 0);
  t.is(stub.requests.length, 1);
});

for (const name of ['AzureUSGovernmentCloud', 'AzureUSGovernmentDoDCloud', 'AzureChinaCloud']) {
  test(`a login in ${name} is one request to its own authority, nothing is discovered elsewhere`, async (t) => {
    const cloud = findCloud(name)!;
    const { proxy, logIn } = await setUp(t, issue);
    // The stub's certificate is for the public cloud only: the tunnel tells where the login went.
    await t.throwsAsync(logIn({ ...SPEC, cloud }), { message: /ERR_TLS_CERT_ALTNAME_INVALID/ });
    t.deepEqual(
      proxy.tunnels.map((tunnel) => tunnel.target),
      [`${new URL(cloud.authorityHost).host}:443`],
    );
  });
}

test('a login in a cloud that the SDK does not know asks that cloud for its endpoint, nobody else', async (t) => {
  const base = `https://graph.microsoft.com/${STUB_TENANT_ID}`;
  const { stub, proxy, logIn, logger } = await setUp(t, (request) =>
    request.url.includes('openid-configuration')
      ? {
          body: {
            issuer: `${base}/v2.0`,
            authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
            token_endpoint: `${base}/oauth2/v2.0/token`,
            jwks_uri: `${base}/keys`,
          },
        }
      : issue(request),
  );
  // Any host whose certificate the stub has will do.
  const cloud = { ...SPEC.cloud, authorityHost: 'https://graph.microsoft.com' };
  t.is((await logIn({ ...SPEC, cloud })).value, 'token-1');
  t.deepEqual(
    stub.requests.map(({ method, host }) => `${method} ${host}`),
    ['GET graph.microsoft.com', 'POST graph.microsoft.com'],
  );
  t.is(proxy.tunnels.length, 1);
  t.deepEqual(
    logger.lines.map(({ fields }) => fields['route']),
    ['entra /{tenant}/v2.0/.well-known/openid-configuration', 'entra /{tenant}/oauth2/v2.0/token'],
  );
});

test.serial('a login, proxy variable of the process unusable for the SDK, is not disturbed', async (t) => {
  // Serial: the process's environment, which the SDK would read by itself.
  process.env['HTTPS_PROXY'] = '127.0.0.1:1';
  t.teardown(() => delete process.env['HTTPS_PROXY']);
  const { logIn } = await setUp(t, issue);
  t.is((await logIn()).value, 'token-1');
});

test.serial('a login, AZURE_LOG_LEVEL set, prints nothing', async (t) => {
  const written: unknown[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: unknown) => written.push(chunk) > 0;
  t.teardown(() => (process.stderr.write = write));
  const { setLogLevel } = await import('@azure/logger');
  setLogLevel('verbose');
  const { logIn } = await setUp(t, issue);
  await logIn();
  t.deepEqual(written, []);
});
