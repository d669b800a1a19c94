/** One incoming call over its HTTP/2 stream: deadline, cancellation, answers, status. Source: gRPC over HTTP/2. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { CancelledError, DeadlineError } from '../errors.ts';
import { dateFromEpochMs, type Clock } from '../util/clock.ts';
import { GrpcCode, type IncomingMetadata, type ServerCall } from '../wire/service.ts';
import { encodeDetails, type GrpcStatus } from './grpc-status.ts';
import { frameMessage } from './message-frames.ts';

/** A caller's own timer runs ahead of ours by the way of the message; its cancellation then means the deadline. */
const DEADLINE_SLACK_MS = 100;

const ANSWER_HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
// Node takes `sendDate` though its types do not know it; gRPC has no use for a date.
const WITH_TRAILERS = { waitForTrailers: true, sendDate: false };
const WITHOUT_BODY = { endStream: true, sendDate: false };
const OK_TRAILERS = { 'grpc-status': '0' };

const MS_PER_UNIT: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * A call as its handler sees it, and the one way to answer it: once. Answers to a call that is over are dropped, and
 * no method throws.
 */
export class GrpcCall implements ServerCall, IncomingMetadata {
  readonly deadline: Date | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  #isEnded = false;
  #reason: Error | undefined;
  #listeners: ((reason: Error) => void)[] | undefined;
  #controller: AbortController | undefined;
  #cancelTimeout: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, clock: Clock) {
    this.#stream = stream;
    this.#headers = headers;
    const timeout = headers['grpc-timeout'];
    if (typeof timeout === 'string') this.deadline = this.#startTimeout(timeout, clock);
    // Every stream closes; before the answer it means that the caller went away.
    stream.on('close', () => {
      if (!this.#isEnded) this.#abort(this.#toCancellation(clock.now()));
    });
    // What breaks a stream also closes it.
    stream.on('error', ignoreError);
  }

  get metadata(): IncomingMetadata {
    return this;
  }

  /** Metadata: texts only; binary values (`…-bin` keys) are nothing to us. */
  get(key: string): readonly string[] | undefined {
    const value = this.#headers[key];
    if (value === undefined || key.endsWith('-bin')) return undefined;
    return typeof value === 'string' ? [value] : value;
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
    if (this.#reason === undefined) (this.#listeners ??= []).push(listener);
    else listener(this.#reason);
  }

  /** The only answer, with status OK. */
  answer(message: Uint8Array): void {
    if (!this.#end()) return;
    this.#open(OK_TRAILERS);
    this.#stream.end(frameMessage(message));
  }

  /** One of several answers; `finish` ends them. */
  write(message: Uint8Array): void {
    if (this.#isEnded || this.#stream.destroyed) return;
    if (!this.#stream.headersSent) this.#stream.respond(ANSWER_HEADERS, WITH_TRAILERS);
    this.#stream.write(frameMessage(message));
  }

  /** Ends the call. */
  finish(status: GrpcStatus): void {
    if (!this.#end()) return;
    const trailers = toTrailers(status);
    if (this.#stream.headersSent) {
      this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(trailers));
      this.#stream.end();
    } else if (status.code === GrpcCode.ok) {
      this.#open(trailers);
      this.#stream.end();
    } else {
      this.#stream.respond({ ...ANSWER_HEADERS, ...trailers }, WITHOUT_BODY);
    }
  }

  #open(trailers: OutgoingHttpHeaders): void {
    this.#stream.respond(ANSWER_HEADERS, WITH_TRAILERS);
    this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(trailers));
  }

  /** From here on the end of the stream is no cancellation any more. False when there is nobody to answer. */
  #end(): boolean {
    if (this.#isEnded) return false;
    this.#isEnded = true;
    this.#cancelTimeout?.();
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  #startTimeout(text: string, clock: Clock): Date | undefined {
    const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
    if (amount === undefined) {
      this.finish({ code: GrpcCode.internal, details: `invalid grpc-timeout "${text}"` });
      return undefined;
    }
    const timeoutMs = Math.trunc(Number(amount) * (MS_PER_UNIT[unit] ?? 1));
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      this.finish({ code: GrpcCode.deadlineExceeded, details: 'Deadline exceeded' });
      this.#abort(new DeadlineError("the host's deadline passed"));
    });
    return dateFromEpochMs(clock.now().getTime() + timeoutMs);
  }

  #toCancellation(now: Date): Error {
    const isLate = this.deadline !== undefined && this.deadline.getTime() - DEADLINE_SLACK_MS <= now.getTime();
    return isLate ? new DeadlineError("the host's deadline passed") : new CancelledError();
  }

  #abort(reason: Error): void {
    this.#end();
    this.#reason = reason;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener(reason);
  }
}

const ignoreError = (): void => undefined;

function toTrailers({ code, details }: GrpcStatus): OutgoingHttpHeaders {
  return { 'grpc-status': String(code), 'grpc-message': encodeDetails(details) };
}
