/**
 * The gRPC server, on Node's HTTP/2 (docs/decisions/0011-own-grpc-server.md), with mutual TLS: the host's certificate is
 * the only root. Source: go-plugin, server.go.
 */
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '../util/clock.ts';
import { GrpcCode, type BoundMethod, type BoundService } from '../wire/service.ts';
import type { TlsIdentity } from './certificate.ts';
import { GrpcCall } from './grpc-call.ts';
import type { GrpcStatus } from './grpc-status.ts';
import { serveCall, type PendingCalls } from './serve-call.ts';

export interface PluginServer {
  /** Serves a connection: TLS first, then gRPC. */
  readonly accept: (connection: Socket) => void;
  /** Answers every unary call that is still waiting. */
  readonly failPendingCalls: (status: GrpcStatus) => void;
  /** Unary calls that are waiting for their answer. */
  readonly countPendingCalls: () => number;
  /** Breaks all connections at once. */
  close(): void;
}

export function createPluginServer(
  services: readonly BoundService[],
  identity: TlsIdentity,
  hostCertificatePem: string,
  clock: Clock,
): PluginServer {
  const methods = methodsByPath(services);
  const pending: PendingCalls = new Set();
  const server = createSecureServer({
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    ca: hostCertificatePem,
    requestCert: true,
    rejectUnauthorized: true,
    // The default of 10 MB refuses streams while large messages are under way.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const call = new GrpcCall(stream, headers, clock);
    const path = headers[':path'] ?? '';
    const method = methods.get(path);
    if (method !== undefined) {
      serveCall(call, stream, method, pending);
    } else {
      call.finish({ code: GrpcCode.unimplemented, details: `the server does not implement ${path}` });
      // Unread, its body would keep the stream open.
      stream.resume();
    }
  });
  const connections = new Set<Socket>();
  return {
    accept: (connection) => {
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      // As if it had listened itself.
      server.emit('connection', connection);
    },
    failPendingCalls: (status) => {
      for (const call of pending) call.finish(status);
      pending.clear();
    },
    countPendingCalls: () => pending.size,
    close: () => {
      for (const connection of connections) connection.destroy();
    },
  };
}

function methodsByPath(services: readonly BoundService[]): ReadonlyMap<string, BoundMethod> {
  const methods = services.flatMap((bound) => [...bound.methods.values()]);
  return new Map(methods.map((method) => [method.data.path, method]));
}
