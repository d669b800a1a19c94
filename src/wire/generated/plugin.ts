// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate
import { createCodec, type Codec, type PartialMessage } from '../codec.ts';
import {
  noBytes,
  readNested,
  readText,
  skipFields,
  writeBool,
  writeBytes,
  writeEnum,
  writeNested,
  writeText,
  writeUint32,
  type Reader,
  type Writer,
} from '../protobuf-runtime.ts';
import type { ServiceData } from '../service.ts';
import * as google from './google.ts';

export const StdioDataChannel = {
  invalid: 0,
  stdout: 1,
  stderr: 2,
} as const;

export type Empty = Readonly<Record<never, never>>;

export function writeEmpty(): void {}

export function readEmpty(reader: Reader): Empty {
  skipFields(reader);
  return {};
}

export const emptyCodec: Codec<Empty> = createCodec('plugin.Empty', writeEmpty, readEmpty);

/** Announces a socket (or, with a knock, asks for one) under an id that both sides know. */
export interface ConnInfo {
  readonly serviceId: number;
  /** "unix" or "tcp". */
  readonly network: string;
  /** Absolute socket path, or host:port. */
  readonly address: string;
  readonly knock: ConnInfoKnock | undefined;
}

export function writeConnInfo(message: PartialMessage<ConnInfo>, writer: Writer): void {
  writeUint32(writer, 1, message.serviceId);
  writeText(writer, 2, message.network);
  writeText(writer, 3, message.address);
  writeNested(writer, 4, message.knock, writeConnInfoKnock);
}

export function readConnInfo(reader: Reader): ConnInfo {
  let serviceId = 0;
  let network = '';
  let address = '';
  let knock: ConnInfoKnock | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        serviceId = reader.readUint32();
        break;
      case 18:
        network = readText(reader);
        break;
      case 26:
        address = readText(reader);
        break;
      case 34:
        knock = readNested(reader, readConnInfoKnock);
        break;
      default:
        reader.skipField();
    }
  }
  return { serviceId, network, address, knock };
}

export const connInfoCodec: Codec<ConnInfo> = createCodec('plugin.ConnInfo', writeConnInfo, readConnInfo);

/** Only with broker multiplexing (containers). */
export interface ConnInfoKnock {
  readonly knock: boolean;
  readonly ack: boolean;
  readonly error: string;
}

export function writeConnInfoKnock(message: PartialMessage<ConnInfoKnock>, writer: Writer): void {
  writeBool(writer, 1, message.knock);
  writeBool(writer, 2, message.ack);
  writeText(writer, 3, message.error);
}

export function readConnInfoKnock(reader: Reader): ConnInfoKnock {
  let knock = false;
  let ack = false;
  let error = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        knock = reader.readBool();
        break;
      case 16:
        ack = reader.readBool();
        break;
      case 26:
        error = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { knock, ack, error };
}

export const connInfoKnockCodec: Codec<ConnInfoKnock> = createCodec('plugin.ConnInfo.Knock', writeConnInfoKnock, readConnInfoKnock);

export interface StdioData {
  readonly channel: number;
  readonly data: Uint8Array;
}

export function writeStdioData(message: PartialMessage<StdioData>, writer: Writer): void {
  writeEnum(writer, 1, message.channel);
  writeBytes(writer, 2, message.data);
}

export function readStdioData(reader: Reader): StdioData {
  let channel = 0;
  let data = noBytes();
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        channel = reader.readEnum();
        break;
      case 18:
        data = reader.readBytes();
        break;
      default:
        reader.skipField();
    }
  }
  return { channel, data };
}

export const stdioDataCodec: Codec<StdioData> = createCodec('plugin.StdioData', writeStdioData, readStdioData);

/** One stream for the life of the process, opened by the host right after connecting. */
export const grpcBrokerService = {
  startStream: {
    path: '/plugin.GRPCBroker/StartStream',
    requestStream: true,
    responseStream: true,
    request: connInfoCodec,
    response: connInfoCodec,
  },
} as const satisfies ServiceData;

export const grpcControllerService = {
  /** Answered at once; the process ends within two seconds. */
  shutdown: {
    path: '/plugin.GRPCController/Shutdown',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: emptyCodec,
  },
} as const satisfies ServiceData;

export const grpcStdioService = {
  streamStdio: {
    path: '/plugin.GRPCStdio/StreamStdio',
    requestStream: false,
    responseStream: true,
    request: google.emptyCodec,
    response: stdioDataCodec,
  },
} as const satisfies ServiceData;
