// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate
import { createCodec, type Codec, type PartialMessage } from '../codec.ts';
import {
  readInt64,
  skipFields,
  writeInt32,
  writeInt64,
  type Reader,
  type Writer,
} from '../protobuf-runtime.ts';

export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

export function writeTimestamp(message: PartialMessage<Timestamp>, writer: Writer): void {
  writeInt64(writer, 1, message.seconds);
  writeInt32(writer, 2, message.nanos);
}

export function readTimestamp(reader: Reader): Timestamp {
  let seconds = 0n;
  let nanos = 0;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        seconds = readInt64(reader);
        break;
      case 16:
        nanos = reader.readInt32();
        break;
      default:
        reader.skipField();
    }
  }
  return { seconds, nanos };
}

export const timestampCodec: Codec<Timestamp> = createCodec('google.protobuf.Timestamp', writeTimestamp, readTimestamp);

export type Empty = Readonly<Record<never, never>>;

export function writeEmpty(): void {}

export function readEmpty(reader: Reader): Empty {
  skipFields(reader);
  return {};
}

export const emptyCodec: Codec<Empty> = createCodec('google.protobuf.Empty', writeEmpty, readEmpty);
