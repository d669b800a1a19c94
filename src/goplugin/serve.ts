/**
 * A plugin's life as its host sees it. In this order: identity, socket, handshake; then, while the host connects, the
 * server; then calls until the host says Shutdown or is gone. Source: go-plugin, server.go.
 *
 * What the handshake does not need (gRPC, TLS roots, the engine) is loaded after it: more than half of the start.
 */
import { writeSync } from 'node:fs';
import { HandshakeError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import type { CreateApplication } from './application.ts';
import { checkHostCertificate, createTlsIdentity } from './certificate.ts';
import type { HostEnvironment } from './environment.ts';
import { APP_PROTOCOL, formatHandshake } from './handshake.ts';
import type { Lifecycle } from './lifecycle.ts';
import { watchParent } from './parent-watch.ts';
import { openSocket } from './socket.ts';

export interface ServeOptions {
  readonly environment: HostEnvironment;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  /** Called after the handshake; the host's first call waits for it. */
  readonly createApplication: CreateApplication;
}

const STDOUT = 1;
/** By then the host's first calls are answered, which this must not hold up. */
const HEAP_LIMIT_DELAY_MS = 1_000;
/** How long a host that speaks other protocols may take to read our answer and end us. */
const MISMATCH_GRACE_MS = 5_000;

/**
 * Resolves when calls are served; the socket keeps the process alive.
 * @throws HandshakeError when the environment or the machine does not allow a start; what `createApplication` throws.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { environment, logger, lifecycle, clock, createApplication } = options;
  const { hostCertificatePem } = environment;
  if (environment.protocolVersions.length > 0 && !environment.protocolVersions.includes(APP_PROTOCOL)) {
    await answerMismatch(environment, logger, clock);
  }
  if (hostCertificatePem === undefined) {
    throw new HandshakeError('PLUGIN_CLIENT_CERT is not set: the host must speak plugin protocol 5 with AutoMTLS');
  }
  checkHostCertificate(hostCertificatePem);

  const identity = createTlsIdentity(clock.now());
  const socket = await openSocket(environment.socketDirectory, environment.socketGroup);
  lifecycle.onEnd({ startEnd: () => undefined, close: () => socket.close() });
  watchParent(
    () => process.ppid,
    clock,
    () => lifecycle.stop('the host is gone'),
  );
  writeHandshake(formatHandshake({ ...environment, socketPath: socket.path, certificateDer: identity.certificateDer }));

  const { openServer } = await import('./open-server.ts');
  const server = await openServer({ identity, hostCertificatePem, logger, lifecycle, clock, createApplication });
  socket.serve(server.accept);
  clock.after(HEAP_LIMIT_DELAY_MS, () => {
    void import('./young-heap.ts').then(({ limitYoungHeap }) => limitYoungHeap());
  });
  logger.debug('plugin is serving', { socket: socket.path, host_version: environment.hostVersion });
  if (environment.isMlockAsked) logger.debug('the host asks for locked memory, which this runtime cannot do');
}

/** Tells the host our version, so that it can say what does not fit. It has no reason to connect then. */
async function answerMismatch(environment: HostEnvironment, logger: Logger, clock: Clock): Promise<never> {
  const socket = await openSocket(environment.socketDirectory, environment.socketGroup);
  writeHandshake(formatHandshake({ ...environment, socketPath: socket.path, certificateDer: new Uint8Array() }));
  logger.error('the host speaks none of our plugin protocols', {
    ours: String(APP_PROTOCOL),
    theirs: environment.protocolVersions.join(','),
  });
  await clock.sleep(MISMATCH_GRACE_MS);
  socket.close();
  throw new HandshakeError('the host speaks none of our plugin protocols');
}

function writeHandshake(line: string): void {
  try {
    writeSync(STDOUT, line);
  } catch (error) {
    throw new HandshakeError('nobody reads the handshake', { cause: error });
  }
}
