import { createServer } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { CancelledError, DeadlineError, InvariantError } from '../../../src/errors.ts';
import type { Transport, TransportAnswer, TransportRequest } from '../../../src/azure/transport.ts';
import { TransportError } from '../../../src/azure/transport-error.ts';
import { createTestTransport } from '../../helpers/azure-transport.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { startProxyStub, startTlsStub, type TlsStub } from '../../helpers/stub-servers.ts';

const SECRET = 'sentinel-secret-3f7a';

function send(transport: Transport, url: string, more: Partial<TransportRequest> = {}): Promise<TransportAnswer> {
  return transport.send({
    method: 'GET',
    url,
    headers: {},
    signal: new AbortController().signal,
    route: 'stub /things/{id}',
    attempt: 1,
    ...more,
  });
}

const addressOf = (stub: TlsStub): string => `https://localhost:${stub.port}`;

test('a call, plain GET, brings status, headers and body', async (t) => {
  const stub = await startTlsStub(t, () => ({ status: 418, headers: { 'X-Ms-Request-Id': 'r1' }, body: 'tea' }));
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const answer = await send(transport, `${addressOf(stub)}/a?b=c%20d`);
  t.is(answer.status, 418);
  t.is(answer.headers.get('x-ms-request-id'), 'r1');
  t.is(answer.body, 'tea');
  t.is(stub.requests[0]?.url, '/a?b=c%20d');
  t.is(stub.requests[0]?.headers['user-agent'], 'plugin-test/1.0.0');
});

test('a call, POST with a body, arrives with its length and headers', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const headers = { 'content-type': 'application/json', 'user-agent': 'sdk/2' };
  await send(transport, `${addressOf(stub)}/x`, { method: 'POST', headers, body: '{"ä":1}' });
  const [request] = stub.requests;
  t.is(request?.body, '{"ä":1}');
  t.is(request?.headers['content-length'], '8');
  t.is(request?.headers['user-agent'], 'sdk/2');
});

for (const [encoding, compress] of [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
] as const) {
  test(`an answer, compressed by ${encoding}, is read`, async (t) => {
    const stub = await startTlsStub(t, ({ headers }) => {
      t.regex(headers['accept-encoding'] ?? '', new RegExp(encoding));
      return { headers: { 'content-encoding': encoding }, body: compress(Buffer.from('{"name":"Ümlaut"}')) };
    });
    const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
    t.is((await send(transport, addressOf(stub))).body, '{"name":"Ümlaut"}');
  });
}

test('an answer, compressed wrongly, is a broken one that may have done its work', async (t) => {
  const stub = await startTlsStub(t, () => ({ headers: { 'content-encoding': 'gzip' }, body: 'not gzip' }));
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const error = await t.throwsAsync(send(transport, addressOf(stub)), { instanceOf: TransportError });
  t.is(error.failure, 'broken');
  t.true(error.wasSent);
});

test('an empty answer, 204 with an encoding named, is no failure', async (t) => {
  const stub = await startTlsStub(t, () => ({ status: 204, headers: { 'content-encoding': 'gzip' } }));
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  t.is((await send(transport, addressOf(stub))).body, '');
});

test('a redirect is an answer and is not followed', async (t) => {
  const stub = await startTlsStub(t, () => ({ status: 307, headers: { location: '/elsewhere' } }));
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  t.is((await send(transport, addressOf(stub))).status, 307);
  t.is(stub.requests.length, 1);
});

test('connections, calls one after the other, are reused', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  for (let count = 0; count < 3; count++) await send(transport, addressOf(stub));
  t.deepEqual(
    stub.requests.map((request) => request.connection),
    [1, 1, 1],
  );
});

test('connections, asked to be fresh, are used once', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  await send(transport, addressOf(stub));
  await send(transport, addressOf(stub), { isFreshConnection: true });
  await send(transport, addressOf(stub), { isFreshConnection: true });
  await send(transport, addressOf(stub));
  t.deepEqual(
    stub.requests.map((request) => request.connection),
    [1, 2, 3, 1],
  );
});

test('connections, asked to be fresh through a proxy, are tunnels of their own', async (t) => {
  const stub = await startTlsStub(t);
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem, proxyUrl: proxy.url });
  const url = 'https://graph.microsoft.com/v1.0';
  await send(transport, url);
  await send(transport, url);
  await send(transport, url, { isFreshConnection: true });
  t.is(proxy.tunnels.length, 2);
});

