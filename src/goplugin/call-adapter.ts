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
import type { AnyMessageSink, BoundMethod, BoundService, IncomingMetadata, ServerCall } from '../wire/service.ts';
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
    const watched = new WatchedCall(call, clock);
    const fail = (status: GrpcStatus): void => {
      if (!pending.delete(fail)) return;
      watched.end();
      callback(status);
    };
    pending.add(fail);
    settle(() => method.handle(call.request, watched)).then(
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
    const watched = new WatchedCall(call, clock);
    const { answers, finish } = answerStream(call, watched);
    settle(() => method.handle(call.request, watched, answers)).then(() => finish(), finish);
  };
}

function adaptBidiStream(method: MethodOf<'bidiStream'>, clock: Clock) {
  return (call: ServerDuplexStream<unknown, object>): void => {
    const watched = new WatchedCall(call, clock);
    const { answers, finish } = answerStream(call, watched);
    const requests = createMessageQueue<unknown>();
    call.on('data', requests.push);
    call.on('end', requests.end);
    watched.onAbort(() => requests.end());
    settle(() => method.handle(requests, watched, answers)).then(() => finish(), finish);
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

/** A call as its handler sees it, and whether it is over. */
class WatchedCall implements ServerCall {
  readonly metadata: IncomingMetadata;
  readonly deadline: Date | undefined;
  #isEnded = false;
  #reason: Error | undefined;
  #listeners: ((reason: Error) => void)[] = [];
  #controller: AbortController | undefined;

  constructor(call: AnyCall, clock: Clock) {
    this.metadata = { get: (key) => readMetadata(call.metadata, key) };
    this.deadline = toDate(call.getDeadline());
    // grpc-js says "cancelled" at the end of every call, answered ones included.
    call.on('cancelled', () => {
      if (!this.#isEnded) this.#abort(clock.now());
    });
  }

  /** Answered, or given up by the caller. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.onAbort((reason) => controller.abort(reason));
      this.#controller = controller;
    }
    return this.#controller.signal;
  }

  onAbort(listener: (reason: Error) => void): void {
    if (this.#reason === undefined) this.#listeners.push(listener);
    else listener(this.#reason);
  }

  /** From here on the end of the connection is no cancellation any more. */
  end(): void {
    this.#isEnded = true;
  }

  #abort(now: Date): void {
    this.#isEnded = true;
    const isLate = this.deadline !== undefined && this.deadline.getTime() - DEADLINE_SLACK_MS <= now.getTime();
    const reason = isLate ? new DeadlineError("the host's deadline passed") : new CancelledError();
    this.#reason = reason;
    for (const listener of this.#listeners.splice(0)) listener(reason);
  }
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
        if (!watched.isEnded) call.write(message);
      },
    },
    finish: (error) => {
      if (watched.isEnded) return;
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

/** Texts only: binary values (`…-bin` keys) are nothing to us. */
function readMetadata(metadata: Metadata, key: string): readonly string[] | undefined {
  const texts = metadata.get(key).filter((value) => typeof value === 'string');
  return texts.length === 0 ? undefined : texts;
}
