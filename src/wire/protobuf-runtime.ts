/**
 * The only door to google-protobuf: its reader and writer under types that fit version 4 (the published type package
 * describes version 3), and the few field helpers that generated codecs are made of.
 */
import googleProtobuf from 'google-protobuf';

/** The part of google-protobuf's BinaryWriter that is used here. */
export interface Writer {
  writeBool(field: number, value: boolean): void;
  writeInt32(field: number, value: number): void;
  writeUint32(field: number, value: number): void;
  writeEnum(field: number, value: number): void;
  writeInt64(field: number, value: bigint): void;
  writeDouble(field: number, value: number): void;
  writeBytes(field: number, value: Uint8Array): void;
  writeMessage<M>(field: number, message: M, write: (message: M, writer: Writer) => void): void;
  getResultBuffer(): Uint8Array;
}

/**
 * The part of google-protobuf's BinaryReader that is used here. All methods throw when the input is cut short or
 * malformed; `readMessage` also when messages nest deeper than 200.
 */
export interface Reader {
  /** Moves to the next field; false at the end of the message. */
  nextField(): boolean;
  /** Field number times 8 plus wire type. */
  getTag(): number;
  skipField(): void;
  readBool(): boolean;
  readInt32(): number;
  readUint32(): number;
  readEnum(): number;
  readDouble(): number;
  readSplitVarint64<T>(join: (lowBits: number, highBits: number) => T): T;
  readBytes(): Uint8Array;
  readMessage<M>(message: M, read: (message: M, reader: Reader) => void): void;
}

interface Runtime {
  readonly BinaryReader: new (
    bytes: Uint8Array,
    start: undefined,
    length: undefined,
    options: { readonly aliasBytesFields: boolean },
  ) => Reader;
  readonly BinaryWriter: new () => Writer;
}

// The type package is one major version behind what is installed; test/unit/wire judges that this shape holds. The
// classes are looked up at each use, not here: in the bundle that look loads the library.
const runtime = googleProtobuf as unknown as Runtime;

const EMPTY_BYTES = new Uint8Array(0);

export function createWriter(): Writer {
  return new runtime.BinaryWriter();
}

/** Byte fields read from it share memory with `bytes`. */
export function createReader(bytes: Uint8Array): Reader {
  return new runtime.BinaryReader(bytes, undefined, undefined, { aliasBytesFields: true });
}

/** What an absent byte field reads as. */
export function noBytes(): Uint8Array {
  return EMPTY_BYTES;
}

// Scalars: the default value is not written.

export function writeBool(writer: Writer, field: number, value: boolean | undefined): void {
  if (value === true) writer.writeBool(field, true);
}

export function writeInt32(writer: Writer, field: number, value: number | undefined): void {
  if (value !== undefined && value !== 0) writer.writeInt32(field, value);
}

export function writeUint32(writer: Writer, field: number, value: number | undefined): void {
  if (value !== undefined && value !== 0) writer.writeUint32(field, value);
}

export function writeEnum(writer: Writer, field: number, value: number | undefined): void {
  if (value !== undefined && value !== 0) writer.writeEnum(field, value);
}

export function writeInt64(writer: Writer, field: number, value: bigint | undefined): void {
  if (value !== undefined && value !== 0n) writer.writeInt64(field, value);
}

export function writeBytes(writer: Writer, field: number, value: Uint8Array | undefined): void {
  if (value !== undefined && value.length > 0) writer.writeBytes(field, value);
}

export function writeText(writer: Writer, field: number, value: string | undefined): void {
  if (value !== undefined && value !== '') writeTextAlways(writer, field, value);
}

/**
 * Writes even an empty text. An unpaired surrogate becomes U+FFFD; the library's own method would throw, and an error
 * message must never make an answer fail.
 */
function writeTextAlways(writer: Writer, field: number, value: string): void {
  writer.writeBytes(field, Buffer.from(value, 'utf8'));
}

export function writeTexts(writer: Writer, field: number, values: readonly string[] | undefined): void {
  for (const value of values ?? []) writeTextAlways(writer, field, value);
}

export function writeBytesList(writer: Writer, field: number, values: readonly Uint8Array[] | undefined): void {
  for (const value of values ?? []) writer.writeBytes(field, value);
}

export function writeNested<M>(
  writer: Writer,
  field: number,
  message: M | undefined,
  write: (message: M, writer: Writer) => void,
): void {
  if (message !== undefined) writer.writeMessage(field, message, write);
}

export function writeNestedList<M>(
  writer: Writer,
  field: number,
  messages: readonly M[] | undefined,
  write: (message: M, writer: Writer) => void,
): void {
  for (const message of messages ?? []) writer.writeMessage(field, message, write);
}

export function writeTextMap(writer: Writer, field: number, map: ReadonlyMap<string, string> | undefined): void {
  for (const entry of map ?? []) writer.writeMessage(field, entry, writeTextMapEntry);
}

function writeTextMapEntry([key, value]: readonly [string, string], writer: Writer): void {
  writeTextAlways(writer, 1, key);
  writeTextAlways(writer, 2, value);
}

export function writeNestedMap<M>(
  writer: Writer,
  field: number,
  map: ReadonlyMap<string, M> | undefined,
  write: (message: M, writer: Writer) => void,
): void {
  for (const entry of map ?? []) {
    writer.writeMessage(field, entry, ([key, message]) => {
      writeTextAlways(writer, 1, key);
      writer.writeMessage(2, message, write);
    });
  }
}

export function readInt64(reader: Reader): bigint {
  return reader.readSplitVarint64(joinInt64);
}

function joinInt64(lowBits: number, highBits: number): bigint {
  return highBits === 0 ? BigInt(lowBits) : BigInt.asIntN(64, (BigInt(highBits) << 32n) | BigInt(lowBits));
}

/** The library's own method would drop a leading U+FEFF. */
export function readText(reader: Reader): string {
  const { buffer, byteOffset, byteLength } = reader.readBytes();
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

export function readNested<M>(reader: Reader, read: (reader: Reader) => M): M {
  const box: { message?: M } = {};
  reader.readMessage(box, (target, nested) => {
    target.message = read(nested);
  });
  // readMessage either called back or threw.
  return box.message as M;
}

export function readTextMapEntry(reader: Reader, map: Map<string, string>): void {
  let key = '';
  let value = '';
  reader.readMessage(map, (_, entry) => {
    while (entry.nextField()) {
      const tag = entry.getTag();
      if (tag === 10) key = readText(entry);
      else if (tag === 18) value = readText(entry);
      else entry.skipField();
    }
  });
  map.set(key, value);
}

/** An entry without a value is an entry with an empty message. */
export function readNestedMapEntry<M>(reader: Reader, map: Map<string, M>, read: (reader: Reader) => M): void {
  let key = '';
  let message: M | undefined;
  reader.readMessage(map, (_, entry) => {
    while (entry.nextField()) {
      const tag = entry.getTag();
      if (tag === 10) key = readText(entry);
      else if (tag === 18) message = readNested(entry, read);
      else entry.skipField();
    }
  });
  map.set(key, message ?? read(createReader(EMPTY_BYTES)));
}

/** Reads over what is left of a message. */
export function skipFields(reader: Reader): void {
  while (reader.nextField()) reader.skipField();
}
