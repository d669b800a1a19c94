/** The host's connection to the plugin: unary calls and the two streams that are open all the time. */
import {
  Client,
  credentials,
  Metadata,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { findService } from './_definitions.ts';
import type { Handshake } from './_handshake.ts';
import { HOST_CERTIFICATE_PEM, HOST_KEY_PEM } from './_host-certificate.ts';

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** From now. Default: none, as calls from HTTP have none. */
  readonly timeoutMs?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

export interface ConnInfo {
  readonly service_id: number;
  readonly network: string;
  readonly address: string;
}

export class PluginConnection {
  readonly #grpc: Client;
  #broker: ClientDuplexStream<ConnInfo, object> | undefined;
  #stdio: ClientReadableStream<object> | undefined;
  #markBrokerEnd = (): void => undefined;
  /** Resolves when the broker stream is over, whoever ended it. */
  readonly brokerEnded = new Promise<void>((resolve) => {
    this.#markBrokerEnd = resolve;
  });
  /** What the plugin sent on streams where it should be silent. */
  readonly unexpected: object[] = [];

  constructor(handshake: Handshake, channelCredentials: ChannelCredentials = hostCredentials(handshake)) {
    this.#grpc = new Client(`unix:${handshake.address}`, channelCredentials, {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
    });
  }

  /** What a host does first: both streams. */
  openStreams(): void {
    const { path, requestSerialize, responseDeserialize } = methodOf('plugin.GRPCBroker', 'StartStream');
    this.#broker = this.#grpc.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#broker.once('status', () => this.#markBrokerEnd());
    this.#watch(this.#broker);
    const stdio = methodOf('plugin.GRPCStdio', 'StreamStdio');
    this.#stdio = this.#grpc.makeServerStreamRequest(stdio.path, stdio.requestSerialize, stdio.responseDeserialize, {});
    this.#watch(this.#stdio);
  }

  announce(info: ConnInfo): void {
    this.#broker?.write(info);
  }

  endBrokerStream(): void {
    this.#broker?.end();
  }

  /** @throws ServiceError */
  unary<Reply>(service: string, method: string, message: object, options: CallOptions = {}): Promise<Reply> {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, method);
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
    return new Promise((resolve, reject) => {
      const call = this.#grpc.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadata,
        options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs },
        (error: ServiceError | null, reply?: object) => {
          if (error === null) resolve(reply as Reply);
          else reject(error);
        },
      );
      options.signal?.addEventListener('abort', () => call.cancel(), { once: true });
    });
  }

  close(): void {
    this.#broker?.cancel();
    this.#stdio?.cancel();
    this.#grpc.close();
  }

  #watch(stream: ClientReadableStream<object>): void {
    stream.on('data', (message: object) => this.unexpected.push(message));
    // The end of the plugin ends the streams with an error; what matters is seen elsewhere.
    stream.on('error', () => undefined);
  }
}

/** Mutual TLS: the plugin's certificate is the only root, the host's own is shown. */
export function hostCredentials({ certificatePem }: Pick<Handshake, 'certificatePem'>): ChannelCredentials {
  return credentials.createSsl(
    Buffer.from(certificatePem),
    Buffer.from(HOST_KEY_PEM),
    Buffer.from(HOST_CERTIFICATE_PEM),
  );
}

function methodOf(service: string, method: string): MethodDefinition<object, object> {
  return findService(service).service[method] as MethodDefinition<object, object>;
}
