// Turns proto/ into src/wire/generated/: one module per package with an interface, a reader, a writer and a codec for
// each message, and each service as data. Reflection is protobufjs's (a development tool only); what is written runs on
// google-protobuf.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';
import { fromRoot } from './lib/paths.mjs';

const protoFolder = fromRoot('proto');

/** Protobuf package to module. A package that is not listed here stops the generator. */
const MODULES = new Map([
  ['google.protobuf', 'google'],
  ['grpc.health.v1', 'health'],
  ['logical', 'logical'],
  ['pb', 'pb'],
  ['plugin', 'plugin'],
  ['pluginutil.multiplexing', 'multiplexing'],
]);

/** JSON inside protobuf is written by hand (struct.ts), since its oneof maps to plain JSON values. */
const STRUCT = 'google.protobuf.Struct';
const HAND_WRITTEN = new Set([STRUCT, 'google.protobuf.Value', 'google.protobuf.ListValue']);

/** How a scalar is typed, what it is when absent, its wire type, and its helpers. */
const SCALARS = {
  bool: { type: 'boolean', absent: 'false', wireType: 0, write: 'writeBool', read: 'reader.readBool()' },
  int32: { type: 'number', absent: '0', wireType: 0, write: 'writeInt32', read: 'reader.readInt32()' },
  uint32: { type: 'number', absent: '0', wireType: 0, write: 'writeUint32', read: 'reader.readUint32()' },
  enum: { type: 'number', absent: '0', wireType: 0, write: 'writeEnum', read: 'reader.readEnum()' },
  int64: { type: 'bigint', absent: '0n', wireType: 0, write: 'writeInt64', read: 'readInt64(reader)' },
  string: { type: 'string', absent: "''", wireType: 2, write: 'writeText', read: 'readText(reader)' },
  bytes: { type: 'Uint8Array', absent: 'noBytes()', wireType: 2, write: 'writeBytes', read: 'reader.readBytes()' },
};

function fail(message) {
  throw new Error(`generate: ${message}`);
}

function loadProtos() {
  const protos = new protobuf.Root();
  // Imports are relative to proto/; google/protobuf/* comes with the library.
  protos.resolvePath = (_, target) => (target.startsWith('google/') ? target : path.resolve(protoFolder, target));
  const files = readdirSync(protoFolder, { recursive: true })
    .filter((file) => file.endsWith('.proto'))
    .sort();
  protos.loadSync(files, { alternateCommentMode: true });
  protos.resolveAll();
  return protos;
}

/** `GRPCBroker` and `grpc_broker` to `grpcBroker`. */
function toCamelCase(name) {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? fail(`odd name ${name}`);
  return words
    .map((word, index) => (index === 0 ? word.toLowerCase() : word[0].toUpperCase() + word.slice(1).toLowerCase()))
    .join('');
}

/** Full name without the leading dot. */
const fullName = (reflected) => reflected.fullName.slice(1);

/** Name of a type within its module; a nested type carries its parent's name. */
function typeName(type) {
  return type.parent instanceof protobuf.Type ? typeName(type.parent) + type.name : type.name;
}

function packageOf(reflected) {
  return reflected.parent instanceof protobuf.Type ? packageOf(reflected.parent) : fullName(reflected.parent);
}

function moduleOf(reflected) {
  return MODULES.get(packageOf(reflected)) ?? fail(`no module for package ${packageOf(reflected)}`);
}

