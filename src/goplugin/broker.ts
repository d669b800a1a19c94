/**
 * The broker: the host announces, under an id, a socket on which it serves a mount's storage and system view; `Setup`
 * names the id. Either may come first. Source: go-plugin, grpc_broker.go.
 */
import { InternalError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import { grpcBrokerService } from '../wire/generated/plugin.ts';
import { bindService, type BoundService } from '../wire/service.ts';

/** Where the host listens. */
export interface ConnectionInfo {
  /** `unix`, or `tcp`. */
  readonly network: string;
  /** For example `/tmp/plugin987`, or `127.0.0.1:4000`. */
  readonly address: string;
}

export interface Broker {
  /** The service that the host opens its stream on. */
  readonly boundService: BoundService;
  /**
   * Waits for the announcement of `brokerId`, which is then used up.
   * @throws InternalError `timeout waiting for connection info` when none comes within five seconds.
   */
  takeConnectionInfo(brokerId: number): Promise<ConnectionInfo>;
}

const WAIT_MS = 5_000;
/** Announcements whose `Setup` never came; beyond it the oldest are dropped. */
const MAX_UNCLAIMED = 256;

/** `onStreamEnd` is called when the host's stream ends: it shuts down, or is gone. */
export function createBroker(clock: Clock, onStreamEnd: () => void): Broker {
  const announced = new Map<number, ConnectionInfo>();
  const waiting = new Map<number, (info: ConnectionInfo) => void>();

  const announce = (brokerId: number, info: ConnectionInfo): void => {
    const claim = waiting.get(brokerId);
    if (claim !== undefined) {
      waiting.delete(brokerId);
      claim(info);
      return;
    }
    announced.set(brokerId, info);
    for (const oldest of announced.keys()) {
      if (announced.size <= MAX_UNCLAIMED) break;
      announced.delete(oldest);
    }
  };

  return {
    boundService: bindService(grpcBrokerService, {
      startStream: async (requests) => {
        for await (const { serviceId, network, address } of requests) announce(serviceId, { network, address });
        onStreamEnd();
      },
    }),
    takeConnectionInfo: async (brokerId) => {
      const info = announced.get(brokerId);
      if (info !== undefined) {
        announced.delete(brokerId);
        return info;
      }
      return new Promise((resolve, reject) => {
        const cancelTimeout = clock.after(WAIT_MS, () => {
          waiting.delete(brokerId);
          reject(new InternalError('timeout waiting for connection info'));
        });
        waiting.set(brokerId, (arrived) => {
          cancelTimeout();
          resolve(arrived);
        });
      });
    },
  };
}
