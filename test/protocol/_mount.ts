/** One mount as a host drives it: its id, its storage, and the calls of pb.Backend. */
import type { Server } from '@grpc/grpc-js';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  startBrokeredServer,
  stopGracefully,
  type HostCall,
  type StatusError,
  type StorageMode,
} from './_brokered-server.ts';
import type { CallOptions, PluginConnection } from './_connection.ts';
import type { ExistenceCheckReply, HandleRequestReply, Paths, ProtoError, WireRequest } from './_definitions.ts';
import { within } from './_processes.ts';
import { readReply, type HostReply } from './_reply.ts';

export interface MountOptions {
  /** Default: ten random characters, as hosts make them. */
  readonly multiplexId?: string;
  /** Default: empty. Hand one map to a later mount to carry storage over a restart. */
  readonly storage?: Map<string, Buffer>;
  readonly config?: Readonly<Record<string, string>>;
  readonly backendUuid?: string;
  /** Answers of the system view, over the defaults. */
  readonly systemView?: Readonly<Record<string, object | StatusError>>;
  /** Sees every call of the plugin before it is answered; may delay it, or throw its answer. */
  readonly onCall?: (call: HostCall) => void | Promise<void>;
}

export interface SetupOptions {
  /** When the host announces its socket; hosts do either. Default `before`. */
  readonly announce?: 'before' | 'after' | 'never';
  /** At registration there is neither storage nor view behind the broker. Default false. */
  readonly isRegistration?: boolean;
}

/** A request with its data as a value instead of JSON text. */
export interface MountRequest extends Omit<WireRequest, 'data'> {
  readonly operation: string;
  readonly path: string;
  /** Default: none, which is `null` on the wire. */
  readonly data?: Readonly<Record<string, unknown>>;
}

const CONNECTION_END_LIMIT_MS = 5_000;

export class FakeMount {
  readonly multiplexId: string;
  readonly storage: Map<string, Buffer>;
  /** All calls of the plugin for this mount, in order. */
  readonly calls: HostCall[] = [];
  /** What storage answers to writes. Set by `setup` and `initialize`; tests may set `readOnly`. */
  storageMode: StorageMode = 'setup';
  readonly #options: MountOptions;
  readonly #connection: PluginConnection;
  readonly #brokerId: number;
  readonly #socketPath: string;
  readonly #pluginCertificatePem: string;
  #server: Server | undefined;

  constructor(
    connection: PluginConnection,
    broker: { readonly id: number; readonly folder: string; readonly pluginCertificatePem: string },
    options: MountOptions = {},
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#brokerId = broker.id;
    this.#socketPath = path.join(broker.folder, `plugin-host-${broker.id}`);
    this.#pluginCertificatePem = broker.pluginCertificatePem;
    this.multiplexId = options.multiplexId ?? randomBytes(5).toString('hex');
    this.storage = options.storage ?? new Map<string, Buffer>();
  }

  /** The socket and its announcement, then Setup. Resolves with the reply's error text, '' for none. */
  async setup({ announce = 'before', isRegistration = false }: SetupOptions = {}): Promise<string> {
    this.storageMode = isRegistration ? 'absent' : 'setup';
    this.#server = await startBrokeredServer({
      socketPath: this.#socketPath,
      pluginCertificatePem: this.#pluginCertificatePem,
      storage: this.storage,
      storageMode: () => this.storageMode,
      systemView: this.#options.systemView ?? {},
      onCall: async (call) => {
        this.calls.push(call);
        await this.#options.onCall?.(call);
      },
    });
    if (announce === 'before') this.#announce();
    const reply = this.#call<{ err: string }>('Setup', {
      broker_id: this.#brokerId,
      Config: isRegistration ? {} : this.#config(),
      backendUUID: isRegistration ? '' : (this.#options.backendUuid ?? '7d5a9b60-0000-4000-8000-000000000001'),
    });
    if (announce === 'after') setTimeout(() => this.#announce(), 200);
    return (await reply).err;
  }

  /** Setup, Type, SpecialPaths, Initialize: what `secrets enable` does. @throws Error with the plugin's text. */
  async enable(): Promise<this> {
    const err = await this.setup();
    if (err !== '') throw new Error(`Setup: ${err}`);
    if ((await this.type()) !== 1) throw new Error('unknown backend type');
    await this.specialPaths();
    const initializeErr = await this.initialize();
    if (initializeErr !== null) throw new Error(`Initialize: ${initializeErr.err_msg}`);
    return this;
  }

  async initialize(): Promise<ProtoError | null> {
    if (this.storageMode === 'setup') this.storageMode = 'open';
    return (await this.#call<{ err: ProtoError | null }>('Initialize', {})).err;
  }

  async type(): Promise<number> {
    return (await this.#call<{ type: number }>('Type', {})).type;
  }

  async specialPaths(): Promise<Paths | null> {
    return (await this.#call<{ paths: Paths | null }>('SpecialPaths', {})).paths;
  }

  async version(): Promise<string> {
    const metadata = { multiplex_id: this.multiplexId };
    const reply = await this.#connection.unary<{ plugin_version: string }>(
      'logical.PluginVersion',
      'Version',
      {},
      { metadata },
    );
    return reply.plugin_version;
  }

  /**
   * One request, its reply read as a host reads it.
   * @throws ServiceError for a gRPC status; Error when the host's decoder would refuse the reply.
   */
  async request(request: MountRequest, options: CallOptions = {}): Promise<HostReply> {
    const { data, ...rest } = request;
    const wireRequest: WireRequest = {
      id: 'r-1',
      client_token: 'salted',
      mount_point: 'wire/',
      mount_type: 'wire',
      ...rest,
      data: data === undefined ? 'null' : JSON.stringify(data),
    };
    return readReply(request.operation, await this.requestRaw(wireRequest, options));
  }

  requestRaw(request: WireRequest, options: CallOptions = {}): Promise<HandleRequestReply> {
    return this.#call('HandleRequest', { request }, options);
  }

  read(requestPath: string, data?: Readonly<Record<string, unknown>>): Promise<HostReply> {
    return this.request({ operation: 'read', path: requestPath, ...(data && { data }) });
  }

  write(requestPath: string, data: Readonly<Record<string, unknown>> = {}): Promise<HostReply> {
    return this.request({ operation: 'update', path: requestPath, data });
  }

  existenceCheck(requestPath: string): Promise<ExistenceCheckReply> {
    return this.#call('HandleExistenceCheck', { request: { operation: 'update', path: requestPath, data: 'null' } });
  }

  async invalidateKey(key: string): Promise<void> {
    await this.#call('InvalidateKey', { key });
  }

  /** Cleanup, then the wait for the plugin to let go of its connection. @throws Error when it does not. */
  async cleanup(): Promise<void> {
    await this.#call('Cleanup', {});
    if (this.#server === undefined) return;
    await within('the end of the brokered connection', stopGracefully(this.#server), CONNECTION_END_LIMIT_MS);
    this.#server = undefined;
  }

  /** The host's end of the mount goes without a word, as when the host dies. */
  cutOff(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  #announce(): void {
    this.#connection.announce({ service_id: this.#brokerId, network: 'unix', address: this.#socketPath });
  }

  #call<Reply>(method: string, message: object, options: CallOptions = {}): Promise<Reply> {
    const metadata = { multiplex_id: this.multiplexId, ...options.metadata };
    return this.#connection.unary('pb.Backend', method, message, { ...options, metadata });
  }

  #config(): Record<string, string> {
    return { plugin_name: 'wire', plugin_type: 'secret', plugin_version: '', ...this.#options.config };
  }
}