test('a time limit, no answer, ends the call as a time-out that may have done its work', async (t) => {
  const clock = new FakeClock();
  const stub = await startTlsStub(t, () => 'hang');
  const { transport, logger } = createTestTransport(t, { caPem: stub.identity.caPem, clock });
  const call = send(transport, addressOf(stub));
  while (stub.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(9_999);
  await clock.advance(1);
  const error = await t.throwsAsync(call, {
    instanceOf: TransportError,
    message: /^localhost:\d+ did not answer within 10 s$/,
  });
  t.is(error.failure, 'timeout');
  t.true(error.wasSent);
  t.like(logger.lines[0]?.fields, { ms: 10_000, error: error.message });
});

test('a time limit, body never complete, ends the call', async (t) => {
  const stub = await startTlsStub(t, () => 'cut');
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const error = await t.throwsAsync(send(transport, addressOf(stub)), { instanceOf: TransportError });
  t.is(error.failure, 'broken');
  t.true(error.wasSent);
});

test('a connection, reset after the request, is broken and may have done its work', async (t) => {
  const stub = await startTlsStub(t, () => 'reset');
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const error = await t.throwsAsync(send(transport, addressOf(stub)), { instanceOf: TransportError });
  t.is(error.failure, 'broken');
  t.is(error.networkCode, 'ECONNRESET');
  t.true(error.wasSent);
  t.false(error.isPermanent);
});

test('a connection, reset on a reused one, may have done its work', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  await send(transport, addressOf(stub));
  stub.handler = () => 'reset';
  const error = await t.throwsAsync(send(transport, addressOf(stub)), { instanceOf: TransportError });
  t.true(error.wasSent);
});

test('a host that refuses connections was not asked', async (t) => {
  const port = await closedPort();
  const { transport } = createTestTransport(t);
  const error = await t.throwsAsync(send(transport, `https://localhost:${port}`), {
    instanceOf: TransportError,
    message: `cannot reach localhost:${port} (ECONNREFUSED)`,
  });
  t.is(error.failure, 'connect');
  t.false(error.wasSent);
  t.false(error.isPermanent);
});

test('a server that cuts the TLS handshake was not asked', async (t) => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { transport } = createTestTransport(t);
  const { port } = server.address() as AddressInfo;
  const error = await t.throwsAsync(send(transport, `https://localhost:${port}`), { instanceOf: TransportError });
  t.false(error.wasSent);
});

test('a certificate of an unknown authority is refused with the remedy, nothing is sent', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t);
  const error = await t.throwsAsync(send(transport, addressOf(stub)), {
    instanceOf: TransportError,
    message: /certificate of localhost:\d+ is not accepted \(SELF_SIGNED_CERT_IN_CHAIN\); add .* SSL_CERT_FILE/,
  });
  t.is(error.failure, 'certificate');
  t.false(error.wasSent);
  t.true(error.isPermanent);
  t.is(stub.requests.length, 0);
});

test('a certificate for another host is refused, nothing is sent', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const error = await t.throwsAsync(send(transport, `https://127.0.0.1:${stub.port}`), {
    instanceOf: TransportError,
    message: /ERR_TLS_CERT_ALTNAME_INVALID/,
  });
  t.is(error.failure, 'certificate');
  t.is(stub.requests.length, 0);
});

test.serial('a certificate of an unknown authority is refused even if the environment says otherwise', async (t) => {
  // Serial: Node reads it from the process's environment.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t);
  await t.throwsAsync(send(transport, addressOf(stub)), { instanceOf: TransportError, message: /is not accepted/ });
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const tunnelled = createTestTransport(t, { proxyUrl: proxy.url });
  const call = send(tunnelled.transport, 'https://graph.microsoft.com/');
  await t.throwsAsync(call, { instanceOf: TransportError, message: /graph.microsoft.com:443 is not accepted/ });
  t.is(stub.requests.length, 0);
});

test('a call without TLS is refused unless allowed', async (t) => {
  const { transport } = createTestTransport(t);
  await t.throwsAsync(send(transport, 'http://localhost:1/'), { instanceOf: InvariantError });
});

test('cancellation, before the call, opens no connection', async (t) => {
  const stub = await startTlsStub(t);
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  await t.throwsAsync(send(transport, addressOf(stub), { signal: AbortSignal.abort() }), {
    instanceOf: CancelledError,
  });
  t.is(stub.requests.length, 0);
});

test('cancellation, while waiting, ends the call with the reason where that is ours', async (t) => {
  const stub = await startTlsStub(t, () => 'hang');
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const controller = new AbortController();
  const call = send(transport, addressOf(stub), { signal: controller.signal });
  while (stub.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const reason = new DeadlineError('budget used up');
  controller.abort(reason);
  t.is(await t.throwsAsync(call), reason);
});

test('a proxy, set in the environment, is asked for a tunnel and sees no request', async (t) => {
  const stub = await startTlsStub(t);
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem, proxyUrl: proxy.url });
  await send(transport, 'https://graph.microsoft.com/v1.0/groups/1');
  await send(transport, 'https://management.azure.com/subscriptions');
  await send(transport, 'https://graph.microsoft.com/v1.0/groups/2');
  t.deepEqual(proxy.tunnels, [
    { target: 'graph.microsoft.com:443', authorization: undefined },
    { target: 'management.azure.com:443', authorization: undefined },
  ]);
  t.deepEqual(
    stub.requests.map(({ host, url, connection }) => [host, url, connection]),
    [
      ['graph.microsoft.com', '/v1.0/groups/1', 1],
      ['management.azure.com', '/subscriptions', 2],
      ['graph.microsoft.com', '/v1.0/groups/2', 1],
    ],
  );
});

