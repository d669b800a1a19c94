/** google.protobuf.Struct, Value and ListValue: JSON inside protobuf, read into and written from plain JSON values. */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../util/json.ts';
import { createCodec, type Codec } from './codec.ts';
import { readNested, readText, type Reader, type Writer } from './protobuf-runtime.ts';

/** Also encodes each of its values; `undefined` members are an error. */
export function writeStruct(message: JsonObject, writer: Writer): void {
  for (const entry of Object.entries(message)) writer.writeMessage(1, entry, writeStructEntry);
}

function writeStructEntry([name, value]: readonly [string, JsonValue], writer: Writer): void {
  writer.writeBytes(1, Buffer.from(name, 'utf8'));
  writer.writeMessage(2, [value] as const, writeValue);
}

function writeListValue(values: readonly JsonValue[], writer: Writer): void {
  for (const value of values) writer.writeMessage(1, [value] as const, writeValue);
}

/**
 * The members of Value are a oneof: the chosen one is written even when it is the default. The value comes boxed, since
 * the writer leaves a null message out.
 */
function writeValue([value]: readonly [JsonValue], writer: Writer): void {
  if (value === null) writer.writeEnum(1, 0);
  else if (typeof value === 'number') writer.writeDouble(2, value);
  else if (typeof value === 'string') writer.writeBytes(3, Buffer.from(value, 'utf8'));
  else if (typeof value === 'boolean') writer.writeBool(4, value);
  else if (isJsonArray(value)) writer.writeMessage(6, value, writeListValue);
  else if (isJsonObject(value)) writer.writeMessage(5, value, writeStruct);
}

/** Of a name that comes twice the last one counts. */
export function readStruct(reader: Reader): JsonObject {
  const members = new Map<string, JsonValue>();
  while (reader.nextField()) {
    if (reader.getTag() !== 10) {
      reader.skipField();
      continue;
    }
    const [name, value] = readNested(reader, readStructEntry);
    members.set(name, value);
  }
  // fromEntries defines own properties, `__proto__` included.
  return Object.fromEntries(members);
}

function readStructEntry(reader: Reader): readonly [string, JsonValue] {
  let name = '';
  let value: JsonValue = null;
  while (reader.nextField()) {
    const tag = reader.getTag();
    if (tag === 10) name = readText(reader);
    else if (tag === 18) value = readNested(reader, readValue);
    else reader.skipField();
  }
  return [name, value];
}

function readListValue(reader: Reader): readonly JsonValue[] {
  const values: JsonValue[] = [];
  while (reader.nextField()) {
    if (reader.getTag() === 10) values.push(readNested(reader, readValue));
    else reader.skipField();
  }
  return values;
}

/** A Value without a member reads as null. */
function readValue(reader: Reader): JsonValue {
  let value: JsonValue = null;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        reader.readEnum();
        value = null;
        break;
      case 17:
        value = reader.readDouble();
        break;
      case 26:
        value = readText(reader);
        break;
      case 32:
        value = reader.readBool();
        break;
      case 42:
        value = readNested(reader, readStruct);
        break;
      case 50:
        value = readNested(reader, readListValue);
        break;
      default:
        reader.skipField();
    }
  }
  return value;
}

/** Nests at most 66 deep when decoding: each level of JSON is three messages. */
export const structCodec: Codec<JsonObject> = createCodec('google.protobuf.Struct', writeStruct, readStruct);
