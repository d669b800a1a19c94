/** gRPC's messages in a stream of bytes: each behind a flag and its length. Source: gRPC over HTTP/2. */
import { GrpcCode, GrpcStatusError } from '../wire/service.ts';

/** One byte that says whether the message is compressed, four with its length. */
const PREFIX_BYTES = 5;

/** The message as it goes into the stream. */
export function frameMessage(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Puts messages together from the pieces of a stream. No limit: the caller is the host, and requests may be large. */
export class MessageReader {
  #pieces: Buffer[] = [];
  #length = 0;
  /** Below it there is nothing to look for. */
  #wanted = PREFIX_BYTES;

  /**
   * The messages that end in `piece`. They share memory with the pieces.
   * @throws GrpcStatusError (UNIMPLEMENTED) for a compressed one: we offer no compression.
   */
  read(piece: Buffer): Buffer[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const messages: Buffer[] = [];
    while (this.#length >= this.#wanted) {
      const bytes = this.#join();
      if (bytes[0] !== 0) throw new GrpcStatusError(GrpcCode.unimplemented, 'compressed messages are not supported');
      const end = PREFIX_BYTES + bytes.readUInt32BE(1);
      if (bytes.length < end) {
        this.#wanted = end;
        break;
      }
      messages.push(bytes.subarray(PREFIX_BYTES, end));
      this.#keep(bytes.subarray(end));
    }
    return messages;
  }

  #join(): Buffer {
    const [first] = this.#pieces;
    const bytes = first !== undefined && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }

  #keep(rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#wanted = PREFIX_BYTES;
  }
}
