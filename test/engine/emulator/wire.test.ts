/** The way in: proxy, TLS, both HTTP versions, bodies as odd as real clients send them. */
import http from 'node:http';
import http2 from 'node:http2';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { startEmulatorWorld, type EmulatorWorld } from '../../helpers/emulator-world.ts';

/** A CONNECT through the proxy: its status and, at 200, the raw socket. */
function connect(proxyUrl: string, target: string): Promise<{ status: number; socket: Socket }> {
  const { hostname, port } = new URL(proxyUrl);
  return new Promise((resolve, reject) => {
    http
      .request({ hostname, port, method: 'CONNECT', path: target })
      .on('connect', (response, socket) => resolve({ status: response.statusCode ?? 0, socket }))
      .on('error', reject)
      .end();
  });
}

async function connectHttp2(
  t: { teardown(end: () => void): void },
  world: EmulatorWorld,
): Promise<http2.ClientHttp2Session> {
  const { socket } = await connect(world.emulator.proxyUrl, 'graph.microsoft.com:443');
  const secured = tls.connect({
    socket,
    servername: 'graph.microsoft.com',
    ca: world.emulator.caPem,
    ALPNProtocols: ['h2'],
  });
  const session = http2.connect('https://graph.microsoft.com', { createConnection: () => secured });
  t.teardown(() => session.destroy());
  return session;
}

function callHttp2(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    let status = 0;
    let text = '';
    stream.on('response', (answer) => {
      status = answer[':status'] ?? 0;
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () => resolve({ status, text })).on('error', reject);
  });
}

test('proxy: hosts that are not emulated, other ports and plain requests are refused and logged', async (t) => {
  const { emulator } = await startEmulatorWorld(t);
  t.is((await connect(emulator.proxyUrl, 'example.com:443')).status, 403);
  t.is((await connect(emulator.proxyUrl, 'graph.microsoft.com:80')).status, 403);
  t.is((await connect(emulator.proxyUrl, 'evil-graph.microsoft.com:443')).status, 403);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(emulator.proxyUrl);
    http
      .get({ hostname, port, path: 'http://169.254.169.254/metadata' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });
  t.is(status, 403);
  t.deepEqual(
    emulator.calls().map(({ method, path, status: logged }) => [method, path, logged]),
    [
      ['CONNECT', 'example.com:443', 403],
      ['CONNECT', 'graph.microsoft.com:80', 403],
      ['CONNECT', 'evil-graph.microsoft.com:443', 403],
      ['GET', 'http://169.254.169.254/metadata', 403],
    ],
  );
});

test('HTTP/2: served beside HTTP/1.1, many calls on one connection', async (t) => {
  const world = await startEmulatorWorld(t);
  const authorization = `Bearer ${await world.getToken('graph')}`;
  const session = await connectHttp2(t, world);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      callHttp2(session, { ':path': '/v1.0/groups?$select=displayName', authorization }),
    ),
  );
  t.true(answers.every(({ status }) => status === 200));
  t.deepEqual(
    JSON.parse(answers[0]!.text).value.map(({ displayName }: { displayName: string }) => displayName),
    ['vault-readers', 'vault-writers'],
  );
  const logged = world.emulator.calls().filter(({ host }) => host === 'graph.microsoft.com');
  t.is(new Set(logged.map(({ connection }) => connection)).size, 1);
  t.true(logged.every(({ protocol }) => protocol === 'HTTP/2'));
});

test('HTTP/2: a broken answer ends its stream, not the calls beside it', async (t) => {
  const world = await startEmulatorWorld(t);
  const authorization = `Bearer ${await world.getToken('graph')}`;
  world.emulator.addFault({ match: { path: '/organization' }, answer: 'reset' });
  const session = await connectHttp2(t, world);
  const [broken, good] = await Promise.allSettled([
    callHttp2(session, { ':path': '/v1.0/organization', authorization }),
    callHttp2(session, { ':path': '/v1.0/groups', authorization }),
  ]);
  t.is(broken.status, 'rejected');
  t.is(good.status, 'fulfilled');
});

test('body: gzip is read; a gzip header over a plain body as well, as the Go library retries', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const text = JSON.stringify({ displayName: 'zipped' });
  for (const body of [gzipSync(text), text]) {
    const answer = await graph('POST', '/applications', { body, headers: { 'content-encoding': 'gzip' } });
    t.is(answer.status, 201);
    t.is(answer.body.displayName, 'zipped');
  }
});

test('body: what is no JSON object is a 400 in the form of the service', async (t) => {
  const { graph, arm, groupScope } = await startEmulatorWorld(t);
  for (const body of ['{', '[]', '"text"']) {
    const answer = await graph('POST', '/applications', { body });
    t.is(answer.status, 400);
    t.is(answer.body.error.code, 'BadRequest');
    const path = `${groupScope}/providers/Microsoft.Authorization/roleAssignments/5c1c0d30-6a2c-4b3f-8a7e-111111111111`;
    const other = await arm('PUT', path, { body });
    t.is(other.status, 400);
    t.is(other.body.error.code, 'InvalidRequestContent');
  }
});

test('path: runs of slashes count as one, provider names in any case', async (t) => {
  const { arm, groupScope } = await startEmulatorWorld(t);
  const answer = await arm('GET', `/${groupScope}//providers/microsoft.authorization/ROLEDEFINITIONS`);
  t.is(answer.status, 200);
  t.true(answer.body.value.length > 10);
});

test("headers: request ids in every answer, the client's own echoed", async (t) => {
  const { graph, arm } = await startEmulatorWorld(t);
  const fromGraph = await graph('GET', '/applications/none', { headers: { 'client-request-id': 'mine' } });
  t.truthy(fromGraph.headers['request-id']);
  t.is(fromGraph.headers['client-request-id'], 'mine');
  t.is(fromGraph.headers['x-ms-resource-unit'], '1');
  t.like(fromGraph.body.error.innerError, {
    'request-id': fromGraph.headers['request-id'],
    'client-request-id': 'mine',
  });
  const fromArm = await arm('GET', '/subscriptions/none', { headers: { 'x-ms-correlation-request-id': 'mine' } });
  t.truthy(fromArm.headers['x-ms-request-id']);
  t.is(fromArm.headers['x-ms-correlation-request-id'], 'mine');
  t.truthy(fromArm.headers['x-ms-ratelimit-remaining-subscription-reads']);
});
