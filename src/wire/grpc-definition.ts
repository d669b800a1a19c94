/** Services as grpc-js wants them. Types only of grpc-js: nothing of it is loaded here. */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import type { AnyMethodData, ServiceData } from './service.ts';

/** Keyed as `service` is, for example `handleRequest`. */
export function toGrpcServiceDefinition(service: ServiceData): ServiceDefinition {
  return Object.fromEntries(Object.entries(service).map(([name, method]) => [name, toGrpcMethodDefinition(method)]));
}

export function toGrpcMethodDefinition(method: AnyMethodData): MethodDefinition<object, object> {
  return {
    path: method.path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: serializerOf(method.request),
    requestDeserialize: (bytes) => method.request.decode(bytes),
    responseSerialize: serializerOf(method.response),
    responseDeserialize: (bytes) => method.response.decode(bytes),
  };
}

/** grpc-js wants a Buffer; this one shares the encoded bytes. */
export function serializerOf<M>(codec: { encode(message: M): Uint8Array }): (message: M) => Buffer {
  return (message) => {
    const bytes = codec.encode(message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
