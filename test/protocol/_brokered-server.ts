/** What the host serves to a mount over the brokered socket: storage and system view, from memory. */
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { once } from 'node:events';
import { findService } from './_definitions.ts';
import { HOST_CERTIFICATE_PEM, HOST_KEY_PEM } from './_host-certificate.ts';

/** One call that the plugin made to the host. */
export interface HostCall {
  /** For example `Storage/Get`. */
  readonly method: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** `Infinity`: none. */
  readonly deadline: number;
  /** Aborts when the plugin cancels, or the deadline passes. */
  readonly signal: AbortSignal;
}

/** A gRPC status to answer with. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

export type StorageMode = 'absent' | 'setup' | 'open' | 'readOnly';

export interface BrokeredServerOptions {
  readonly socketPath: string;
  /** The plugin's, from the handshake: nobody else may connect. */
  readonly pluginCertificatePem: string;
  readonly storage: Map<string, Buffer>;
  readonly storageMode: () => StorageMode;
  /** Answers by method, for example `{ Tainted: { tainted: true } }`; over the defaults of a Community Edition. */
  readonly systemView: Readonly<Record<string, object | StatusError>>;
  /** Sees every call before it is answered; what it throws is the answer. */
  readonly onCall: (call: HostCall) => void | Promise<void>;
}

const NANOSECONDS = 1_000_000_000n;

/** What a Community Edition says, with a mount of 768 h / 768 h. */
const SYSTEM_VIEW: Readonly<Record<string, object | StatusError>> = {
  DefaultLeaseTTL: { TTL: String(2_764_800n * NANOSECONDS) },
  MaxLeaseTTL: { TTL: String(2_764_800n * NANOSECONDS) },
  Tainted: { tainted: false },
  CachingDisabled: { disabled: false },
  ReplicationState: { state: 12_288 },
  MlockEnabled: { enabled: true },
  LocalMount: { local: false },
  EntityInfo: { entity: { ID: 'e-1', name: 'bob', aliases: [{ name: 'bob' }] } },
  GroupsForEntity: { groups: [{ ID: 'g-1', name: 'ops' }] },
  PluginEnv: { plugin_environment: { vault_version: '1.21.0' } },
  ClusterInfo: { cluster_id: 'c-1' },
  ResponseWrapData: { wrap_info: { TTL: String(60n * NANOSECONDS), token: 'hvs.x', creation_time: { seconds: 1 } } },
  GeneratePasswordFromPolicy: { password: 'p4ss' },
  GenerateIdentityToken: new StatusError(
    13,
    'failed to generate plugin identity token: plugin workload identity not supported in Vault community edition',
  ),
  RegisterRotationJob: new StatusError(
    13,
    'error registering rotation job: rotation manager capabilities not supported in Vault community edition',
  ),
  DeregisterRotationJob: new StatusError(
    13,
    'error deregistering rotation job: rotation manager capabilities not supported in Vault community edition',
  ),
};

const SERVER_OPTIONS = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

export async function startBrokeredServer(options: BrokeredServerOptions): Promise<Server> {
  const server = new Server(SERVER_OPTIONS);
  server.addService(findService('pb.Storage').service, implement('Storage', storageMethods(options), options));
  const view = { ...SYSTEM_VIEW, ...options.systemView };
  const viewMethods = Object.fromEntries(
    Object.entries(view).map(([name, answer]) => [
      name,
      (): object => {
        if (options.storageMode() === 'absent') throw new StatusError(2, missing('system view'));
        if (answer instanceof StatusError) throw answer;
        return answer;
      },
    ]),
  );
  server.addService(findService('pb.SystemView').service, implement('SystemView', viewMethods, options));
  const credentials = ServerCredentials.createSsl(
    Buffer.from(options.pluginCertificatePem),
    [{ private_key: Buffer.from(HOST_KEY_PEM), cert_chain: Buffer.from(HOST_CERTIFICATE_PEM) }],
    true,
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${options.socketPath}`, credentials, (error) => (error ? reject(error) : resolve()));
  });
  return server;
}

/** What the messages of all methods have in common is nothing: each has its own of these. */
interface StorageMessage {
  readonly key: string;
  readonly prefix: string;
  readonly entry: { readonly key: string; readonly value: Buffer } | null;
}

type Methods = Readonly<Record<string, (message: StorageMessage) => object>>;

function storageMethods({ storage, storageMode }: BrokeredServerOptions): Methods {
  const refusal = (): string => {
    switch (storageMode()) {
      case 'absent':
        throw new StatusError(2, missing('storage'));
      case 'setup':
        return 'cannot write to storage during setup';
      case 'readOnly':
        return 'cannot write to readonly storage';
      case 'open':
        return '';
    }
  };
  return {
    Get: ({ key }) => {
      refusal();
      const value = storage.get(key);
      return value === undefined ? {} : { entry: { key, value } };
    },
    Put: ({ entry }) => {
      const err = entry === null ? 'cannot write nil entry' : refusal();
      if (err === '' && entry !== null) storage.set(entry.key, entry.value);
      return { err };
    },
    Delete: ({ key }) => {
      const err = refusal();
      if (err === '') storage.delete(key);
      return { err };
    },
    List: ({ prefix }) => {
      refusal();
      const children = [...storage.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length).replace(/\/.*$/, '/'));
      return { keys: [...new Set(children)].sort() };
    },
  };
}

const missing = (what: string): string =>
  `missing ${what} implementation: this method should not be called during plugin Setup, ` +
  'but only during and after Initialize';

function implement(service: string, methods: Methods, options: BrokeredServerOptions): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(methods).map(([name, answer]) => [
      name,
      (call: ServerUnaryCall<StorageMessage, object>, callback: sendUnaryData<object>): void => {
        const controller = new AbortController();
        call.on('cancelled', () => controller.abort());
        const hostCall: HostCall = {
          method: `${service}/${name}`,
          message: { ...call.request },
          metadata: call.metadata.getMap(),
          deadline: Number(call.getDeadline()),
          signal: controller.signal,
        };
        Promise.resolve(options.onCall(hostCall))
          .then(() => answer(call.request))
          .then(
            (message) => callback(null, message),
            (error: unknown) => callback(error as Error),
          );
      },
    ]),
  );
}

/** Hosts stop gracefully after Cleanup: they wait for the plugin's connection to end. */
export async function stopGracefully(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => server.tryShutdown((error) => (error ? reject(error) : resolve())));
}

/** For a call that stays open until the plugin gives it up. */
export async function untilCancelled({ signal }: HostCall): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw new StatusError(1, 'cancelled by the plugin');
}
