/** `UnaryCaller` on a connected grpc-js client. */
import { Metadata, type Client as GrpcClient } from '@grpc/grpc-js';
import { InternalError, toError } from '../errors.ts';
import type { PartialMessage } from '../wire/codec.ts';
import { serializerOf } from '../wire/grpc-definition.ts';
import { GrpcStatusError, type UnaryMethodData } from '../wire/service.ts';
import type { HostConnection, UnaryCaller, UnaryCallOptions } from './unary-caller.ts';

/** Takes the channel over: `close` closes it. */
export function openHostConnection(channel: GrpcClient): HostConnection {
  return { caller: createGrpcUnaryCaller(channel), close: () => channel.close() };
}

export function createGrpcUnaryCaller(channel: GrpcClient): UnaryCaller {
  return { call: (method, request, options) => callUnary(channel, method, request, options) };
}

function callUnary<Req, Res>(
  channel: GrpcClient,
  method: UnaryMethodData<Req, Res>,
  request: PartialMessage<Req>,
  { signal, deadline, metadata }: UnaryCallOptions,
): Promise<Res> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const grpcMetadata = new Metadata();
    for (const [key, values] of metadata) for (const value of values) grpcMetadata.add(key, value);
    const call = channel.makeUnaryRequest<PartialMessage<Req>, Res>(
      method.path,
      serializerOf(method.request),
      (bytes) => method.response.decode(bytes),
      request,
      grpcMetadata,
      deadline === undefined ? {} : { deadline },
      (error, response) => {
        signal.removeEventListener('abort', cancel);
        if (signal.aborted) reject(toError(signal.reason));
        else if (error !== null) reject(new GrpcStatusError(error.code, error.details, { cause: error }));
        else if (response === undefined) reject(new InternalError(`${method.path}: no answer`));
        else resolve(response);
      },
    );
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  });
}
