/** proto-loader as the independent second opinion on proto/, and random messages to try on both. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { loadSync, type MessageTypeDefinition, type MethodDefinition } from '@grpc/proto-loader';
import fc from 'fast-check';
import type { AnyCodec } from '../../src/wire/codec.ts';
import * as google from '../../src/wire/generated/google.ts';
import * as health from '../../src/wire/generated/health.ts';
import * as logical from '../../src/wire/generated/logical.ts';
import * as multiplexing from '../../src/wire/generated/multiplexing.ts';
import * as pb from '../../src/wire/generated/pb.ts';
import * as plugin from '../../src/wire/generated/plugin.ts';
import type { ServiceData } from '../../src/wire/service.ts';

export type PeerMessage = MessageTypeDefinition<object, object>;
export type PeerService = Record<string, MethodDefinition<object, object>>;

/** The fields of a descriptor that are looked at here. */
interface FieldDescriptor {
  readonly name: string;
  /** For example `TYPE_INT64`. */
  readonly type: string;
  readonly label: string;
  /** Full or relative name of a message or enum; '' for scalars. */
  readonly typeName: string;
}

interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly MessageDescriptor[];
  readonly options?: { readonly mapEntry?: boolean } | null;
}

const protoFolder = path.resolve(import.meta.dirname, '../../../proto');

const definitions = loadSync(
  readdirSync(protoFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.proto')),
  {
    includeDirs: [protoFolder],
    longs: String,
    enums: Number,
    bytes: Buffer,
    defaults: true,
    objects: true,
    arrays: true,
  },
);

/** Every message of proto/ by full name, nested ones and Google's own included. */
export const peerMessages = new Map<string, PeerMessage>();
/** Every service of proto/ by full name. */
export const peerServices = new Map<string, PeerService>();
for (const [name, definition] of Object.entries(definitions)) {
  if ('serialize' in definition && typeof definition.serialize === 'function') {
    peerMessages.set(name, definition as PeerMessage);
  } else if (!('format' in definition)) {
    peerServices.set(name, definition);
  }
}

/** Our codecs by full message name. */
export const ourCodecs = new Map<string, AnyCodec>();
/** Our services by the path in front of the method name, for example `/pb.Backend/`. */
export const ourServices = new Map<string, ServiceData>();
for (const module of [google, health, logical, multiplexing, pb, plugin]) {
  for (const [name, value] of Object.entries(module)) {
    if (name.endsWith('Codec')) {
      const codec = value as AnyCodec;
      ourCodecs.set(codec.name, codec);
    }
    if (name.endsWith('Service')) {
      const service = value as unknown as ServiceData;
      ourServices.set(Object.values(service)[0]!.path.replace(/[^/]+$/, ''), service);
    }
  }
}

type Plain = Record<string, unknown>;

/** A random message of ours, and the same message as the peer wants and gives it. */
export interface Pair {
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Random text: all of Unicode, now and then a byte order mark in front. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string().map((tail) => `\uFEFF${tail}`),
);
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, -1n, 2n ** 53n, -(2n ** 53n) - 1n, 2n ** 32n, -(2n ** 32n), 2n ** 31n),
);
const same = (value: unknown): Pair => ({ ours: value, theirs: value });

const SCALARS: Readonly<Record<string, fc.Arbitrary<Pair>>> = {
  TYPE_STRING: text.map(same),
  TYPE_BOOL: fc.boolean().map(same),
  TYPE_INT32: fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)).map(same),
  TYPE_UINT32: fc.oneof(fc.nat(), fc.constantFrom(2 ** 32 - 1, 2 ** 31)).map(same),
  TYPE_ENUM: fc.nat(3).map(same),
  TYPE_INT64: int64.map((value) => ({ ours: value, theirs: String(value) })),
  TYPE_BYTES: fc.uint8Array({ maxLength: 40 }).map((value) => ({ ours: value, theirs: Buffer.from(value) })),
};

