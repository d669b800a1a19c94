/** The gRPC server on a unix socket, with mutual TLS: the host's certificate is the only root. Source: go-plugin, server.go. */
import { X509Certificate } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { errorMessage, HandshakeError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import { toGrpcServiceDefinition } from '../wire/grpc-definition.ts';
import type { BoundService } from '../wire/service.ts';
import { toImplementation, type PendingCalls } from './call-adapter.ts';
import type { TlsIdentity } from './certificate.ts';
import type { GrpcStatus } from './grpc-status.ts';

export interface PluginServer {
  /** Binds and serves. @throws HandshakeError when the socket cannot be made. */
  listen(socketPath: string): Promise<void>;
  /** Answers every unary call that is still waiting. */
  readonly failPendingCalls: (status: GrpcStatus) => void;
  /** Unary calls that are waiting for their answer. */
  readonly countPendingCalls: () => number;
  /** Breaks all connections at once and removes the socket's file. */
  close(): void;
}

// Channelz stays on: without it, forceShutdown of grpc-js 1.14 forgets the open connections.
const SERVER_OPTIONS = {
  // The default of 4 MiB is less than the host sends and takes.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
};

/** @throws HandshakeError when `hostCertificatePem` cannot be read. */
export function createPluginServer(
  services: readonly BoundService[],
  identity: TlsIdentity,
  hostCertificatePem: string,
  clock: Clock,
): PluginServer {
  checkCertificate(hostCertificatePem);
  const pending: PendingCalls = new Set();
  const server = new Server(SERVER_OPTIONS);
  for (const bound of services) {
    server.addService(toGrpcServiceDefinition(bound.service), toImplementation(bound, pending, clock));
  }
  const credentials = ServerCredentials.createSsl(
    Buffer.from(hostCertificatePem),
    [{ private_key: Buffer.from(identity.privateKeyPem), cert_chain: Buffer.from(identity.certificatePem) }],
    true,
  );
  return {
    listen: (socketPath) =>
      new Promise((resolve, reject) => {
        server.bindAsync(`unix:${socketPath}`, credentials, (error) => {
          if (error === null) resolve();
          else reject(new HandshakeError(`cannot listen on ${socketPath}: ${error.message}`, { cause: error }));
        });
      }),
    failPendingCalls: (status) => {
      for (const fail of [...pending]) fail(status);
    },
    countPendingCalls: () => pending.size,
    close: () => server.forceShutdown(),
  };
}

/** TLS would take an unreadable root for no root, and the host would only see its own certificate refused. */
function checkCertificate(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw new HandshakeError(`the host's certificate cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}
