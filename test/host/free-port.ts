/** Loopback ports for programs that must be told theirs. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range that systems give to outgoing connections, so that a port stays ours through a restart of the server
 * that uses it.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const MAX_TRIES = 50;

/** A port that nothing listens on right now. Another process may still take it first: callers try again then. */
export async function pickFreePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT} in ${MAX_TRIES} tries`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
