/** Plain HTTP on loopback for the platform's identity endpoints. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { IncomingCall, Outcome } from '../server/dispatcher.ts';
import type { EmulatorReply } from '../server/exchange.ts';
import { MANAGED_IDENTITY_HOST } from './service.ts';

export function createManagedIdentityServer(dispatch: (call: IncomingCall) => Promise<Outcome>): Server {
  let connections = 0;
  const numbers = new WeakMap<object, number>();
  const server = createServer((request, response) => {
    void answer(request, response, numbers.get(request.socket) ?? 0, dispatch).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket) => numbers.set(socket, (connections += 1)));
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  connection: number,
  dispatch: (call: IncomingCall) => Promise<Outcome>,
): Promise<void> {
  request.resume();
  const outcome = await dispatch({
    host: MANAGED_IDENTITY_HOST,
    hostName: (request.headers.host ?? '').replace(/:\d+$/, ''),
    method: (request.method ?? '').toUpperCase(),
    url: request.url ?? '/',
    headers: request.headers,
    body: Buffer.alloc(0),
    protocol: 'HTTP/1.1',
    connection,
  });
  if (outcome.kind === 'reset') request.socket.destroy();
  else if (outcome.kind === 'reply') send(response, outcome.reply);
}

function send(response: ServerResponse, { status, headers, body }: EmulatorReply): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
}
