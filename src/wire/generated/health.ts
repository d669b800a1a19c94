// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate
import { createCodec, type Codec, type PartialMessage } from '../codec.ts';
import {
  readText,
  writeEnum,
  writeText,
  type Reader,
  type Writer,
} from '../protobuf-runtime.ts';
import type { ServiceData } from '../service.ts';

export const HealthCheckResponseServingStatus = {
  unknown: 0,
  serving: 1,
  notServing: 2,
  /** Only in answers of Watch. */
  serviceUnknown: 3,
} as const;

export interface HealthCheckRequest {
  readonly service: string;
}

export function writeHealthCheckRequest(message: PartialMessage<HealthCheckRequest>, writer: Writer): void {
  writeText(writer, 1, message.service);
}

export function readHealthCheckRequest(reader: Reader): HealthCheckRequest {
  let service = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        service = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { service };
}

export const healthCheckRequestCodec: Codec<HealthCheckRequest> = createCodec('grpc.health.v1.HealthCheckRequest', writeHealthCheckRequest, readHealthCheckRequest);

export interface HealthCheckResponse {
  readonly status: number;
}

export function writeHealthCheckResponse(message: PartialMessage<HealthCheckResponse>, writer: Writer): void {
  writeEnum(writer, 1, message.status);
}

export function readHealthCheckResponse(reader: Reader): HealthCheckResponse {
  let status = 0;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        status = reader.readEnum();
        break;
      default:
        reader.skipField();
    }
  }
  return { status };
}

export const healthCheckResponseCodec: Codec<HealthCheckResponse> = createCodec('grpc.health.v1.HealthCheckResponse', writeHealthCheckResponse, readHealthCheckResponse);

export const healthService = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    request: healthCheckRequestCodec,
    response: healthCheckResponseCodec,
  },
  watch: {
    path: '/grpc.health.v1.Health/Watch',
    requestStream: false,
    responseStream: true,
    request: healthCheckRequestCodec,
    response: healthCheckResponseCodec,
  },
} as const satisfies ServiceData;
