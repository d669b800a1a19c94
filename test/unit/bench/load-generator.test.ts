import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { generateLoad, type LoadResult } from '../../bench/load-generator.ts';

interface Seen {
  requests: number;
  connections: number;
  token: string | undefined;
}

async function loadServer(t: ExecutionContext, status: number): Promise<{ seen: Seen; load: Promise<LoadResult> }> {
  const seen: Seen = { requests: 0, connections: 0, token: undefined };
  const server = createServer((request, response) => {
    seen.requests += 1;
    seen.token = request.headers['x-vault-token']?.toString();
    const body = JSON.stringify({ path: request.url });
    response.writeHead(status, { 'content-length': body.length }).end(body);
  });
  server.on('connection', () => (seen.connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const order = { address: `http://127.0.0.1:${port}`, path: '/v1/x', token: 'root', connections: 3, durationMs: 200 };
  return { seen, load: generateLoad({ ...order, signal: new AbortController().signal }) };
}

test('load, three connections: many requests on each, all counted', async (t) => {
  const { seen, load } = await loadServer(t, 200);
  const { requestsPerSecond, p50Ms, p99Ms } = await load;
  t.is(seen.connections, 3);
  t.is(seen.token, 'root');
  t.true(seen.requests > 6);
  // The generator divides by a little more than the 200 ms it was told.
  t.true(requestsPerSecond > 0 && requestsPerSecond <= seen.requests * 5);
  t.true(p50Ms > 0 && p99Ms >= p50Ms);
});

test('load, an answer that is no 200: rejected with the answer', async (t) => {
  const { load } = await loadServer(t, 403);
  await t.throwsAsync(load, { message: /not an answer to measure: HTTP\/1\.1 403/ });
});
