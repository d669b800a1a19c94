/** Bound services (wire/service.ts) as the functions that a grpc-js server calls. The only place that knows both. */
import type {
  Deadline,
  Metadata,
  sendUnaryData,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { CancelledError, DeadlineError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { AnyMessageSink, BoundMethod, BoundService, CallMetadata, ServerCall } from '../wire/service.ts';
import { toGrpcStatus, type GrpcStatus } from './grpc-status.ts';
import { createMessageQueue } from './message-queue.ts';

/** Unary calls that wait for their answer; a crash answers them before the process ends. */
export type PendingCalls = Set<(status: GrpcStatus) => void>;

/** A caller's own timer runs ahead of ours by the way of the message; its cancellation then means the deadline. */
const DEADLINE_SLACK_MS = 100;

type MethodOf<K extends BoundMethod['kind']> = Extract<BoundMethod, { readonly kind: K }>;

export function toImplementation(
  bound: BoundService,
  pending: PendingCalls,
  clock: Clock,
): UntypedServiceImplementation {
  return Object.fromEntries([...bound.methods].map(([name, method]) => [name, adaptMethod(method, pending, clock)]));
}

function adaptMethod(method: BoundMethod, pending: PendingCalls, clock: Clock): UntypedServiceImplementation[string] {
  switch (method.kind) {
    case 'unary':
      return adaptUnary(method, pending, clock);
    case 'serverStream':
      return adaptServerStream(method, clock);
    case 'bidiStream':
      return adaptBidiStream(method, clock);
  }
}

function adaptUnary(method: MethodOf<'unary'>, pending: PendingCalls, clock: Clock) {
  return (call: ServerUnaryCall<unknown, object>, callback: sendUnaryData<object>): void => {
    const watched = watchCall(call, clock);
    const fail = (status: GrpcStatus): void => {
      if (!pending.delete(fail)) return;
      watched.end();
      callback(status);
    };
    pending.add(fail);
    settle(() => method.handle(call.request, watched.serverCall)).then(
      (answer) => {
        if (!pending.delete(fail)) return;
        watched.end();
        callback(null, answer);
      },
      (error: unknown) => fail(toGrpcStatus(error)),
    );
  };
}

function adaptServerStream(method: MethodOf<'serverStream'>, clock: Clock) {
  return (call: ServerWritableStream<unknown, object>): void => {
    const watched = watchCall(call, clock);
    const { answers, finish } = answerStream(call, watched);
    settle(() => method.handle(call.request, watched.serverCall, answers)).then(() => finish(), finish);
  };
}

function adaptBidiStream(method: MethodOf<'bidiStream'>, clock: Clock) {
  return (call: ServerDuplexStream<unknown, object>): void => {
    const watched = watchCall(call, clock);
    const { answers, finish } = answerStream(call, watched);
    const requests = createMessageQueue<unknown>();
    call.on('data', requests.push);
    call.on('end', requests.end);
    watched.serverCall.signal.addEventListener('abort', requests.end, { once: true });
    settle(() => method.handle(requests, watched.serverCall, answers)).then(() => finish(), finish);
  };
}

/** A handler that throws before its promise exists rejects like any other. */
async function settle<T>(handle: () => Promise<T>): Promise<T> {
  return handle();
}

/** The part that calls of all kinds share. */
interface AnyCall {
  readonly metadata: Metadata;
  getDeadline(): Deadline;
  on(event: 'cancelled', listener: () => void): unknown;
}

interface WatchedCall {
  readonly serverCall: ServerCall;
  /** Answered, or given up by the caller. */
  isEnded(): boolean;
  /** From here on the end of the connection is no cancellation any more. */
  end(): void;
}

function watchCall(call: AnyCall, clock: Clock): WatchedCall {
  const controller = new AbortController();
  const deadline = toDate(call.getDeadline());
  let isEnded = false;
  // grpc-js says "cancelled" at the end of every call, answered ones included.
  call.on('cancelled', () => {
    if (isEnded) return;
    isEnded = true;
    const isLate = deadline !== undefined && deadline.getTime() - DEADLINE_SLACK_MS <= clock.now().getTime();
    controller.abort(isLate ? new DeadlineError("the host's deadline passed") : new CancelledError());
  });
  return {
    serverCall: { metadata: readMetadata(call.metadata), signal: controller.signal, deadline },
    isEnded: () => isEnded,
    end: () => {
      isEnded = true;
    },
  };
}

interface AnswerStream {
  readonly answers: AnyMessageSink;
  /** Ends our half, with the status of `error` if there is one. */
  readonly finish: (error?: unknown) => void;
}

function answerStream(
  call: ServerWritableStream<unknown, object> | ServerDuplexStream<unknown, object>,
  watched: WatchedCall,
): AnswerStream {
  return {
    answers: {
      write: (message) => {
        if (!watched.isEnded()) call.write(message);
      },
    },
    finish: (error) => {
      if (watched.isEnded()) return;
      watched.end();
      // Both end the stream; grpc-js takes the status from the error.
      if (error === undefined) call.end();
      else call.emit('error', Object.assign(new Error(), toGrpcStatus(error)));
    },
  };
}

function toDate(deadline: Deadline): Date | undefined {
  const time = Number(deadline);
  return Number.isFinite(time) ? new Date(time) : undefined;
}

function readMetadata(metadata: Metadata): CallMetadata {
  const texts = new Map<string, string[]>();
  for (const [key, values] of Object.entries(metadata.toJSON())) {
    if (!key.endsWith('-bin'))
      texts.set(
        key,
        values.filter((value) => typeof value === 'string'),
      );
  }
  return texts;
}