test('a proxy that is spoken to by TLS itself is used', async (t) => {
  const stub = await startTlsStub(t);
  const proxy = await startProxyStub(t, { targetPort: stub.port, identity: stub.identity });
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem, proxyUrl: proxy.url });
  t.is((await send(transport, 'https://graph.microsoft.com/v1.0')).status, 200);
});

test('a proxy, user and password in its address, gets them by Basic', async (t) => {
  const stub = await startTlsStub(t);
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const proxyUrl = `http://user:${SECRET}@localhost:${proxy.port}`;
  const { transport, logger } = createTestTransport(t, { caPem: stub.identity.caPem, proxyUrl });
  await send(transport, 'https://graph.microsoft.com/v1.0');
  t.is(proxy.tunnels[0]?.authorization, `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`);
  t.is(stub.requests[0]?.headers['proxy-authorization'], undefined);
  t.false(logger.text().includes(SECRET));
});

test('a proxy that wants other credentials is named as the culprit, not Azure', async (t) => {
  const proxy = await startProxyStub(t, { targetPort: 1, refuseWith: () => 407 });
  const proxyUrl = `http://user:${SECRET}@localhost:${proxy.port}`;
  const { transport } = createTestTransport(t, { proxyUrl });
  const error = await t.throwsAsync(send(transport, 'https://graph.microsoft.com/v1.0'), {
    instanceOf: TransportError,
    message: `the proxy localhost:${proxy.port} does not accept the credentials in HTTPS_PROXY (status 407)`,
  });
  t.false(error.wasSent);
  t.true(error.isPermanent);
});

for (const [status, isPermanent] of [
  [403, true],
  [502, false],
  [503, false],
] as const) {
  test(`a proxy, refusing with ${status}, is ${isPermanent ? 'final' : 'worth another try'}, nothing was sent`, async (t) => {
    const proxy = await startProxyStub(t, { targetPort: 1, refuseWith: () => status });
    const { transport } = createTestTransport(t, { proxyUrl: proxy.url });
    const error = await t.throwsAsync(send(transport, 'https://graph.microsoft.com/v1.0'), {
      instanceOf: TransportError,
      message: new RegExp(`refused a connection to graph.microsoft.com:443 \\(status ${status}\\)`),
    });
    t.is(error.isPermanent, isPermanent);
    t.false(error.wasSent);
  });
}

test('a proxy that does not answer ends with the call, nothing was sent', async (t) => {
  const clock = new FakeClock();
  const proxy = await startProxyStub(t, { targetPort: 1, refuseWith: () => 'hang' });
  const { transport } = createTestTransport(t, { proxyUrl: proxy.url, clock });
  const call = send(transport, 'https://graph.microsoft.com/v1.0');
  while (proxy.tunnels.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(10_000);
  const error = await t.throwsAsync(call, { instanceOf: TransportError });
  t.is(error.failure, 'timeout');
  t.false(error.wasSent);
});

test('a proxy that is down is named', async (t) => {
  const port = await closedPort();
  const { transport } = createTestTransport(t, { proxyUrl: `http://localhost:${port}` });
  const error = await t.throwsAsync(send(transport, 'https://graph.microsoft.com/v1.0'), {
    instanceOf: TransportError,
    message: `cannot reach the proxy localhost:${port} (ECONNREFUSED)`,
  });
  t.is(error.failure, 'connect');
});

test('a proxy, host exempt by NO_PROXY, is left out', async (t) => {
  const stub = await startTlsStub(t);
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const options = { caPem: stub.identity.caPem, proxyUrl: proxy.url, noProxy: 'graph.microsoft.com' };
  const { transport } = createTestTransport(t, options);
  await send(transport, addressOf(stub));
  t.is(proxy.tunnels.length, 0);
});

test('a proxy that is no proxy fails the call, not the start', async (t) => {
  const { transport } = createTestTransport(t, { proxyUrl: 'socks5://localhost:1' });
  await t.throwsAsync(send(transport, 'https://graph.microsoft.com/v1.0'), { message: /HTTPS_PROXY/ });
});

test('the log, every call, has one debug line without addresses, bodies and headers', async (t) => {
  const stub = await startTlsStub(t, () => ({ status: 201, headers: { 'request-id': 'r-7' }, body: SECRET }));
  const { transport, logger } = createTestTransport(t, { caPem: stub.identity.caPem });
  await send(transport, `${addressOf(stub)}/things/1?q=${SECRET}`, {
    method: 'POST',
    headers: { authorization: SECRET },
    body: SECRET,
    attempt: 2,
  });
  t.is(logger.lines.length, 1);
  const { level, message, fields } = logger.lines[0]!;
  t.deepEqual([level, message], ['debug', 'azure call']);
  t.like(fields, { method: 'POST', route: 'stub /things/{id}', attempt: 2, status: 201, request_id: 'r-7' });
  t.is(typeof fields['ms'], 'number');
  t.false(logger.text().includes(SECRET));
});

test('a closed transport fails calls under way', async (t) => {
  const stub = await startTlsStub(t, () => 'hang');
  const { transport } = createTestTransport(t, { caPem: stub.identity.caPem });
  const call = send(transport, addressOf(stub));
  while (stub.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  transport.close();
  await t.throwsAsync(call, { instanceOf: TransportError });
});

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
