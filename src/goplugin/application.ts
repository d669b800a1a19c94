/** What goplugin/ serves for others: the services of the plugin proper, and what they get to reach the host. */
import type { Client } from '@grpc/grpc-js';
import type { BoundService } from '../wire/service.ts';

/**
 * A ready connection to the socket that the host announces under `brokerId`; the caller closes it.
 * @throws InternalError when the host does not announce it, or cannot be reached, within five seconds each.
 */
export type DialBroker = (brokerId: number) => Promise<Client>;

/** What is served beside go-plugin's own services. */
export interface Application {
  readonly services: readonly BoundService[];
  /** Aborts what is running; the process ends a moment later. Never throws, never rejects. */
  close(): Promise<void>;
}

export type CreateApplication = (dialBroker: DialBroker) => Promise<Application>;
