/**
 * A program: asks one URL as often as it can on some connections that stay open, and prints a LoadResult as JSON. It
 * writes requests made beforehand and reads of the answers only what it must, so that it takes little of the machine
 * from what it measures. Argument: a LoadOrder as JSON.
 */
import { connect, type Socket } from 'node:net';
import type { LoadOrder, LoadResult } from './load-generator.ts';

const HEADER_END = Buffer.from('\r\n\r\n');

async function run({ address, path, token, connections, durationMs }: LoadOrder): Promise<LoadResult> {
  const { hostname, port } = new URL(address);
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Vault-Token: ${token}\r\nX-Vault-Request: true\r\n\r\n`,
  );
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const deadline = startedAt + durationMs;
  await Promise.all(
    Array.from({ length: connections }, () =>
      askUntil(connect(Number(port), hostname), request, deadline, latenciesMs),
    ),
  );
  const elapsedMs = performance.now() - startedAt;
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
  return { requestsPerSecond: (latenciesMs.length * 1000) / elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** One connection: the next request goes out when the answer to the last is whole. Rejects for any answer but 200. */
function askUntil(socket: Socket, request: Buffer, deadline: number, latenciesMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let received: Buffer = Buffer.alloc(0);
    const ask = (): void => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.once('connect', ask);
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headerEnd = received.indexOf(HEADER_END);
      if (headerEnd < 0) return;
      const header = received.toString('latin1', 0, headerEnd);
      const length = /^content-length: (\d+)$/im.exec(header)?.[1];
      if (!header.startsWith('HTTP/1.1 200') || length === undefined) {
        socket.destroy(new Error(`not an answer to measure: ${received.toString('utf8')}`));
        return;
      }
      if (received.length < headerEnd + HEADER_END.length + Number(length)) return;
      received = Buffer.alloc(0);
      const now = performance.now();
      latenciesMs.push(now - sentAt);
      if (now < deadline) ask();
      else socket.end();
    });
  });
}

const result = await run(JSON.parse(process.argv[2] ?? '{}') as LoadOrder);
process.stdout.write(`${JSON.stringify(result)}\n`);
