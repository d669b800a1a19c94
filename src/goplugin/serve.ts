/**
 * A plugin's life as its host sees it. In this order: identity, server, socket, handshake; then calls until the host
 * says Shutdown or is gone. Source: go-plugin, server.go.
 */
import { writeSync } from 'node:fs';
import type { Client } from '@grpc/grpc-js';
import { HandshakeError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import type { BoundService } from '../wire/service.ts';
import { createBroker } from './broker.ts';
import { createTlsIdentity } from './certificate.ts';
import { createControllerService } from './controller.ts';
import type { HostEnvironment } from './environment.ts';
import { APP_PROTOCOL, formatHandshake } from './handshake.ts';
import { createHealthService } from './health.ts';
import { createHostDialer } from './host-dialer.ts';
import { leaveWhenIdle } from './leave-when-idle.ts';
import type { Lifecycle } from './lifecycle.ts';
import { watchParent } from './parent-watch.ts';
import { createPluginServer } from './server.ts';
import { chooseSocketPath, removeSocket, restrictSocket } from './socket.ts';
import { createStdioService } from './stdio.ts';

/**
 * A ready connection to the socket that the host announces under `brokerId`; the caller closes it.
 * @throws InternalError when the host does not announce it, or cannot be reached, within five seconds each.
 */
export type DialBroker = (brokerId: number) => Promise<Client>;

export interface ServeOptions {
  readonly environment: HostEnvironment;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly createApplication: (dialBroker: DialBroker) => Application;
}

/** What is served beside go-plugin's own services. */
export interface Application {
  readonly services: readonly BoundService[];
  /** Aborts what is running; the process ends a moment later. Never throws, never rejects. */
  close(): Promise<void>;
}

const STDOUT = 1;
/** How long a host that speaks other protocols may take to read our answer and end us. */
const MISMATCH_GRACE_MS = 5_000;

/**
 * Resolves when the handshake is out; the server then keeps the process alive.
 * @throws HandshakeError when the environment or the machine does not allow a start.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { environment, logger, lifecycle, clock } = options;
  if (environment.protocolVersions.length > 0 && !environment.protocolVersions.includes(APP_PROTOCOL)) {
    await answerMismatch(environment, logger, clock);
  }
  if (environment.hostCertificatePem === undefined) {
    throw new HandshakeError('PLUGIN_CLIENT_CERT is not set: the host must speak plugin protocol 5 with AutoMTLS');
  }

  const identity = createTlsIdentity(clock.now());
  const broker = createBroker(clock, () => {
    logger.debug('the broker stream ended');
    leaveWhenIdle(server.countPendingCalls, clock, () => lifecycle.stop('the host let go of this process'));
  });
  const dialHost = createHostDialer(identity, environment.hostCertificatePem, clock);
  const application = options.createApplication(async (brokerId) =>
    dialHost(await broker.takeConnectionInfo(brokerId)),
  );
  const services = [
    ...application.services,
    broker.boundService,
    createStdioService(),
    createControllerService(() => lifecycle.shutDown()),
    createHealthService(),
  ];
  const server = createPluginServer(services, identity, environment.hostCertificatePem, clock);
  const socketPath = chooseSocketPath(environment.socketDirectory);
  await server.listen(socketPath);
  lifecycle.onEnd({
    startEnd: (answer) => {
      if (answer !== undefined) server.failPendingCalls(answer);
      void application.close();
    },
    close: () => {
      server.close();
      removeSocket(socketPath);
    },
  });
  restrictSocket(socketPath, environment.socketGroup);
  watchParent(
    () => process.ppid,
    clock,
    () => lifecycle.stop('the host is gone'),
  );
  writeHandshake(formatHandshake({ ...environment, socketPath, certificateDer: identity.certificateDer }));
  logger.debug('plugin is serving', { socket: socketPath, host_version: environment.hostVersion });
  if (environment.isMlockAsked) logger.debug('the host asks for locked memory, which this runtime cannot do');
}

/** Tells the host our version, so that it can say what does not fit. It has no reason to connect then. */
async function answerMismatch(environment: HostEnvironment, logger: Logger, clock: Clock): Promise<never> {
  const socketPath = chooseSocketPath(environment.socketDirectory);
  writeHandshake(formatHandshake({ ...environment, socketPath, certificateDer: new Uint8Array() }));
  logger.error('the host speaks none of our plugin protocols', {
    ours: String(APP_PROTOCOL),
    theirs: environment.protocolVersions.join(','),
  });
  await clock.sleep(MISMATCH_GRACE_MS);
  throw new HandshakeError('the host speaks none of our plugin protocols');
}

function writeHandshake(line: string): void {
  try {
    writeSync(STDOUT, line);
  } catch (error) {
    throw new HandshakeError('nobody reads the handshake', { cause: error });
  }
}