/** JSON as the peer's google.protobuf.Value. */
function toPeerValue(value: unknown): Plain {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toPeerValue) } };
  return { structValue: toPeerStruct(value as Plain) };
}

function toPeerStruct(value: Plain): Plain {
  return { fields: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toPeerValue(member)])) };
}

// The peer keeps maps in plain objects and cannot hold this key.
const mapKey = text.filter((key) => key !== '__proto__');

const struct: fc.Arbitrary<Pair> = fc
  .dictionary(mapKey, fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }), { maxKeys: 5 })
  .map(
    (object) => JSON.parse(JSON.stringify(object).replaceAll('-0', '0').replaceAll('"__proto__"', '"proto"')) as Plain,
  )
  .map((value) => ({ ours: value, theirs: toPeerStruct(value) }));

/** What a field's type is called where the field is, and how it looks. */
interface Scope {
  readonly name: string;
  readonly descriptor: MessageDescriptor;
}

function scopeOf(name: string): Scope {
  return { name, descriptor: peerMessages.get(name)!.type as MessageDescriptor };
}

/** Type names are relative: first the message's own nested types, then from the innermost package outwards. */
function resolve(typeName: string, scope: Scope): Scope {
  const nested = scope.descriptor.nestedType.find((candidate) => candidate.name === typeName);
  if (nested !== undefined) return { name: `${scope.name}.${typeName}`, descriptor: nested };
  if (typeName.startsWith('.')) return scopeOf(typeName.slice(1));
  for (let prefix = scope.name; prefix !== ''; prefix = prefix.slice(0, Math.max(prefix.lastIndexOf('.'), 0))) {
    if (peerMessages.has(`${prefix}.${typeName}`)) return scopeOf(`${prefix}.${typeName}`);
  }
  return scopeOf(typeName);
}

function arbitraryOfField(field: FieldDescriptor, scope: Scope): fc.Arbitrary<Pair> {
  const isRepeated = field.label === 'LABEL_REPEATED';
  const message = field.type === 'TYPE_MESSAGE' ? resolve(field.typeName, scope) : undefined;
  if (message?.descriptor.options?.mapEntry === true) {
    const valueField = message.descriptor.field.find((candidate) => candidate.name === 'value')!;
    const value =
      valueField.type === 'TYPE_MESSAGE'
        ? arbitraryInScope(resolve(valueField.typeName, scope))
        : SCALARS[valueField.type]!;
    return fc.uniqueArray(fc.tuple(mapKey, value), { maxLength: 3, selector: ([key]) => key }).map((entries) => ({
      ours: new Map(entries.map(([key, pair]) => [key, pair.ours])),
      theirs: Object.fromEntries(entries.map(([key, pair]) => [key, pair.theirs])),
    }));
  }
  const element = message === undefined ? SCALARS[field.type]! : arbitraryInScope(message);
  if (isRepeated) {
    return fc
      .array(element, { maxLength: 3 })
      .map((pairs) => ({ ours: pairs.map((pair) => pair.ours), theirs: pairs.map((pair) => pair.theirs) }));
  }
  return message === undefined ? element : fc.option(element, { nil: { ours: undefined, theirs: null } });
}

function arbitraryInScope(scope: Scope): fc.Arbitrary<Pair> {
  if (scope.name === 'google.protobuf.Struct') return struct;
  const fields = scope.descriptor.field.map((field) => [field.name, arbitraryOfField(field, scope)] as const);
  return fc.tuple(...fields.map(([, arbitrary]) => arbitrary)).map((pairs) => ({
    ours: Object.fromEntries(pairs.map((pair, index) => [fields[index]![0], pair.ours])),
    theirs: Object.fromEntries(pairs.map((pair, index) => [fields[index]![0], pair.theirs])),
  }));
}

/** Random messages of the given full name. */
export function arbitraryOfMessage(name: string): fc.Arbitrary<Pair> {
  return arbitraryInScope(scopeOf(name));
}
