/** Connects to the socket that the host announced for a mount. Source: go-plugin, grpc_broker.go, grpc_client.go. */
import { Client, credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { errorMessage, InternalError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { ConnectionInfo } from './broker.ts';
import type { TlsIdentity } from './certificate.ts';

/**
 * A ready connection to the host, as grpc-js has it. The caller closes it.
 * @throws InternalError when the host cannot be reached within five seconds.
 */
export type DialHost = (info: ConnectionInfo) => Promise<Client>;

const CONNECT_MS = 5_000;

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // The longest delay that timers take: an idle connection must not be closed, since the host's socket file may be
  // swept away before the next use.
  'grpc.client_idle_timeout_ms': 0x7fffffff,
  // A pool of its own closes the connection with the channel; the shared one does it up to ten seconds later, and the
  // host waits for that after Cleanup.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_retries': 0,
  // What both ends' certificates are made out to.
  'grpc.ssl_target_name_override': 'localhost',
  'grpc.default_authority': 'localhost',
};

/** We are known to the host by the certificate of the handshake, and take no other than the one it gave us. */
export function createHostDialer(identity: TlsIdentity, hostCertificatePem: string, clock: Clock): DialHost {
  let channelCredentials: ChannelCredentials | undefined;
  return async (info) => {
    channelCredentials ??= credentials.createSsl(
      Buffer.from(hostCertificatePem),
      Buffer.from(identity.privateKeyPem),
      Buffer.from(identity.certificatePem),
    );
    const hostConnection = new Client(toTarget(info), channelCredentials, CHANNEL_OPTIONS);
    try {
      await waitForReady(hostConnection, new Date(clock.now().getTime() + CONNECT_MS));
      return hostConnection;
    } catch (error) {
      hostConnection.close();
      throw new InternalError(`cannot reach the host at ${info.address}: ${errorMessage(error)}`, { cause: error });
    }
  };
}

function toTarget({ network, address }: ConnectionInfo): string {
  switch (network) {
    case 'unix':
      return `unix:${address}`;
    case 'tcp':
      return address;
    default:
      throw new InternalError(`unknown address type: ${network}`);
  }
}

function waitForReady(hostConnection: Client, deadline: Date): Promise<void> {
  return new Promise((resolve, reject) => {
    hostConnection.waitForReady(deadline, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
