/** A TLS server whose answers a test writes, and a CONNECT proxy that leads every host name to it. */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { createServerIdentity, type ServerIdentity } from '../emulator/server/certificates.ts';

/** The names that the stub's certificate is for. */
export const STUB_HOST_NAMES = [
  'localhost',
  'login.microsoftonline.com',
  'graph.microsoft.com',
  'management.azure.com',
] as const;

export interface StubRequest {
  readonly method: string;
  readonly host: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Counts the connections of the server from 1. */
  readonly connection: number;
}

export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | Readonly<Record<string, unknown>>;
}

/** Answers a request; `hang`: never; `reset`: cuts the connection; `cut`: headers and half a body, then cuts it. */
export type StubHandler = (request: StubRequest) => StubAnswer | 'hang' | 'reset' | 'cut';

export interface TlsStub {
  readonly port: number;
  readonly identity: ServerIdentity;
  readonly requests: StubRequest[];
  /** Exchangeable at any time. Default: 200 and `{}`. */
  handler: StubHandler;
}

export async function startTlsStub(t: ExecutionContext, handler: StubHandler = () => ({})): Promise<TlsStub> {
  const identity = createServerIdentity(STUB_HOST_NAMES, new Date());
  const server = createTlsServer({ key: identity.privateKeyPem, cert: identity.certificatePem });
  const stub: TlsStub = { port: await listen(t, server), identity, requests: [], handler };
  const connections = new Map<Duplex, number>();
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const connection = connections.get(incoming.socket) ?? connections.size + 1;
    connections.set(incoming.socket, connection);
    void readText(incoming).then((body) => {
      const request = {
        method: incoming.method ?? '',
        host: incoming.headers.host ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body,
        connection,
      };
      stub.requests.push(request);
      respond(outgoing, stub.handler(request));
    });
  });
  return stub;
}

export interface ProxyStub {
  /** For example `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** What was asked for, for example `{ target: 'graph.microsoft.com:443', authorization: 'Basic …' }`. */
  readonly tunnels: { readonly target: string; readonly authorization: string | undefined }[];
}

export interface ProxyStubOptions {
  /** The port on this machine that every tunnel leads to. */
  readonly targetPort: number;
  /** Answers other than 200 to CONNECT. */
  readonly refuseWith?: (target: string, authorization: string | undefined) => number | 'hang' | undefined;
  /** Makes it an `https:` proxy. */
  readonly identity?: ServerIdentity;
}

export async function startProxyStub(t: ExecutionContext, options: ProxyStubOptions): Promise<ProxyStub> {
  const { identity } = options;
  const server =
    identity === undefined
      ? createPlainServer()
      : createTlsServer({ key: identity.privateKeyPem, cert: identity.certificatePem });
  const port = await listen(t, server);
  const proxy: ProxyStub = {
    url: `${identity === undefined ? 'http' : 'https'}://localhost:${port}`,
    port,
    tunnels: [],
  };
  server.on('connect', (incoming: IncomingMessage, clientSocket: Duplex) => {
    const target = incoming.url ?? '';
    const authorization = incoming.headers['proxy-authorization'];
    proxy.tunnels.push({ target, authorization });
    clientSocket.on('error', () => clientSocket.destroy());
    const refusal = options.refuseWith?.(target, authorization);
    if (refusal === 'hang') return;
    if (refusal !== undefined) {
      clientSocket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(options.targetPort, '127.0.0.1', () => {
      clientSocket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(clientSocket).pipe(upstream);
    });
    upstream.on('error', () => clientSocket.destroy());
  });
  return proxy;
}

/** Listens on a free port of this machine and ends every connection when the test is over. */
async function listen(t: ExecutionContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function respond(outgoing: ServerResponse, answer: ReturnType<StubHandler>): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    outgoing.socket?.destroy();
    return;
  }
  if (answer === 'cut') {
    outgoing.writeHead(200, { 'content-length': '1000' });
    outgoing.write('half', () => outgoing.socket?.destroy());
    return;
  }
  const { status = 200, headers = {}, body = {} } = answer;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(status === 204 ? undefined : isRaw ? body : JSON.stringify(body));
}
