/**
 * Services as data and their handlers as plain functions, free of any gRPC library: what a server is given to serve
 * and what a caller is given to call.
 */
import { PluginError } from '../errors.ts';
import type { AnyCodec, Codec, PartialMessage } from './codec.ts';

/** A method of whatever messages. */
export interface AnyMethodData {
  /** For example `/pb.Backend/HandleRequest`. */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly request: AnyCodec;
  readonly response: AnyCodec;
}

export interface UnaryMethodData<Req, Res> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  readonly request: Codec<Req>;
  readonly response: Codec<Res>;
}

/** Methods by their name in camelCase. Generated constants end in `Service`, for example `backendService`. */
export type ServiceData = Readonly<Record<string, AnyMethodData>>;

/** Metadata by lower-case key. Binary values (`…-bin` keys) are left out. */
export type CallMetadata = ReadonlyMap<string, readonly string[]>;

/** Metadata of an incoming call by lower-case key: any `CallMetadata`, or something that reads only what is asked for. */
export type IncomingMetadata = Pick<CallMetadata, 'get'>;

/** What a handler knows about the call it serves. */
export interface ServerCall {
  readonly metadata: IncomingMetadata;
  /** Aborts when the caller goes away (reason: CancelledError) or its deadline passes (reason: DeadlineError). */
  readonly signal: AbortSignal;
  /** Tells of what aborts `signal`, at once if that has happened. Far cheaper than the signal, which is made when used. */
  onAbort(listener: (reason: Error) => void): void;
  /** `undefined` when the caller set none. */
  readonly deadline: Date | undefined;
}

/** Where a streaming handler puts its answers. */
export interface MessageSink<M> {
  /** Does nothing once the call has ended. */
  write(message: PartialMessage<M>): void;
}

export interface AnyMessageSink {
  write(message: object): void;
}

// Handler types are written as methods, so that a handler of a certain message fits where "some handler" is asked for;
// `bindService` is where the message types are checked.

/** A rejection becomes the call's status: its own for `GrpcStatusError`, else UNKNOWN with the message. */
export type UnaryHandler<Req, Res> = {
  handle(request: Req, call: ServerCall): Promise<PartialMessage<Res>>;
}['handle'];

/** The stream ends when the promise settles. A handler that waits for the end of the call waits for `call.signal`. */
export type ServerStreamHandler<Req, Res> = {
  handle(request: Req, call: ServerCall, answers: MessageSink<Res>): Promise<void>;
}['handle'];

/** Our half of the stream ends when the promise settles. `requests` ends when the caller half-closes. */
export type BidiStreamHandler<Req, Res> = {
  handle(requests: AsyncIterable<Req>, call: ServerCall, answers: MessageSink<Res>): Promise<void>;
}['handle'];

export type HandlerOf<M> = M extends {
  readonly requestStream: infer RequestStream;
  readonly responseStream: infer ResponseStream;
  readonly request: Codec<infer Req>;
  readonly response: Codec<infer Res>;
}
  ? RequestStream extends true
    ? BidiStreamHandler<Req, Res>
    : ResponseStream extends true
      ? ServerStreamHandler<Req, Res>
      : UnaryHandler<Req, Res>
  : never;

/** One handler for each method of a service. */
export type Handlers<S extends ServiceData> = { readonly [M in keyof S]: HandlerOf<S[M]> };

/** A method with its handler, of whatever messages. */
export type BoundMethod =
  | {
      readonly kind: 'unary';
      readonly data: AnyMethodData;
      handle(request: unknown, call: ServerCall): Promise<object>;
    }
  | {
      readonly kind: 'serverStream';
      readonly data: AnyMethodData;
      handle(request: unknown, call: ServerCall, answers: AnyMessageSink): Promise<void>;
    }
  | {
      readonly kind: 'bidiStream';
      readonly data: AnyMethodData;
      handle(requests: AsyncIterable<unknown>, call: ServerCall, answers: AnyMessageSink): Promise<void>;
    };

/** A service together with its handlers: what a server serves. Made by `bindService`; methods by their name. */
export interface BoundService {
  readonly service: ServiceData;
  readonly methods: ReadonlyMap<string, BoundMethod>;
}

/** Checks handlers against the messages of their methods, then forgets the message types. */
export function bindService<S extends ServiceData>(service: S, handlers: Handlers<S>): BoundService {
  const methods = new Map<string, BoundMethod>();
  for (const [name, data] of Object.entries(service)) {
    const kind = data.requestStream ? 'bidiStream' : data.responseStream ? 'serverStream' : 'unary';
    // `Handlers` ties the handler's kind to the very flags that `kind` is made from.
    methods.set(name, { kind, data, handle: handlers[name] } as BoundMethod);
  }
  return { service, methods };
}

/** gRPC status codes that are used here. */
export const GrpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  internal: 13,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** An answer that is a gRPC status and not a message. Thrown by handlers and by callers of a service. */
export class GrpcStatusError extends PluginError {
  override readonly name = 'GrpcStatusError';
  readonly code = 'ERR_GRPC_STATUS';
  /** For example 12 (UNIMPLEMENTED); see `GrpcCode`. */
  readonly grpcCode: number;
  constructor(grpcCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.grpcCode = grpcCode;
  }
}
