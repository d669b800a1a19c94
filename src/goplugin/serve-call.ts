/** Runs the handlers of bound services (wire/service.ts) on incoming calls: messages in, answers or a status out. */
import type { ServerHttp2Stream } from 'node:http2';
import { GrpcCode, GrpcStatusError, type AnyMessageSink, type BoundMethod } from '../wire/service.ts';
import type { GrpcCall } from './grpc-call.ts';
import { toGrpcStatus } from './grpc-status.ts';
import { MessageReader } from './message-frames.ts';
import { createMessageQueue } from './message-queue.ts';

/** Unary calls that wait for their answer; a crash answers them before the process ends. */
export type PendingCalls = Set<GrpcCall>;

type MethodOf<K extends BoundMethod['kind']> = Extract<BoundMethod, { readonly kind: K }>;

/** Answers the call whatever happens. Never throws. */
export function serveCall(call: GrpcCall, stream: ServerHttp2Stream, method: BoundMethod, pending: PendingCalls): void {
  switch (method.kind) {
    case 'unary':
      readOne(call, stream, method, (request) => {
        pending.add(call);
        void answerUnary(call, method, request, pending);
      });
      break;
    case 'serverStream':
      readOne(call, stream, method, (request) => {
        void finishAfter(call, async () => method.handle(request, call, answersOf(call, method)));
      });
      break;
    case 'bidiStream':
      serveBidiStream(call, stream, method);
      break;
  }
}

async function answerUnary(
  call: GrpcCall,
  method: MethodOf<'unary'>,
  request: object,
  pending: PendingCalls,
): Promise<void> {
  try {
    call.answer(method.data.response.encode(await method.handle(request, call)));
  } catch (error) {
    call.finish(toGrpcStatus(error));
  } finally {
    pending.delete(call);
  }
}

function serveBidiStream(call: GrpcCall, stream: ServerHttp2Stream, method: MethodOf<'bidiStream'>): void {
  const requests = createMessageQueue<object>();
  readMessages(call, stream, method, requests.push);
  stream.on('end', requests.end);
  call.onAbort(requests.end);
  void finishAfter(call, async () => method.handle(requests, call, answersOf(call, method)));
}

async function finishAfter(call: GrpcCall, handle: () => Promise<void>): Promise<void> {
  try {
    await handle();
    call.finish({ code: GrpcCode.ok, details: '' });
  } catch (error) {
    call.finish(toGrpcStatus(error));
  }
}

function answersOf(call: GrpcCall, { data }: BoundMethod): AnyMessageSink {
  return {
    write: (message) => {
      if (!call.isEnded) call.write(data.response.encode(message));
    },
  };
}

/** Calls `start` with the one message, as soon as it is there. */
function readOne(
  call: GrpcCall,
  stream: ServerHttp2Stream,
  method: BoundMethod,
  start: (request: object) => void,
): void {
  let isStarted = false;
  readMessages(call, stream, method, (request) => {
    if (isStarted || call.isEnded) return;
    isStarted = true;
    start(request);
  });
  stream.on('end', () => {
    if (!isStarted) call.finish({ code: GrpcCode.invalidArgument, details: 'the call carries no message' });
  });
}

function readMessages(
  call: GrpcCall,
  stream: ServerHttp2Stream,
  { data }: BoundMethod,
  take: (message: object) => void,
): void {
  const reader = new MessageReader();
  stream.on('data', (piece: Buffer) => {
    if (call.isEnded) return;
    try {
      for (const message of reader.read(piece)) take(data.request.decode(message));
    } catch (error) {
      const isStatus = error instanceof GrpcStatusError;
      call.finish(isStatus ? toGrpcStatus(error) : { code: GrpcCode.internal, details: 'the message cannot be read' });
    }
  });
}