function docLines(comment, indent) {
  if (!comment) return [];
  const lines = comment.split('\n').map((line) => line.trim());
  return lines.length === 1
    ? [`${indent}/** ${lines[0]} */`]
    : [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

/** One generated module: collects its imports while its parts are rendered. */
class Module {
  helpers = new Set();
  otherModules = new Set();

  constructor(name) {
    this.name = name;
  }

  /** A name of `type`'s module, as seen from here: `Secret`, `google.Timestamp`. */
  qualify(type, name) {
    const owner = moduleOf(type);
    if (owner === this.name) return name;
    this.otherModules.add(owner);
    return `${owner}.${name}`;
  }

  /** Code that calls a helper of protobuf-runtime.ts. */
  call(helper, ...args) {
    this.helpers.add(helper);
    return `${helper}(${args.join(', ')})`;
  }

  readScalar(scalar) {
    return scalar.read.startsWith('reader.') ? scalar.read : this.call(scalar.read.split('(')[0], 'reader');
  }

  namesOfMessage(type) {
    if (fullName(type) === STRUCT) return { type: 'JsonObject', read: 'readStruct', write: 'writeStruct' };
    if (HAND_WRITTEN.has(fullName(type))) fail(`${fullName(type)} can only be used inside a Struct`);
    const name = typeName(type);
    return {
      type: this.qualify(type, name),
      read: this.qualify(type, `read${name}`),
      write: this.qualify(type, `write${name}`),
    };
  }

  /** Type, local variable, and code of a field. */
  describe(field) {
    const { name, id } = field;
    const message = field.resolvedType instanceof protobuf.Type ? this.namesOfMessage(field.resolvedType) : undefined;
    const scalar = field.resolvedType instanceof protobuf.Enum ? SCALARS.enum : SCALARS[field.type];
    if (message === undefined && scalar === undefined) fail(`${fullName(field)}: type ${field.type} is not supported`);
    if (field.partOf !== null) fail(`${fullName(field)}: oneof is not supported`);
    const value = `message.${name}`;
    if (field.map) {
      if (field.keyType !== 'string') fail(`${fullName(field)}: map keys must be strings`);
      if (!message && field.type !== 'string') fail(`${fullName(field)}: map values must be strings or messages`);
      const element = message?.type ?? 'string';
      return {
        type: `ReadonlyMap<string, ${element}>`,
        wireType: 2,
        local: `const ${name} = new Map<string, ${element}>();`,
        write: message
          ? this.call('writeNestedMap', 'writer', id, value, message.write)
          : this.call('writeTextMap', 'writer', id, value),
        read: message
          ? this.call('readNestedMapEntry', 'reader', name, message.read)
          : this.call('readTextMapEntry', 'reader', name),
      };
    }
    if (field.repeated) {
      if (!message && scalar.wireType !== 2) fail(`${fullName(field)}: packed fields are not supported`);
      const element = message?.type ?? scalar.type;
      const writeList = field.type === 'string' ? 'writeTexts' : 'writeBytesList';
      return {
        type: `readonly ${element}[]`,
        wireType: 2,
        local: `const ${name}: ${element}[] = [];`,
        write: message
          ? this.call('writeNestedList', 'writer', id, value, message.write)
          : this.call(writeList, 'writer', id, value),
        read: `${name}.push(${message ? this.call('readNested', 'reader', message.read) : this.readScalar(scalar)})`,
      };
    }
    if (message) {
      return {
        type: `${message.type} | undefined`,
        wireType: 2,
        local: `let ${name}: ${message.type} | undefined;`,
        write: this.call('writeNested', 'writer', id, value, message.write),
        read: `${name} = ${this.call('readNested', 'reader', message.read)}`,
      };
    }
    return {
      type: scalar.type,
      wireType: scalar.wireType,
      local: `let ${name} = ${scalar.absent.endsWith('()') ? this.call('noBytes') : scalar.absent};`,
      write: this.call(scalar.write, 'writer', id, value),
      read: `${name} = ${this.readScalar(scalar)}`,
    };
  }

  renderMessage(type) {
    const name = typeName(type);
    const codec = `${toCamelCase(name)}Codec`;
    const fields = type.fieldsArray.toSorted((a, b) => a.id - b.id);
    const create = `export const ${codec}: Codec<${name}> = createCodec('${fullName(type)}', write${name}, read${name});`;
    if (fields.length === 0) {
      return [
        ...docLines(type.comment, ''),
        `export type ${name} = Readonly<Record<never, never>>;`,
        '',
        `export function write${name}(): void {}`,
        '',
        `export function read${name}(reader: Reader): ${name} {`,
        `  ${this.call('skipFields', 'reader')};`,
        '  return {};',
        '}',
        '',
        create,
        '',
      ];
    }
    const described = fields.map((field) => ({ field, code: this.describe(field) }));
    return [
      ...docLines(type.comment, ''),
      `export interface ${name} {`,
      ...described.flatMap(({ field, code }) => [
        ...docLines(field.comment, '  '),
        `  readonly ${field.name}: ${code.type};`,
      ]),
      '}',
      '',
      `export function write${name}(message: PartialMessage<${name}>, writer: Writer): void {`,
      ...described.map(({ code }) => `  ${code.write};`),
      '}',
      '',
      `export function read${name}(reader: Reader): ${name} {`,
      ...described.map(({ code }) => `  ${code.local}`),
      '  while (reader.nextField()) {',
      '    switch (reader.getTag()) {',
      ...described.flatMap(({ field, code }) => [
        `      case ${field.id * 8 + code.wireType}:`,
        `        ${code.read};`,
        '        break;',
      ]),
      '      default:',
      '        reader.skipField();',
      '    }',
      '  }',
      `  return { ${fields.map((field) => field.name).join(', ')} };`,
      '}',
      '',
      create,
      '',
    ];
  }

  renderEnum(enumeration) {
    return [
      ...docLines(enumeration.comment, ''),
      `export const ${typeName(enumeration)} = {`,
      ...Object.entries(enumeration.values).flatMap(([name, number]) => [
        ...docLines(enumeration.comments[name], '  '),
        `  ${toCamelCase(name)}: ${number},`,
      ]),
      '} as const;',
      '',
    ];
  }

  renderService(service) {
    const codecOf = (type) => this.qualify(type, `${toCamelCase(typeName(type))}Codec`);
    return [
      ...docLines(service.comment, ''),
      `export const ${toCamelCase(service.name)}Service = {`,
      ...service.methodsArray.flatMap((method) => [
        ...docLines(method.comment, '  '),
        `  ${toCamelCase(method.name)}: {`,
        `    path: '/${fullName(service)}/${method.name}',`,
        `    requestStream: ${method.requestStream === true},`,
        `    responseStream: ${method.responseStream === true},`,
        `    request: ${codecOf(method.resolvedRequestType)},`,
        `    response: ${codecOf(method.resolvedResponseType)},`,
        '  },',
      ]),
      '} as const satisfies ServiceData;',
      '',
    ];
  }

  render({ messages, enums, services }) {
    const body = [
      ...enums.flatMap((enumeration) => this.renderEnum(enumeration)),
      ...messages.flatMap((type) => this.renderMessage(type)),
      ...services.flatMap((service) => this.renderService(service)),
    ].join('\n');
    const uses = (pattern) => pattern.test(body);
    const codecNames = ['createCodec', 'type Codec', ...(uses(/PartialMessage</) ? ['type PartialMessage'] : [])];
    const runtimeNames = [...this.helpers].sort();
    runtimeNames.push('type Reader', ...(uses(/: Writer\b/) ? ['type Writer'] : []));
    const head = [
      '// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate',
      ...(uses(/\bJsonObject\b/) ? ["import type { JsonObject } from '../../util/json.ts';"] : []),
      `import { ${codecNames.join(', ')} } from '../codec.ts';`,
      `import {\n${runtimeNames.map((name) => `  ${name},\n`).join('')}} from '../protobuf-runtime.ts';`,
      ...(services.length > 0 ? ["import type { ServiceData } from '../service.ts';"] : []),
      ...(uses(/\breadStruct\b/) ? ["import { readStruct, writeStruct } from '../struct.ts';"] : []),
      ...[...this.otherModules].sort().map((name) => `import * as ${name} from './${name}.ts';`),
      '',
    ].join('\n');
    return `${head}\n${body}`;
  }
}

/** Messages, enums and services of each module, in the order of the proto files. */
function collect(protos) {
  const parts = new Map();
  const partsOf = (reflected) => {
    const name = moduleOf(reflected);
    if (!parts.has(name)) parts.set(name, { messages: [], enums: [], services: [] });
    return parts.get(name);
  };
  const used = new Set();
  const visit = (reflected) => {
    if (reflected instanceof protobuf.Service) {
      partsOf(reflected).services.push(reflected);
      for (const method of reflected.methodsArray) {
        used.add(method.resolvedRequestType).add(method.resolvedResponseType);
      }
    } else if (reflected instanceof protobuf.Enum) {
      if (packageOf(reflected) !== 'google.protobuf') partsOf(reflected).enums.push(reflected);
    } else if (reflected instanceof protobuf.Type && packageOf(reflected) !== 'google.protobuf') {
      partsOf(reflected).messages.push(reflected);
      for (const field of reflected.fieldsArray) if (field.resolvedType) used.add(field.resolvedType);
    }
    for (const nested of reflected.nestedArray ?? []) visit(nested);
  };
  visit(protos);
  // Of Google's own types only those that our messages use.
  for (const type of used) {
    if (packageOf(type) === 'google.protobuf' && !HAND_WRITTEN.has(fullName(type))) partsOf(type).messages.push(type);
  }
  return parts;
}

export async function generate() {
  const files = new Map();
  for (const [name, parts] of collect(loadProtos())) {
    files.set(`src/wire/generated/${name}.ts`, new Module(name).render(parts));
  }
  return files;
}
