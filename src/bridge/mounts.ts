/** The mounts of the process by multiplex id: which there are, how one begins and how it ends. */
import { CancelledError } from '../errors.ts';
import type { BackendFactory } from '../logical/index.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import type { Random } from '../util/random.ts';
import { GrpcCode, GrpcStatusError } from '../wire/service.ts';
import { createInstance, type Instance } from './instance.ts';
import type { HostConnection } from './unary-caller.ts';

export interface MountsOptions {
  readonly factory: BackendFactory;
  /** Connects to where the host serves storage and view for the mount that is being set up. */
  readonly dialBroker: (brokerId: number) => Promise<HostConnection>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

export interface MountSetup {
  readonly multiplexId: string;
  readonly brokerId: number;
  readonly config: ReadonlyMap<string, string>;
  readonly backendUuid: string;
}

export class Mounts {
  readonly #options: MountsOptions;
  readonly #instances = new Map<string, Instance>();
  /** The latest setup under way for an id; an earlier one, or one whose mount was closed meanwhile, gives way. */
  readonly #setups = new Map<string, MountSetup>();
  /** Instances on their way out. */
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: MountsOptions) {
    this.#options = options;
  }

  /** @throws GrpcStatusError (UNKNOWN) when there is none. */
  get(multiplexId: string): Instance {
    const instance = this.#instances.get(multiplexId);
    if (instance === undefined) throw new GrpcStatusError(GrpcCode.unknown, 'no backend instance found');
    return instance;
  }

  /** The mount of that id, else any. All mounts of one process are of the same engine. */
  getAny(multiplexId: string | undefined): Instance | undefined {
    return this.#instances.get(multiplexId ?? '') ?? this.#instances.values().next().value;
  }

  /**
   * Connects and makes the engine, but calls nothing: until the host has our answer it has no storage to offer. A
   * mount that has the id already is replaced and closed.
   * @throws what connecting or the engine's factory throws; CancelledError when the mount was closed meanwhile.
   */
  async setUp(setup: MountSetup): Promise<void> {
    const { factory, dialBroker, logger, clock, random } = this.#options;
    const { multiplexId, config, backendUuid } = setup;
    this.#setups.set(multiplexId, setup);
    try {
      this.#requireCurrent(setup);
      const connection = await dialBroker(setup.brokerId);
      try {
        this.#requireCurrent(setup);
        const mountLogger = backendUuid === '' ? logger : logger.with({ mount: backendUuid });
        const dependencies = { logger: mountLogger, clock, random, config, backendUuid };
        const instance = createInstance(factory, connection, dependencies);
        const previous = this.#instances.get(multiplexId);
        this.#instances.set(multiplexId, instance);
        if (previous !== undefined) void this.#close(previous);
      } catch (error) {
        connection.close();
        throw error;
      }
    } finally {
      if (this.#setups.get(multiplexId) === setup) this.#setups.delete(multiplexId);
    }
  }

  #requireCurrent(setup: MountSetup): void {
    if (this.#isClosed || this.#setups.get(setup.multiplexId) !== setup) {
      throw new CancelledError('the mount was closed while it was being set up');
    }
  }

  /** Twice for one id, and for an id that is unknown: nothing to do. Never throws. */
  async cleanUp(multiplexId: string): Promise<void> {
    this.#setups.delete(multiplexId);
    const instance = this.#instances.get(multiplexId);
    this.#instances.delete(multiplexId);
    if (instance !== undefined) await this.#close(instance);
  }

  /** Closes all; further setups are refused. Never throws. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#instances.keys()].map((multiplexId) => this.cleanUp(multiplexId)));
    await Promise.all(this.#closing);
  }

  async #close(instance: Instance): Promise<void> {
    const closing = instance.close();
    this.#closing.add(closing);
    await closing;
    this.#closing.delete(closing);
  }
}
