// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate
import type { JsonObject } from '../../util/json.ts';
import { createCodec, type Codec, type PartialMessage } from '../codec.ts';
import {
  readNested,
  readText,
  readTextMapEntry,
  skipFields,
  writeBool,
  writeNested,
  writeNestedList,
  writeText,
  writeTextMap,
  writeTexts,
  type Reader,
  type Writer,
} from '../protobuf-runtime.ts';
import type { ServiceData } from '../service.ts';
import { readStruct, writeStruct } from '../struct.ts';
import * as google from './google.ts';

export type Empty = Readonly<Record<never, never>>;

export function writeEmpty(): void {}

export function readEmpty(reader: Reader): Empty {
  skipFields(reader);
  return {};
}

export const emptyCodec: Codec<Empty> = createCodec('logical.Empty', writeEmpty, readEmpty);

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly Alias[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly disabled: boolean;
  readonly namespaceId: string;
}

export function writeEntity(message: PartialMessage<Entity>, writer: Writer): void {
  writeText(writer, 1, message.id);
  writeText(writer, 2, message.name);
  writeNestedList(writer, 3, message.aliases, writeAlias);
  writeTextMap(writer, 4, message.metadata);
  writeBool(writer, 5, message.disabled);
  writeText(writer, 6, message.namespaceId);
}

export function readEntity(reader: Reader): Entity {
  let id = '';
  let name = '';
  const aliases: Alias[] = [];
  const metadata = new Map<string, string>();
  let disabled = false;
  let namespaceId = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        id = readText(reader);
        break;
      case 18:
        name = readText(reader);
        break;
      case 26:
        aliases.push(readNested(reader, readAlias));
        break;
      case 34:
        readTextMapEntry(reader, metadata);
        break;
      case 40:
        disabled = reader.readBool();
        break;
      case 50:
        namespaceId = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { id, name, aliases, metadata, disabled, namespaceId };
}

export const entityCodec: Codec<Entity> = createCodec('logical.Entity', writeEntity, readEntity);

export interface Alias {
  readonly mountType: string;
  readonly mountAccessor: string;
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly id: string;
  readonly namespaceId: string;
  readonly customMetadata: ReadonlyMap<string, string>;
  readonly local: boolean;
}

export function writeAlias(message: PartialMessage<Alias>, writer: Writer): void {
  writeText(writer, 1, message.mountType);
  writeText(writer, 2, message.mountAccessor);
  writeText(writer, 3, message.name);
  writeTextMap(writer, 4, message.metadata);
  writeText(writer, 5, message.id);
  writeText(writer, 6, message.namespaceId);
  writeTextMap(writer, 7, message.customMetadata);
  writeBool(writer, 8, message.local);
}

export function readAlias(reader: Reader): Alias {
  let mountType = '';
  let mountAccessor = '';
  let name = '';
  const metadata = new Map<string, string>();
  let id = '';
  let namespaceId = '';
  const customMetadata = new Map<string, string>();
  let local = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        mountType = readText(reader);
        break;
      case 18:
        mountAccessor = readText(reader);
        break;
      case 26:
        name = readText(reader);
        break;
      case 34:
        readTextMapEntry(reader, metadata);
        break;
      case 42:
        id = readText(reader);
        break;
      case 50:
        namespaceId = readText(reader);
        break;
      case 58:
        readTextMapEntry(reader, customMetadata);
        break;
      case 64:
        local = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { mountType, mountAccessor, name, metadata, id, namespaceId, customMetadata, local };
}

export const aliasCodec: Codec<Alias> = createCodec('logical.Alias', writeAlias, readAlias);

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly namespaceId: string;
}

export function writeGroup(message: PartialMessage<Group>, writer: Writer): void {
  writeText(writer, 1, message.id);
  writeText(writer, 2, message.name);
  writeTextMap(writer, 3, message.metadata);
  writeText(writer, 4, message.namespaceId);
}

export function readGroup(reader: Reader): Group {
  let id = '';
  let name = '';
  const metadata = new Map<string, string>();
  let namespaceId = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        id = readText(reader);
        break;
      case 18:
        name = readText(reader);
        break;
      case 26:
        readTextMapEntry(reader, metadata);
        break;
      case 34:
        namespaceId = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { id, name, metadata, namespaceId };
}

export const groupCodec: Codec<Group> = createCodec('logical.Group', writeGroup, readGroup);

/** Versions of the host; the first without a leading "v", for example "1.21.0". */
export interface PluginEnvironment {
  readonly hostVersion: string;
  readonly hostVersionPrerelease: string;
  readonly hostVersionMetadata: string;
  readonly hostBuildDate: google.Timestamp | undefined;
}

export function writePluginEnvironment(message: PartialMessage<PluginEnvironment>, writer: Writer): void {
  writeText(writer, 1, message.hostVersion);
  writeText(writer, 2, message.hostVersionPrerelease);
  writeText(writer, 3, message.hostVersionMetadata);
  writeNested(writer, 4, message.hostBuildDate, google.writeTimestamp);
}

export function readPluginEnvironment(reader: Reader): PluginEnvironment {
  let hostVersion = '';
  let hostVersionPrerelease = '';
  let hostVersionMetadata = '';
  let hostBuildDate: google.Timestamp | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        hostVersion = readText(reader);
        break;
      case 18:
        hostVersionPrerelease = readText(reader);
        break;
      case 26:
        hostVersionMetadata = readText(reader);
        break;
      case 34:
        hostBuildDate = readNested(reader, google.readTimestamp);
        break;
      default:
        reader.skipField();
    }
  }
  return { hostVersion, hostVersionPrerelease, hostVersionMetadata, hostBuildDate };
}

export const pluginEnvironmentCodec: Codec<PluginEnvironment> = createCodec('logical.PluginEnvironment', writePluginEnvironment, readPluginEnvironment);

export interface EventData {
  /** A UUID. */
  readonly id: string;
  readonly metadata: JsonObject | undefined;
  readonly entityIds: readonly string[];
  readonly note: string;
}

export function writeEventData(message: PartialMessage<EventData>, writer: Writer): void {
  writeText(writer, 1, message.id);
  writeNested(writer, 2, message.metadata, writeStruct);
  writeTexts(writer, 3, message.entityIds);
  writeText(writer, 4, message.note);
}

export function readEventData(reader: Reader): EventData {
  let id = '';
  let metadata: JsonObject | undefined;
  const entityIds: string[] = [];
  let note = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        id = readText(reader);
        break;
      case 18:
        metadata = readNested(reader, readStruct);
        break;
      case 26:
        entityIds.push(readText(reader));
        break;
      case 34:
        note = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { id, metadata, entityIds, note };
}

export const eventDataCodec: Codec<EventData> = createCodec('logical.EventData', writeEventData, readEventData);

export interface VersionReply {
  /** With a leading "v", or empty for "no version". */
  readonly pluginVersion: string;
}

export function writeVersionReply(message: PartialMessage<VersionReply>, writer: Writer): void {
  writeText(writer, 1, message.pluginVersion);
}

export function readVersionReply(reader: Reader): VersionReply {
  let pluginVersion = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        pluginVersion = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { pluginVersion };
}

export const versionReplyCodec: Codec<VersionReply> = createCodec('logical.VersionReply', writeVersionReply, readVersionReply);

export const pluginVersionService = {
  version: {
    path: '/logical.PluginVersion/Version',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: versionReplyCodec,
  },
} as const satisfies ServiceData;
