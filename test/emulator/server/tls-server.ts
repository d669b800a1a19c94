/** The TLS server behind the proxy: HTTP/1.1 and HTTP/2, unzipped bodies, answers or their absence. */
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { findHost } from '../hosts.ts';
import type { ServerIdentity } from './certificates.ts';
import type { IncomingCall, Outcome } from './dispatcher.ts';
import type { EmulatorReply } from './exchange.ts';

const LARGEST_BODY = 4 * 1024 * 1024;

/** The server has no port of its own: the proxy hands it connections. */
export function createTlsServer(
  identity: ServerIdentity,
  dispatch: (call: IncomingCall) => Promise<Outcome>,
): Http2SecureServer {
  const connections = new ConnectionNumbers();
  const server = createSecureServer(
    {
      allowHTTP1: true,
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
    },
    (request, response) => {
      void answer(request, response, connections, dispatch).catch(() => abort(request, response));
    },
  );
  // A client that does not trust the authority, or goes away: its own business.
  server.on('tlsClientError', () => undefined);
  server.on('sessionError', () => undefined);
  return server;
}

async function answer(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  connections: ConnectionNumbers,
  dispatch: (call: IncomingCall) => Promise<Outcome>,
): Promise<void> {
  const isHttp2 = request.httpVersionMajor === 2;
  const hostName = ((isHttp2 ? request.headers[':authority'] : request.headers.host) ?? '')
    .replace(/:\d+$/, '')
    .toLowerCase();
  const host = findHost(hostName);
  const body = await readBody(request);
  if (host === undefined) {
    send(response, {
      status: 421,
      body: { error: { code: 'MisdirectedRequest', message: `no such host: ${hostName}` } },
    });
    return;
  }
  const outcome = await dispatch({
    host,
    hostName,
    method: request.method.toUpperCase(),
    url: request.url,
    headers: request.headers,
    body: unzip(body, request.headers['content-encoding']),
    protocol: isHttp2 ? 'HTTP/2' : 'HTTP/1.1',
    connection: connections.numberOf(isHttp2 ? (request.stream.session ?? request) : request.socket),
  });
  if (outcome.kind === 'reset') abort(request, response);
  else if (outcome.kind === 'reply') send(response, outcome.reply, outcome.slowBodyMs);
}

function readBody(request: Http2ServerRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_BODY) reject(new Error('body too large'));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('aborted')));
  });
}

/** A retry of the Go library says gzip and carries a plain body: what does not look zipped is taken as it is. */
function unzip(body: Buffer, encoding: string | string[] | undefined): Buffer {
  const isZipped = encoding === 'gzip' && body.length >= 2 && body[0] === 0x1f && body[1] === 0x8b;
  return isZipped ? gunzipSync(body, { maxOutputLength: LARGEST_BODY }) : body;
}

function send(response: Http2ServerResponse, reply: EmulatorReply, slowBodyMs = 0): void {
  const isText = typeof reply.body === 'string';
  const body = reply.body === undefined ? undefined : Buffer.from(isText ? reply.body : JSON.stringify(reply.body));
  const contentType = isText ? 'text/html' : 'application/json; charset=utf-8';
  response.writeHead(reply.status, {
    ...(body !== undefined && { 'content-type': contentType, 'content-length': body.length }),
    ...reply.headers,
  });
  if (body === undefined) response.end();
  else if (slowBodyMs === 0) response.end(body);
  else {
    const half = Math.ceil(body.length / 2);
    response.write(body.subarray(0, half));
    setTimeout(() => response.end(body.subarray(half)), slowBodyMs).unref();
  }
}

/** HTTP/1.1 loses the connection; of HTTP/2 only the stream, so that other calls on it are left alone. */
function abort(request: Http2ServerRequest, response: Http2ServerResponse): void {
  if (request.httpVersionMajor === 2) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else request.socket.destroy();
}

/** Numbers connections in the order in which they are first seen. */
class ConnectionNumbers {
  readonly #numbers = new WeakMap<object, number>();
  #count = 0;

  numberOf(connection: object): number {
    const known = this.#numbers.get(connection);
    if (known !== undefined) return known;
    this.#count += 1;
    this.#numbers.set(connection, this.#count);
    return this.#count;
  }
}
