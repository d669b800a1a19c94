/** The gRPC server, with mutual TLS: the host's certificate is the only root. Source: go-plugin, server.go. */
import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Clock } from '../util/clock.ts';
import { toGrpcServiceDefinition } from '../wire/grpc-definition.ts';
import type { BoundService } from '../wire/service.ts';
import { toImplementation, type PendingCalls } from './call-adapter.ts';
import type { TlsIdentity } from './certificate.ts';
import type { GrpcStatus } from './grpc-status.ts';

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

const SERVER_OPTIONS = {
  // Counts every call and message, for a service that is not served. Without it, forceShutdown of grpc-js 1.14 forgets
  // the open connections, hence our own list of them.
  'grpc.enable_channelz': 0,
  // The default of 4 MiB is less than the host sends and takes.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
};

export function createPluginServer(
  services: readonly BoundService[],
  identity: TlsIdentity,
  hostCertificatePem: string,
  clock: Clock,
): PluginServer {
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
  const injector = server.createConnectionInjector(credentials);
  const connections = new Set<Socket>();
  return {
    accept: (connection) => {
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      injector.injectConnection(connection);
    },
    failPendingCalls: (status) => {
      for (const fail of [...pending]) fail(status);
    },
    countPendingCalls: () => pending.size,
    close: () => {
      for (const connection of connections) connection.destroy();
      server.forceShutdown();
    },
  };
}
