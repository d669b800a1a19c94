// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate
import { createCodec, type Codec, type PartialMessage } from '../codec.ts';
import {
  skipFields,
  writeBool,
  type Reader,
  type Writer,
} from '../protobuf-runtime.ts';
import type { ServiceData } from '../service.ts';

export type MultiplexingSupportRequest = Readonly<Record<never, never>>;

export function writeMultiplexingSupportRequest(): void {}

export function readMultiplexingSupportRequest(reader: Reader): MultiplexingSupportRequest {
  skipFields(reader);
  return {};
}

export const multiplexingSupportRequestCodec: Codec<MultiplexingSupportRequest> = createCodec('pluginutil.multiplexing.MultiplexingSupportRequest', writeMultiplexingSupportRequest, readMultiplexingSupportRequest);

export interface MultiplexingSupportResponse {
  readonly supported: boolean;
}

export function writeMultiplexingSupportResponse(message: PartialMessage<MultiplexingSupportResponse>, writer: Writer): void {
  writeBool(writer, 1, message.supported);
}

export function readMultiplexingSupportResponse(reader: Reader): MultiplexingSupportResponse {
  let supported = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        supported = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { supported };
}

export const multiplexingSupportResponseCodec: Codec<MultiplexingSupportResponse> = createCodec('pluginutil.multiplexing.MultiplexingSupportResponse', writeMultiplexingSupportResponse, readMultiplexingSupportResponse);

export const pluginMultiplexingService = {
  multiplexingSupport: {
    path: '/pluginutil.multiplexing.PluginMultiplexing/MultiplexingSupport',
    requestStream: false,
    responseStream: false,
    request: multiplexingSupportRequestCodec,
    response: multiplexingSupportResponseCodec,
  },
} as const satisfies ServiceData;
