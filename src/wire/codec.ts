/** What a message codec is. The codecs themselves are generated from proto/ into generated/. */
import { errorMessage, InternalError } from '../errors.ts';
import { createReader, createWriter, type Reader, type Writer } from './protobuf-runtime.ts';

/**
 * A message to be encoded: every field may be left out and then has its default ('', 0, 0n, false, empty; an absent
 * sub-message stays absent).
 */
export type PartialMessage<M> = string extends keyof M
  ? // An index signature marks a JSON object (google.protobuf.Struct), which has no defaults.
    M
  : { readonly [F in keyof M]?: PartialField<M[F]> | undefined };

type PartialField<V> = V extends string | number | bigint | boolean | Uint8Array
  ? V
  : V extends ReadonlyMap<infer K, infer E>
    ? ReadonlyMap<K, PartialField<E>>
    : V extends readonly (infer E)[]
      ? readonly PartialField<E>[]
      : V extends object
        ? PartialMessage<V>
        : V;

/** A codec of whatever message. Methods, not function properties: every `Codec<M>` must fit. */
export interface AnyCodec {
  /** Full protobuf name, for example `pb.Request`. */
  readonly name: string;
  encode(message: object): Uint8Array;
  decode(bytes: Uint8Array): object;
}

export interface Codec<M> {
  /** Full protobuf name, for example `pb.Request`. */
  readonly name: string;
  /** @throws InternalError when a number does not fit its field. */
  encode(message: PartialMessage<M>): Uint8Array;
  /**
   * Unknown fields, and known ones with an unexpected wire type, are skipped. Of a sub-message that comes twice the
   * last one counts. Byte fields share memory with `bytes`.
   * @throws InternalError when `bytes` is cut short, malformed, or nests deeper than 200 messages.
   */
  decode(bytes: Uint8Array): M;
}

export function createCodec<M>(
  name: string,
  write: (message: PartialMessage<M>, writer: Writer) => void,
  read: (reader: Reader) => M,
): Codec<M> {
  return {
    name,
    encode: (message) => {
      const writer = createWriter();
      try {
        write(message, writer);
        return writer.getResultBuffer();
      } catch (error) {
        throw new InternalError(`cannot encode ${name}: ${errorMessage(error)}`, { cause: error });
      }
    },
    decode: (bytes) => {
      try {
        return read(createReader(bytes));
      } catch (error) {
        throw new InternalError(`cannot decode ${name}: ${errorMessage(error)}`, { cause: error });
      }
    },
  };
}

/** Loads what codecs run on, which the bundle puts off until its first use. Call it when the handshake is out. */
export function warmUpCodecs(): void {
  createWriter();
}
