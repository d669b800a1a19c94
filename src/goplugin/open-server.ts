/** Everything behind the socket: go-plugin's own services and the application's, on one gRPC server. */
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import type { CreateApplication } from './application.ts';
import { createBroker } from './broker.ts';
import type { TlsIdentity } from './certificate.ts';
import { createControllerService } from './controller.ts';
import { createHealthService } from './health.ts';
import { createHostDialer } from './host-dialer.ts';
import { leaveWhenIdle } from './leave-when-idle.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createPluginServer, type PluginServer } from './server.ts';
import { createStdioService } from './stdio.ts';

export interface OpenServerOptions {
  readonly identity: TlsIdentity;
  readonly hostCertificatePem: string;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly createApplication: CreateApplication;
}

/** The server, to be given connections. It ends with `lifecycle`. @throws what `createApplication` throws. */
export async function openServer(options: OpenServerOptions): Promise<PluginServer> {
  const { identity, hostCertificatePem, logger, lifecycle, clock, createApplication } = options;
  const broker = createBroker(clock, () => {
    logger.debug('the broker stream ended');
    leaveWhenIdle(server.countPendingCalls, clock, () => lifecycle.stop('the host let go of this process'));
  });
  const dialHost = createHostDialer(identity, hostCertificatePem, clock);
  const application = await createApplication(async (brokerId) => dialHost(await broker.takeConnectionInfo(brokerId)));
  const services = [
    ...application.services,
    broker.boundService,
    createStdioService(),
    createControllerService(() => lifecycle.shutDown()),
    createHealthService(),
  ];
  const server = createPluginServer(services, identity, hostCertificatePem, clock);
  lifecycle.onEnd({
    startEnd: (answer) => {
      if (answer !== undefined) server.failPendingCalls(answer);
      void application.close();
    },
    close: () => server.close(),
  });
  return server;
}
