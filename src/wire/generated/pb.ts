// Generated from proto/ by scripts/generate-codecs.mjs. Change those, then run: npm run generate
import type { JsonObject } from '../../util/json.ts';
import { createCodec, type Codec, type PartialMessage } from '../codec.ts';
import {
  noBytes,
  readInt64,
  readNested,
  readNestedMapEntry,
  readText,
  readTextMapEntry,
  skipFields,
  writeBool,
  writeBytes,
  writeBytesList,
  writeInt32,
  writeInt64,
  writeNested,
  writeNestedList,
  writeNestedMap,
  writeText,
  writeTextMap,
  writeTexts,
  writeUint32,
  type Reader,
  type Writer,
} from '../protobuf-runtime.ts';
import type { ServiceData } from '../service.ts';
import { readStruct, writeStruct } from '../struct.ts';
import * as google from './google.ts';
import * as logical from './logical.ts';

export type Empty = Readonly<Record<never, never>>;

export function writeEmpty(): void {}

export function readEmpty(reader: Reader): Empty {
  skipFields(reader);
  return {};
}

export const emptyCodec: Codec<Empty> = createCodec('pb.Empty', writeEmpty, readEmpty);

export interface Header {
  readonly header: readonly string[];
}

export function writeHeader(message: PartialMessage<Header>, writer: Writer): void {
  writeTexts(writer, 1, message.header);
}

export function readHeader(reader: Reader): Header {
  const header: string[] = [];
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        header.push(readText(reader));
        break;
      default:
        reader.skipField();
    }
  }
  return { header };
}

export const headerCodec: Codec<Header> = createCodec('pb.Header', writeHeader, readHeader);

export interface ProtoError {
  /**
   * 0 unknown, 1 user, 2 internal, 3 coded (see code), 4 bad request, 5 unsupported operation, 6 unsupported path,
   * 7 invalid request, 8 permission denied, 9 multi-authorization pending, 10 unrecoverable.
   */
  readonly errType: number;
  /** Never empty in an error. */
  readonly errMsg: string;
  /** HTTP status, with type 3. */
  readonly errCode: bigint;
}

export function writeProtoError(message: PartialMessage<ProtoError>, writer: Writer): void {
  writeUint32(writer, 1, message.errType);
  writeText(writer, 2, message.errMsg);
  writeInt64(writer, 3, message.errCode);
}

export function readProtoError(reader: Reader): ProtoError {
  let errType = 0;
  let errMsg = '';
  let errCode = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        errType = reader.readUint32();
        break;
      case 18:
        errMsg = readText(reader);
        break;
      case 24:
        errCode = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { errType, errMsg, errCode };
}

export const protoErrorCodec: Codec<ProtoError> = createCodec('pb.ProtoError', writeProtoError, readProtoError);

export interface Paths {
  readonly root: readonly string[];
  readonly unauthenticated: readonly string[];
  readonly localStorage: readonly string[];
  readonly sealWrapStorage: readonly string[];
  readonly writeForwardedStorage: readonly string[];
  readonly binary: readonly string[];
  readonly limited: readonly string[];
  readonly allowSnapshotRead: readonly string[];
}

export function writePaths(message: PartialMessage<Paths>, writer: Writer): void {
  writeTexts(writer, 1, message.root);
  writeTexts(writer, 2, message.unauthenticated);
  writeTexts(writer, 3, message.localStorage);
  writeTexts(writer, 4, message.sealWrapStorage);
  writeTexts(writer, 5, message.writeForwardedStorage);
  writeTexts(writer, 6, message.binary);
  writeTexts(writer, 7, message.limited);
  writeTexts(writer, 8, message.allowSnapshotRead);
}

export function readPaths(reader: Reader): Paths {
  const root: string[] = [];
  const unauthenticated: string[] = [];
  const localStorage: string[] = [];
  const sealWrapStorage: string[] = [];
  const writeForwardedStorage: string[] = [];
  const binary: string[] = [];
  const limited: string[] = [];
  const allowSnapshotRead: string[] = [];
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        root.push(readText(reader));
        break;
      case 18:
        unauthenticated.push(readText(reader));
        break;
      case 26:
        localStorage.push(readText(reader));
        break;
      case 34:
        sealWrapStorage.push(readText(reader));
        break;
      case 42:
        writeForwardedStorage.push(readText(reader));
        break;
      case 50:
        binary.push(readText(reader));
        break;
      case 58:
        limited.push(readText(reader));
        break;
      case 66:
        allowSnapshotRead.push(readText(reader));
        break;
      default:
        reader.skipField();
    }
  }
  return { root, unauthenticated, localStorage, sealWrapStorage, writeForwardedStorage, binary, limited, allowSnapshotRead };
}

export const pathsCodec: Codec<Paths> = createCodec('pb.Paths', writePaths, readPaths);

export interface Request {
  readonly id: string;
  readonly replicationCluster: string;
  readonly operation: string;
  /** Relative to the mount, no leading slash. */
  readonly path: string;
  /** JSON. */
  readonly data: string;
  /** On renew and revoke. */
  readonly secret: Secret | undefined;
  readonly auth: Auth | undefined;
  readonly headers: ReadonlyMap<string, Header>;
  /** A salted hash, never the token. */
  readonly clientToken: string;
  readonly clientTokenAccessor: string;
  readonly displayName: string;
  readonly mountPoint: string;
  readonly mountType: string;
  readonly mountAccessor: string;
  readonly wrapInfo: RequestWrapInfo | undefined;
  readonly clientTokenRemainingUses: bigint;
  readonly entityId: string;
  readonly policyOverride: boolean;
  readonly unauthenticated: boolean;
  readonly connection: Connection | undefined;
  readonly requiresSnapshotId: string;
  readonly recoverSourcePath: string;
}

export function writeRequest(message: PartialMessage<Request>, writer: Writer): void {
  writeText(writer, 1, message.id);
  writeText(writer, 2, message.replicationCluster);
  writeText(writer, 3, message.operation);
  writeText(writer, 4, message.path);
  writeText(writer, 5, message.data);
  writeNested(writer, 6, message.secret, writeSecret);
  writeNested(writer, 7, message.auth, writeAuth);
  writeNestedMap(writer, 8, message.headers, writeHeader);
  writeText(writer, 9, message.clientToken);
  writeText(writer, 10, message.clientTokenAccessor);
  writeText(writer, 11, message.displayName);
  writeText(writer, 12, message.mountPoint);
  writeText(writer, 13, message.mountType);
  writeText(writer, 14, message.mountAccessor);
  writeNested(writer, 15, message.wrapInfo, writeRequestWrapInfo);
  writeInt64(writer, 16, message.clientTokenRemainingUses);
  writeText(writer, 17, message.entityId);
  writeBool(writer, 18, message.policyOverride);
  writeBool(writer, 19, message.unauthenticated);
  writeNested(writer, 20, message.connection, writeConnection);
  writeText(writer, 21, message.requiresSnapshotId);
  writeText(writer, 22, message.recoverSourcePath);
}

export function readRequest(reader: Reader): Request {
  let id = '';
  let replicationCluster = '';
  let operation = '';
  let path = '';
  let data = '';
  let secret: Secret | undefined;
  let auth: Auth | undefined;
  const headers = new Map<string, Header>();
  let clientToken = '';
  let clientTokenAccessor = '';
  let displayName = '';
  let mountPoint = '';
  let mountType = '';
  let mountAccessor = '';
  let wrapInfo: RequestWrapInfo | undefined;
  let clientTokenRemainingUses = 0n;
  let entityId = '';
  let policyOverride = false;
  let unauthenticated = false;
  let connection: Connection | undefined;
  let requiresSnapshotId = '';
  let recoverSourcePath = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        id = readText(reader);
        break;
      case 18:
        replicationCluster = readText(reader);
        break;
      case 26:
        operation = readText(reader);
        break;
      case 34:
        path = readText(reader);
        break;
      case 42:
        data = readText(reader);
        break;
      case 50:
        secret = readNested(reader, readSecret);
        break;
      case 58:
        auth = readNested(reader, readAuth);
        break;
      case 66:
        readNestedMapEntry(reader, headers, readHeader);
        break;
      case 74:
        clientToken = readText(reader);
        break;
      case 82:
        clientTokenAccessor = readText(reader);
        break;
      case 90:
        displayName = readText(reader);
        break;
      case 98:
        mountPoint = readText(reader);
        break;
      case 106:
        mountType = readText(reader);
        break;
      case 114:
        mountAccessor = readText(reader);
        break;
      case 122:
        wrapInfo = readNested(reader, readRequestWrapInfo);
        break;
      case 128:
        clientTokenRemainingUses = readInt64(reader);
        break;
      case 138:
        entityId = readText(reader);
        break;
      case 144:
        policyOverride = reader.readBool();
        break;
      case 152:
        unauthenticated = reader.readBool();
        break;
      case 162:
        connection = readNested(reader, readConnection);
        break;
      case 170:
        requiresSnapshotId = readText(reader);
        break;
      case 178:
        recoverSourcePath = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { id, replicationCluster, operation, path, data, secret, auth, headers, clientToken, clientTokenAccessor, displayName, mountPoint, mountType, mountAccessor, wrapInfo, clientTokenRemainingUses, entityId, policyOverride, unauthenticated, connection, requiresSnapshotId, recoverSourcePath };
}

export const requestCodec: Codec<Request> = createCodec('pb.Request', writeRequest, readRequest);

export interface Auth {
  readonly leaseOptions: LeaseOptions | undefined;
  /** JSON. */
  readonly internalData: string;
  readonly displayName: string;
  readonly policies: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly clientToken: string;
  readonly accessor: string;
  readonly period: bigint;
  readonly numUses: bigint;
  readonly entityId: string;
  readonly alias: logical.Alias | undefined;
  readonly groupAliases: readonly logical.Alias[];
  readonly boundCidrs: readonly string[];
  readonly tokenPolicies: readonly string[];
  readonly identityPolicies: readonly string[];
  readonly explicitMaxTtl: bigint;
  readonly tokenType: number;
  readonly noDefaultPolicy: boolean;
}

export function writeAuth(message: PartialMessage<Auth>, writer: Writer): void {
  writeNested(writer, 1, message.leaseOptions, writeLeaseOptions);
  writeText(writer, 2, message.internalData);
  writeText(writer, 3, message.displayName);
  writeTexts(writer, 4, message.policies);
  writeTextMap(writer, 5, message.metadata);
  writeText(writer, 6, message.clientToken);
  writeText(writer, 7, message.accessor);
  writeInt64(writer, 8, message.period);
  writeInt64(writer, 9, message.numUses);
  writeText(writer, 10, message.entityId);
  writeNested(writer, 11, message.alias, logical.writeAlias);
  writeNestedList(writer, 12, message.groupAliases, logical.writeAlias);
  writeTexts(writer, 13, message.boundCidrs);
  writeTexts(writer, 14, message.tokenPolicies);
  writeTexts(writer, 15, message.identityPolicies);
  writeInt64(writer, 16, message.explicitMaxTtl);
  writeUint32(writer, 17, message.tokenType);
  writeBool(writer, 18, message.noDefaultPolicy);
}

export function readAuth(reader: Reader): Auth {
  let leaseOptions: LeaseOptions | undefined;
  let internalData = '';
  let displayName = '';
  const policies: string[] = [];
  const metadata = new Map<string, string>();
  let clientToken = '';
  let accessor = '';
  let period = 0n;
  let numUses = 0n;
  let entityId = '';
  let alias: logical.Alias | undefined;
  const groupAliases: logical.Alias[] = [];
  const boundCidrs: string[] = [];
  const tokenPolicies: string[] = [];
  const identityPolicies: string[] = [];
  let explicitMaxTtl = 0n;
  let tokenType = 0;
  let noDefaultPolicy = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        leaseOptions = readNested(reader, readLeaseOptions);
        break;
      case 18:
        internalData = readText(reader);
        break;
      case 26:
        displayName = readText(reader);
        break;
      case 34:
        policies.push(readText(reader));
        break;
      case 42:
        readTextMapEntry(reader, metadata);
        break;
      case 50:
        clientToken = readText(reader);
        break;
      case 58:
        accessor = readText(reader);
        break;
      case 64:
        period = readInt64(reader);
        break;
      case 72:
        numUses = readInt64(reader);
        break;
      case 82:
        entityId = readText(reader);
        break;
      case 90:
        alias = readNested(reader, logical.readAlias);
        break;
      case 98:
        groupAliases.push(readNested(reader, logical.readAlias));
        break;
      case 106:
        boundCidrs.push(readText(reader));
        break;
      case 114:
        tokenPolicies.push(readText(reader));
        break;
      case 122:
        identityPolicies.push(readText(reader));
        break;
      case 128:
        explicitMaxTtl = readInt64(reader);
        break;
      case 136:
        tokenType = reader.readUint32();
        break;
      case 144:
        noDefaultPolicy = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { leaseOptions, internalData, displayName, policies, metadata, clientToken, accessor, period, numUses, entityId, alias, groupAliases, boundCidrs, tokenPolicies, identityPolicies, explicitMaxTtl, tokenType, noDefaultPolicy };
}

export const authCodec: Codec<Auth> = createCodec('pb.Auth', writeAuth, readAuth);

export interface TokenEntry {
  readonly id: string;
  readonly accessor: string;
  readonly parent: string;
  readonly policies: readonly string[];
  readonly path: string;
  readonly meta: ReadonlyMap<string, string>;
  readonly displayName: string;
  readonly numUses: bigint;
  readonly creationTime: bigint;
  readonly ttl: bigint;
  readonly explicitMaxTtl: bigint;
  readonly role: string;
  readonly period: bigint;
  readonly entityId: string;
  readonly boundCidrs: readonly string[];
  readonly namespaceId: string;
  readonly cubbyholeId: string;
  readonly type: number;
  readonly internalMeta: ReadonlyMap<string, string>;
  readonly inlinePolicy: string;
  readonly noIdentityPolicies: boolean;
  readonly externalId: string;
}

export function writeTokenEntry(message: PartialMessage<TokenEntry>, writer: Writer): void {
  writeText(writer, 1, message.id);
  writeText(writer, 2, message.accessor);
  writeText(writer, 3, message.parent);
  writeTexts(writer, 4, message.policies);
  writeText(writer, 5, message.path);
  writeTextMap(writer, 6, message.meta);
  writeText(writer, 7, message.displayName);
  writeInt64(writer, 8, message.numUses);
  writeInt64(writer, 9, message.creationTime);
  writeInt64(writer, 10, message.ttl);
  writeInt64(writer, 11, message.explicitMaxTtl);
  writeText(writer, 12, message.role);
  writeInt64(writer, 13, message.period);
  writeText(writer, 14, message.entityId);
  writeTexts(writer, 15, message.boundCidrs);
  writeText(writer, 16, message.namespaceId);
  writeText(writer, 17, message.cubbyholeId);
  writeUint32(writer, 18, message.type);
  writeTextMap(writer, 19, message.internalMeta);
  writeText(writer, 20, message.inlinePolicy);
  writeBool(writer, 21, message.noIdentityPolicies);
  writeText(writer, 22, message.externalId);
}

export function readTokenEntry(reader: Reader): TokenEntry {
  let id = '';
  let accessor = '';
  let parent = '';
  const policies: string[] = [];
  let path = '';
  const meta = new Map<string, string>();
  let displayName = '';
  let numUses = 0n;
  let creationTime = 0n;
  let ttl = 0n;
  let explicitMaxTtl = 0n;
  let role = '';
  let period = 0n;
  let entityId = '';
  const boundCidrs: string[] = [];
  let namespaceId = '';
  let cubbyholeId = '';
  let type = 0;
  const internalMeta = new Map<string, string>();
  let inlinePolicy = '';
  let noIdentityPolicies = false;
  let externalId = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        id = readText(reader);
        break;
      case 18:
        accessor = readText(reader);
        break;
      case 26:
        parent = readText(reader);
        break;
      case 34:
        policies.push(readText(reader));
        break;
      case 42:
        path = readText(reader);
        break;
      case 50:
        readTextMapEntry(reader, meta);
        break;
      case 58:
        displayName = readText(reader);
        break;
      case 64:
        numUses = readInt64(reader);
        break;
      case 72:
        creationTime = readInt64(reader);
        break;
      case 80:
        ttl = readInt64(reader);
        break;
      case 88:
        explicitMaxTtl = readInt64(reader);
        break;
      case 98:
        role = readText(reader);
        break;
      case 104:
        period = readInt64(reader);
        break;
      case 114:
        entityId = readText(reader);
        break;
      case 122:
        boundCidrs.push(readText(reader));
        break;
      case 130:
        namespaceId = readText(reader);
        break;
      case 138:
        cubbyholeId = readText(reader);
        break;
      case 144:
        type = reader.readUint32();
        break;
      case 154:
        readTextMapEntry(reader, internalMeta);
        break;
      case 162:
        inlinePolicy = readText(reader);
        break;
      case 168:
        noIdentityPolicies = reader.readBool();
        break;
      case 178:
        externalId = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { id, accessor, parent, policies, path, meta, displayName, numUses, creationTime, ttl, explicitMaxTtl, role, period, entityId, boundCidrs, namespaceId, cubbyholeId, type, internalMeta, inlinePolicy, noIdentityPolicies, externalId };
}

export const tokenEntryCodec: Codec<TokenEntry> = createCodec('pb.TokenEntry', writeTokenEntry, readTokenEntry);

export interface LeaseOptions {
  readonly ttl: bigint;
  readonly renewable: boolean;
  readonly increment: bigint;
  /** Always set: the host fails a request whose lease has none, after the secret was made. */
  readonly issueTime: google.Timestamp | undefined;
  readonly maxTtl: bigint;
}

export function writeLeaseOptions(message: PartialMessage<LeaseOptions>, writer: Writer): void {
  writeInt64(writer, 1, message.ttl);
  writeBool(writer, 2, message.renewable);
  writeInt64(writer, 3, message.increment);
  writeNested(writer, 4, message.issueTime, google.writeTimestamp);
  writeInt64(writer, 5, message.maxTtl);
}

export function readLeaseOptions(reader: Reader): LeaseOptions {
  let ttl = 0n;
  let renewable = false;
  let increment = 0n;
  let issueTime: google.Timestamp | undefined;
  let maxTtl = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        ttl = readInt64(reader);
        break;
      case 16:
        renewable = reader.readBool();
        break;
      case 24:
        increment = readInt64(reader);
        break;
      case 34:
        issueTime = readNested(reader, google.readTimestamp);
        break;
      case 40:
        maxTtl = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { ttl, renewable, increment, issueTime, maxTtl };
}

export const leaseOptionsCodec: Codec<LeaseOptions> = createCodec('pb.LeaseOptions', writeLeaseOptions, readLeaseOptions);

export interface Secret {
  readonly leaseOptions: LeaseOptions | undefined;
  /** JSON. */
  readonly internalData: string;
  readonly leaseId: string;
}

export function writeSecret(message: PartialMessage<Secret>, writer: Writer): void {
  writeNested(writer, 1, message.leaseOptions, writeLeaseOptions);
  writeText(writer, 2, message.internalData);
  writeText(writer, 3, message.leaseId);
}

export function readSecret(reader: Reader): Secret {
  let leaseOptions: LeaseOptions | undefined;
  let internalData = '';
  let leaseId = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        leaseOptions = readNested(reader, readLeaseOptions);
        break;
      case 18:
        internalData = readText(reader);
        break;
      case 26:
        leaseId = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { leaseOptions, internalData, leaseId };
}

export const secretCodec: Codec<Secret> = createCodec('pb.Secret', writeSecret, readSecret);

export interface Response {
  readonly secret: Secret | undefined;
  readonly auth: Auth | undefined;
  /** JSON. */
  readonly data: string;
  readonly redirect: string;
  readonly warnings: readonly string[];
  readonly wrapInfo: ResponseWrapInfo | undefined;
  readonly headers: ReadonlyMap<string, Header>;
  readonly mountType: string;
}

export function writeResponse(message: PartialMessage<Response>, writer: Writer): void {
  writeNested(writer, 1, message.secret, writeSecret);
  writeNested(writer, 2, message.auth, writeAuth);
  writeText(writer, 3, message.data);
  writeText(writer, 4, message.redirect);
  writeTexts(writer, 5, message.warnings);
  writeNested(writer, 6, message.wrapInfo, writeResponseWrapInfo);
  writeNestedMap(writer, 7, message.headers, writeHeader);
  writeText(writer, 8, message.mountType);
}

export function readResponse(reader: Reader): Response {
  let secret: Secret | undefined;
  let auth: Auth | undefined;
  let data = '';
  let redirect = '';
  const warnings: string[] = [];
  let wrapInfo: ResponseWrapInfo | undefined;
  const headers = new Map<string, Header>();
  let mountType = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        secret = readNested(reader, readSecret);
        break;
      case 18:
        auth = readNested(reader, readAuth);
        break;
      case 26:
        data = readText(reader);
        break;
      case 34:
        redirect = readText(reader);
        break;
      case 42:
        warnings.push(readText(reader));
        break;
      case 50:
        wrapInfo = readNested(reader, readResponseWrapInfo);
        break;
      case 58:
        readNestedMapEntry(reader, headers, readHeader);
        break;
      case 66:
        mountType = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { secret, auth, data, redirect, warnings, wrapInfo, headers, mountType };
}

export const responseCodec: Codec<Response> = createCodec('pb.Response', writeResponse, readResponse);

export interface ResponseWrapInfo {
  readonly ttl: bigint;
  readonly token: string;
  readonly accessor: string;
  readonly creationTime: google.Timestamp | undefined;
  readonly wrappedAccessor: string;
  readonly wrappedEntityId: string;
  readonly format: string;
  readonly creationPath: string;
  readonly sealWrap: boolean;
}

export function writeResponseWrapInfo(message: PartialMessage<ResponseWrapInfo>, writer: Writer): void {
  writeInt64(writer, 1, message.ttl);
  writeText(writer, 2, message.token);
  writeText(writer, 3, message.accessor);
  writeNested(writer, 4, message.creationTime, google.writeTimestamp);
  writeText(writer, 5, message.wrappedAccessor);
  writeText(writer, 6, message.wrappedEntityId);
  writeText(writer, 7, message.format);
  writeText(writer, 8, message.creationPath);
  writeBool(writer, 9, message.sealWrap);
}

export function readResponseWrapInfo(reader: Reader): ResponseWrapInfo {
  let ttl = 0n;
  let token = '';
  let accessor = '';
  let creationTime: google.Timestamp | undefined;
  let wrappedAccessor = '';
  let wrappedEntityId = '';
  let format = '';
  let creationPath = '';
  let sealWrap = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        ttl = readInt64(reader);
        break;
      case 18:
        token = readText(reader);
        break;
      case 26:
        accessor = readText(reader);
        break;
      case 34:
        creationTime = readNested(reader, google.readTimestamp);
        break;
      case 42:
        wrappedAccessor = readText(reader);
        break;
      case 50:
        wrappedEntityId = readText(reader);
        break;
      case 58:
        format = readText(reader);
        break;
      case 66:
        creationPath = readText(reader);
        break;
      case 72:
        sealWrap = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { ttl, token, accessor, creationTime, wrappedAccessor, wrappedEntityId, format, creationPath, sealWrap };
}

export const responseWrapInfoCodec: Codec<ResponseWrapInfo> = createCodec('pb.ResponseWrapInfo', writeResponseWrapInfo, readResponseWrapInfo);

export interface RequestWrapInfo {
  readonly ttl: bigint;
  readonly format: string;
  readonly sealWrap: boolean;
}

export function writeRequestWrapInfo(message: PartialMessage<RequestWrapInfo>, writer: Writer): void {
  writeInt64(writer, 1, message.ttl);
  writeText(writer, 2, message.format);
  writeBool(writer, 3, message.sealWrap);
}

export function readRequestWrapInfo(reader: Reader): RequestWrapInfo {
  let ttl = 0n;
  let format = '';
  let sealWrap = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        ttl = readInt64(reader);
        break;
      case 18:
        format = readText(reader);
        break;
      case 24:
        sealWrap = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { ttl, format, sealWrap };
}

export const requestWrapInfoCodec: Codec<RequestWrapInfo> = createCodec('pb.RequestWrapInfo', writeRequestWrapInfo, readRequestWrapInfo);

export interface Connection {
  readonly remoteAddr: string;
  readonly connectionState: ConnectionState | undefined;
  readonly remotePort: number;
  /** OpenBao 2.6 and later. */
  readonly proxiedCertificatesRaw: readonly Uint8Array[];
  /** OpenBao 2.6 and later. */
  readonly peerCertificatesRaw: readonly Uint8Array[];
}

export function writeConnection(message: PartialMessage<Connection>, writer: Writer): void {
  writeText(writer, 1, message.remoteAddr);
  writeNested(writer, 2, message.connectionState, writeConnectionState);
  writeInt32(writer, 3, message.remotePort);
  writeBytesList(writer, 4, message.proxiedCertificatesRaw);
  writeBytesList(writer, 5, message.peerCertificatesRaw);
}

export function readConnection(reader: Reader): Connection {
  let remoteAddr = '';
  let connectionState: ConnectionState | undefined;
  let remotePort = 0;
  const proxiedCertificatesRaw: Uint8Array[] = [];
  const peerCertificatesRaw: Uint8Array[] = [];
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        remoteAddr = readText(reader);
        break;
      case 18:
        connectionState = readNested(reader, readConnectionState);
        break;
      case 24:
        remotePort = reader.readInt32();
        break;
      case 34:
        proxiedCertificatesRaw.push(reader.readBytes());
        break;
      case 42:
        peerCertificatesRaw.push(reader.readBytes());
        break;
      default:
        reader.skipField();
    }
  }
  return { remoteAddr, connectionState, remotePort, proxiedCertificatesRaw, peerCertificatesRaw };
}

export const connectionCodec: Codec<Connection> = createCodec('pb.Connection', writeConnection, readConnection);

export interface ConnectionState {
  readonly version: number;
  readonly handshakeComplete: boolean;
  readonly didResume: boolean;
  readonly cipherSuite: number;
  readonly negotiatedProtocol: string;
  readonly negotiatedProtocolIsMutual: boolean;
  readonly serverName: string;
  readonly peerCertificates: CertificateChain | undefined;
  readonly verifiedChains: readonly CertificateChain[];
  readonly signedCertificateTimestamps: readonly Uint8Array[];
  readonly ocspResponse: Uint8Array;
  readonly tlsUnique: Uint8Array;
}

export function writeConnectionState(message: PartialMessage<ConnectionState>, writer: Writer): void {
  writeUint32(writer, 1, message.version);
  writeBool(writer, 2, message.handshakeComplete);
  writeBool(writer, 3, message.didResume);
  writeUint32(writer, 4, message.cipherSuite);
  writeText(writer, 5, message.negotiatedProtocol);
  writeBool(writer, 6, message.negotiatedProtocolIsMutual);
  writeText(writer, 7, message.serverName);
  writeNested(writer, 8, message.peerCertificates, writeCertificateChain);
  writeNestedList(writer, 9, message.verifiedChains, writeCertificateChain);
  writeBytesList(writer, 10, message.signedCertificateTimestamps);
  writeBytes(writer, 11, message.ocspResponse);
  writeBytes(writer, 12, message.tlsUnique);
}

export function readConnectionState(reader: Reader): ConnectionState {
  let version = 0;
  let handshakeComplete = false;
  let didResume = false;
  let cipherSuite = 0;
  let negotiatedProtocol = '';
  let negotiatedProtocolIsMutual = false;
  let serverName = '';
  let peerCertificates: CertificateChain | undefined;
  const verifiedChains: CertificateChain[] = [];
  const signedCertificateTimestamps: Uint8Array[] = [];
  let ocspResponse = noBytes();
  let tlsUnique = noBytes();
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        version = reader.readUint32();
        break;
      case 16:
        handshakeComplete = reader.readBool();
        break;
      case 24:
        didResume = reader.readBool();
        break;
      case 32:
        cipherSuite = reader.readUint32();
        break;
      case 42:
        negotiatedProtocol = readText(reader);
        break;
      case 48:
        negotiatedProtocolIsMutual = reader.readBool();
        break;
      case 58:
        serverName = readText(reader);
        break;
      case 66:
        peerCertificates = readNested(reader, readCertificateChain);
        break;
      case 74:
        verifiedChains.push(readNested(reader, readCertificateChain));
        break;
      case 82:
        signedCertificateTimestamps.push(reader.readBytes());
        break;
      case 90:
        ocspResponse = reader.readBytes();
        break;
      case 98:
        tlsUnique = reader.readBytes();
        break;
      default:
        reader.skipField();
    }
  }
  return { version, handshakeComplete, didResume, cipherSuite, negotiatedProtocol, negotiatedProtocolIsMutual, serverName, peerCertificates, verifiedChains, signedCertificateTimestamps, ocspResponse, tlsUnique };
}

export const connectionStateCodec: Codec<ConnectionState> = createCodec('pb.ConnectionState', writeConnectionState, readConnectionState);

export interface Certificate {
  readonly asn1Data: Uint8Array;
}

export function writeCertificate(message: PartialMessage<Certificate>, writer: Writer): void {
  writeBytes(writer, 1, message.asn1Data);
}

export function readCertificate(reader: Reader): Certificate {
  let asn1Data = noBytes();
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        asn1Data = reader.readBytes();
        break;
      default:
        reader.skipField();
    }
  }
  return { asn1Data };
}

export const certificateCodec: Codec<Certificate> = createCodec('pb.Certificate', writeCertificate, readCertificate);

export interface CertificateChain {
  readonly certificates: readonly Certificate[];
}

export function writeCertificateChain(message: PartialMessage<CertificateChain>, writer: Writer): void {
  writeNestedList(writer, 1, message.certificates, writeCertificate);
}

export function readCertificateChain(reader: Reader): CertificateChain {
  const certificates: Certificate[] = [];
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        certificates.push(readNested(reader, readCertificate));
        break;
      default:
        reader.skipField();
    }
  }
  return { certificates };
}

export const certificateChainCodec: Codec<CertificateChain> = createCodec('pb.CertificateChain', writeCertificateChain, readCertificateChain);

export interface HandleRequestArgs {
  /** Unused. */
  readonly storageId: number;
  readonly request: Request | undefined;
}

export function writeHandleRequestArgs(message: PartialMessage<HandleRequestArgs>, writer: Writer): void {
  writeUint32(writer, 1, message.storageId);
  writeNested(writer, 2, message.request, writeRequest);
}

export function readHandleRequestArgs(reader: Reader): HandleRequestArgs {
  let storageId = 0;
  let request: Request | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        storageId = reader.readUint32();
        break;
      case 18:
        request = readNested(reader, readRequest);
        break;
      default:
        reader.skipField();
    }
  }
  return { storageId, request };
}

export const handleRequestArgsCodec: Codec<HandleRequestArgs> = createCodec('pb.HandleRequestArgs', writeHandleRequestArgs, readHandleRequestArgs);

export interface HandleRequestReply {
  /** Absent: the backend had nothing to say. */
  readonly response: Response | undefined;
  readonly err: ProtoError | undefined;
}

export function writeHandleRequestReply(message: PartialMessage<HandleRequestReply>, writer: Writer): void {
  writeNested(writer, 1, message.response, writeResponse);
  writeNested(writer, 2, message.err, writeProtoError);
}

export function readHandleRequestReply(reader: Reader): HandleRequestReply {
  let response: Response | undefined;
  let err: ProtoError | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        response = readNested(reader, readResponse);
        break;
      case 18:
        err = readNested(reader, readProtoError);
        break;
      default:
        reader.skipField();
    }
  }
  return { response, err };
}

export const handleRequestReplyCodec: Codec<HandleRequestReply> = createCodec('pb.HandleRequestReply', writeHandleRequestReply, readHandleRequestReply);

export type InitializeArgs = Readonly<Record<never, never>>;

export function writeInitializeArgs(): void {}

export function readInitializeArgs(reader: Reader): InitializeArgs {
  skipFields(reader);
  return {};
}

export const initializeArgsCodec: Codec<InitializeArgs> = createCodec('pb.InitializeArgs', writeInitializeArgs, readInitializeArgs);

export interface InitializeReply {
  readonly err: ProtoError | undefined;
}

export function writeInitializeReply(message: PartialMessage<InitializeReply>, writer: Writer): void {
  writeNested(writer, 1, message.err, writeProtoError);
}

export function readInitializeReply(reader: Reader): InitializeReply {
  let err: ProtoError | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        err = readNested(reader, readProtoError);
        break;
      default:
        reader.skipField();
    }
  }
  return { err };
}

export const initializeReplyCodec: Codec<InitializeReply> = createCodec('pb.InitializeReply', writeInitializeReply, readInitializeReply);

export interface SpecialPathsReply {
  readonly paths: Paths | undefined;
}

export function writeSpecialPathsReply(message: PartialMessage<SpecialPathsReply>, writer: Writer): void {
  writeNested(writer, 1, message.paths, writePaths);
}

export function readSpecialPathsReply(reader: Reader): SpecialPathsReply {
  let paths: Paths | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        paths = readNested(reader, readPaths);
        break;
      default:
        reader.skipField();
    }
  }
  return { paths };
}

export const specialPathsReplyCodec: Codec<SpecialPathsReply> = createCodec('pb.SpecialPathsReply', writeSpecialPathsReply, readSpecialPathsReply);

export interface HandleExistenceCheckArgs {
  /** Unused. */
  readonly storageId: number;
  readonly request: Request | undefined;
}

export function writeHandleExistenceCheckArgs(message: PartialMessage<HandleExistenceCheckArgs>, writer: Writer): void {
  writeUint32(writer, 1, message.storageId);
  writeNested(writer, 2, message.request, writeRequest);
}

export function readHandleExistenceCheckArgs(reader: Reader): HandleExistenceCheckArgs {
  let storageId = 0;
  let request: Request | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        storageId = reader.readUint32();
        break;
      case 18:
        request = readNested(reader, readRequest);
        break;
      default:
        reader.skipField();
    }
  }
  return { storageId, request };
}

export const handleExistenceCheckArgsCodec: Codec<HandleExistenceCheckArgs> = createCodec('pb.HandleExistenceCheckArgs', writeHandleExistenceCheckArgs, readHandleExistenceCheckArgs);

export interface HandleExistenceCheckReply {
  readonly checkFound: boolean;
  readonly exists: boolean;
  readonly err: ProtoError | undefined;
}

export function writeHandleExistenceCheckReply(message: PartialMessage<HandleExistenceCheckReply>, writer: Writer): void {
  writeBool(writer, 1, message.checkFound);
  writeBool(writer, 2, message.exists);
  writeNested(writer, 3, message.err, writeProtoError);
}

export function readHandleExistenceCheckReply(reader: Reader): HandleExistenceCheckReply {
  let checkFound = false;
  let exists = false;
  let err: ProtoError | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        checkFound = reader.readBool();
        break;
      case 16:
        exists = reader.readBool();
        break;
      case 26:
        err = readNested(reader, readProtoError);
        break;
      default:
        reader.skipField();
    }
  }
  return { checkFound, exists, err };
}

export const handleExistenceCheckReplyCodec: Codec<HandleExistenceCheckReply> = createCodec('pb.HandleExistenceCheckReply', writeHandleExistenceCheckReply, readHandleExistenceCheckReply);

export interface SetupArgs {
  /** Under this id the host announces the socket where it serves Storage and SystemView. */
  readonly brokerId: number;
  readonly config: ReadonlyMap<string, string>;
  readonly backendUuid: string;
}

export function writeSetupArgs(message: PartialMessage<SetupArgs>, writer: Writer): void {
  writeUint32(writer, 1, message.brokerId);
  writeTextMap(writer, 2, message.config);
  writeText(writer, 3, message.backendUuid);
}

export function readSetupArgs(reader: Reader): SetupArgs {
  let brokerId = 0;
  const config = new Map<string, string>();
  let backendUuid = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        brokerId = reader.readUint32();
        break;
      case 18:
        readTextMapEntry(reader, config);
        break;
      case 26:
        backendUuid = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { brokerId, config, backendUuid };
}

export const setupArgsCodec: Codec<SetupArgs> = createCodec('pb.SetupArgs', writeSetupArgs, readSetupArgs);

export interface SetupReply {
  readonly err: string;
}

export function writeSetupReply(message: PartialMessage<SetupReply>, writer: Writer): void {
  writeText(writer, 1, message.err);
}

export function readSetupReply(reader: Reader): SetupReply {
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { err };
}

export const setupReplyCodec: Codec<SetupReply> = createCodec('pb.SetupReply', writeSetupReply, readSetupReply);

export interface TypeReply {
  /** 1 secrets engine, 2 auth method. */
  readonly type: number;
}

export function writeTypeReply(message: PartialMessage<TypeReply>, writer: Writer): void {
  writeUint32(writer, 1, message.type);
}

export function readTypeReply(reader: Reader): TypeReply {
  let type = 0;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        type = reader.readUint32();
        break;
      default:
        reader.skipField();
    }
  }
  return { type };
}

export const typeReplyCodec: Codec<TypeReply> = createCodec('pb.TypeReply', writeTypeReply, readTypeReply);

export interface InvalidateKeyArgs {
  readonly key: string;
}

export function writeInvalidateKeyArgs(message: PartialMessage<InvalidateKeyArgs>, writer: Writer): void {
  writeText(writer, 1, message.key);
}

export function readInvalidateKeyArgs(reader: Reader): InvalidateKeyArgs {
  let key = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        key = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { key };
}

export const invalidateKeyArgsCodec: Codec<InvalidateKeyArgs> = createCodec('pb.InvalidateKeyArgs', writeInvalidateKeyArgs, readInvalidateKeyArgs);

export interface SendEventRequest {
  /** For example "azure/creds-create". */
  readonly eventType: string;
  readonly event: logical.EventData | undefined;
}

export function writeSendEventRequest(message: PartialMessage<SendEventRequest>, writer: Writer): void {
  writeText(writer, 1, message.eventType);
  writeNested(writer, 2, message.event, logical.writeEventData);
}

export function readSendEventRequest(reader: Reader): SendEventRequest {
  let eventType = '';
  let event: logical.EventData | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        eventType = readText(reader);
        break;
      case 18:
        event = readNested(reader, logical.readEventData);
        break;
      default:
        reader.skipField();
    }
  }
  return { eventType, event };
}

export const sendEventRequestCodec: Codec<SendEventRequest> = createCodec('pb.SendEventRequest', writeSendEventRequest, readSendEventRequest);

export interface RecordObservationRequest {
  readonly observationType: string;
  readonly data: JsonObject | undefined;
}

export function writeRecordObservationRequest(message: PartialMessage<RecordObservationRequest>, writer: Writer): void {
  writeText(writer, 1, message.observationType);
  writeNested(writer, 2, message.data, writeStruct);
}

export function readRecordObservationRequest(reader: Reader): RecordObservationRequest {
  let observationType = '';
  let data: JsonObject | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        observationType = readText(reader);
        break;
      case 18:
        data = readNested(reader, readStruct);
        break;
      default:
        reader.skipField();
    }
  }
  return { observationType, data };
}

export const recordObservationRequestCodec: Codec<RecordObservationRequest> = createCodec('pb.RecordObservationRequest', writeRecordObservationRequest, readRecordObservationRequest);

export interface StorageEntry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly sealWrap: boolean;
}

export function writeStorageEntry(message: PartialMessage<StorageEntry>, writer: Writer): void {
  writeText(writer, 1, message.key);
  writeBytes(writer, 2, message.value);
  writeBool(writer, 3, message.sealWrap);
}

export function readStorageEntry(reader: Reader): StorageEntry {
  let key = '';
  let value = noBytes();
  let sealWrap = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        key = readText(reader);
        break;
      case 18:
        value = reader.readBytes();
        break;
      case 24:
        sealWrap = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { key, value, sealWrap };
}

export const storageEntryCodec: Codec<StorageEntry> = createCodec('pb.StorageEntry', writeStorageEntry, readStorageEntry);

export interface StorageListArgs {
  readonly prefix: string;
  readonly txn: string;
}

export function writeStorageListArgs(message: PartialMessage<StorageListArgs>, writer: Writer): void {
  writeText(writer, 1, message.prefix);
  writeText(writer, 2, message.txn);
}

export function readStorageListArgs(reader: Reader): StorageListArgs {
  let prefix = '';
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        prefix = readText(reader);
        break;
      case 18:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { prefix, txn };
}

export const storageListArgsCodec: Codec<StorageListArgs> = createCodec('pb.StorageListArgs', writeStorageListArgs, readStorageListArgs);

export interface StorageListReply {
  readonly keys: readonly string[];
  readonly err: string;
}

export function writeStorageListReply(message: PartialMessage<StorageListReply>, writer: Writer): void {
  writeTexts(writer, 1, message.keys);
  writeText(writer, 2, message.err);
}

export function readStorageListReply(reader: Reader): StorageListReply {
  const keys: string[] = [];
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        keys.push(readText(reader));
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { keys, err };
}

export const storageListReplyCodec: Codec<StorageListReply> = createCodec('pb.StorageListReply', writeStorageListReply, readStorageListReply);

export interface StorageGetArgs {
  readonly key: string;
  readonly txn: string;
}

export function writeStorageGetArgs(message: PartialMessage<StorageGetArgs>, writer: Writer): void {
  writeText(writer, 1, message.key);
  writeText(writer, 2, message.txn);
}

export function readStorageGetArgs(reader: Reader): StorageGetArgs {
  let key = '';
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        key = readText(reader);
        break;
      case 18:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { key, txn };
}

export const storageGetArgsCodec: Codec<StorageGetArgs> = createCodec('pb.StorageGetArgs', writeStorageGetArgs, readStorageGetArgs);

export interface StorageGetReply {
  /** Absent: nothing is stored under the key. */
  readonly entry: StorageEntry | undefined;
  readonly err: string;
}

export function writeStorageGetReply(message: PartialMessage<StorageGetReply>, writer: Writer): void {
  writeNested(writer, 1, message.entry, writeStorageEntry);
  writeText(writer, 2, message.err);
}

export function readStorageGetReply(reader: Reader): StorageGetReply {
  let entry: StorageEntry | undefined;
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        entry = readNested(reader, readStorageEntry);
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { entry, err };
}

export const storageGetReplyCodec: Codec<StorageGetReply> = createCodec('pb.StorageGetReply', writeStorageGetReply, readStorageGetReply);

export interface StoragePutArgs {
  readonly entry: StorageEntry | undefined;
  readonly txn: string;
}

export function writeStoragePutArgs(message: PartialMessage<StoragePutArgs>, writer: Writer): void {
  writeNested(writer, 1, message.entry, writeStorageEntry);
  writeText(writer, 2, message.txn);
}

export function readStoragePutArgs(reader: Reader): StoragePutArgs {
  let entry: StorageEntry | undefined;
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        entry = readNested(reader, readStorageEntry);
        break;
      case 18:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { entry, txn };
}

export const storagePutArgsCodec: Codec<StoragePutArgs> = createCodec('pb.StoragePutArgs', writeStoragePutArgs, readStoragePutArgs);

export interface StoragePutReply {
  readonly err: string;
}

export function writeStoragePutReply(message: PartialMessage<StoragePutReply>, writer: Writer): void {
  writeText(writer, 1, message.err);
}

export function readStoragePutReply(reader: Reader): StoragePutReply {
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { err };
}

export const storagePutReplyCodec: Codec<StoragePutReply> = createCodec('pb.StoragePutReply', writeStoragePutReply, readStoragePutReply);

export interface StorageDeleteArgs {
  readonly key: string;
  readonly txn: string;
}

export function writeStorageDeleteArgs(message: PartialMessage<StorageDeleteArgs>, writer: Writer): void {
  writeText(writer, 1, message.key);
  writeText(writer, 2, message.txn);
}

export function readStorageDeleteArgs(reader: Reader): StorageDeleteArgs {
  let key = '';
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        key = readText(reader);
        break;
      case 18:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { key, txn };
}

export const storageDeleteArgsCodec: Codec<StorageDeleteArgs> = createCodec('pb.StorageDeleteArgs', writeStorageDeleteArgs, readStorageDeleteArgs);

export interface StorageDeleteReply {
  readonly err: string;
}

export function writeStorageDeleteReply(message: PartialMessage<StorageDeleteReply>, writer: Writer): void {
  writeText(writer, 1, message.err);
}

export function readStorageDeleteReply(reader: Reader): StorageDeleteReply {
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { err };
}

export const storageDeleteReplyCodec: Codec<StorageDeleteReply> = createCodec('pb.StorageDeleteReply', writeStorageDeleteReply, readStorageDeleteReply);

export interface StorageListPageArgs {
  readonly prefix: string;
  /** Only keys after this one. */
  readonly after: string;
  /** 0 or less: no limit. */
  readonly limit: number;
  readonly txn: string;
}

export function writeStorageListPageArgs(message: PartialMessage<StorageListPageArgs>, writer: Writer): void {
  writeText(writer, 1, message.prefix);
  writeText(writer, 2, message.after);
  writeInt32(writer, 3, message.limit);
  writeText(writer, 4, message.txn);
}

export function readStorageListPageArgs(reader: Reader): StorageListPageArgs {
  let prefix = '';
  let after = '';
  let limit = 0;
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        prefix = readText(reader);
        break;
      case 18:
        after = readText(reader);
        break;
      case 24:
        limit = reader.readInt32();
        break;
      case 34:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { prefix, after, limit, txn };
}

export const storageListPageArgsCodec: Codec<StorageListPageArgs> = createCodec('pb.StorageListPageArgs', writeStorageListPageArgs, readStorageListPageArgs);

export interface StorageIsTransactionalReply {
  readonly transactional: boolean;
}

export function writeStorageIsTransactionalReply(message: PartialMessage<StorageIsTransactionalReply>, writer: Writer): void {
  writeBool(writer, 1, message.transactional);
}

export function readStorageIsTransactionalReply(reader: Reader): StorageIsTransactionalReply {
  let transactional = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        transactional = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { transactional };
}

export const storageIsTransactionalReplyCodec: Codec<StorageIsTransactionalReply> = createCodec('pb.StorageIsTransactionalReply', writeStorageIsTransactionalReply, readStorageIsTransactionalReply);

export interface StorageBeginTxReply {
  readonly txn: string;
  readonly err: string;
}

export function writeStorageBeginTxReply(message: PartialMessage<StorageBeginTxReply>, writer: Writer): void {
  writeText(writer, 1, message.txn);
  writeText(writer, 2, message.err);
}

export function readStorageBeginTxReply(reader: Reader): StorageBeginTxReply {
  let txn = '';
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        txn = readText(reader);
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { txn, err };
}

export const storageBeginTxReplyCodec: Codec<StorageBeginTxReply> = createCodec('pb.StorageBeginTxReply', writeStorageBeginTxReply, readStorageBeginTxReply);

export interface StorageCommitTxArgs {
  readonly txn: string;
}

export function writeStorageCommitTxArgs(message: PartialMessage<StorageCommitTxArgs>, writer: Writer): void {
  writeText(writer, 1, message.txn);
}

export function readStorageCommitTxArgs(reader: Reader): StorageCommitTxArgs {
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { txn };
}

export const storageCommitTxArgsCodec: Codec<StorageCommitTxArgs> = createCodec('pb.StorageCommitTxArgs', writeStorageCommitTxArgs, readStorageCommitTxArgs);

export interface StorageCommitTxReply {
  readonly err: string;
}

export function writeStorageCommitTxReply(message: PartialMessage<StorageCommitTxReply>, writer: Writer): void {
  writeText(writer, 1, message.err);
}

export function readStorageCommitTxReply(reader: Reader): StorageCommitTxReply {
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { err };
}

export const storageCommitTxReplyCodec: Codec<StorageCommitTxReply> = createCodec('pb.StorageCommitTxReply', writeStorageCommitTxReply, readStorageCommitTxReply);

export interface StorageRollbackTxArgs {
  readonly txn: string;
}

export function writeStorageRollbackTxArgs(message: PartialMessage<StorageRollbackTxArgs>, writer: Writer): void {
  writeText(writer, 1, message.txn);
}

export function readStorageRollbackTxArgs(reader: Reader): StorageRollbackTxArgs {
  let txn = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        txn = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { txn };
}

export const storageRollbackTxArgsCodec: Codec<StorageRollbackTxArgs> = createCodec('pb.StorageRollbackTxArgs', writeStorageRollbackTxArgs, readStorageRollbackTxArgs);

export interface StorageRollbackTxReply {
  readonly err: string;
}

export function writeStorageRollbackTxReply(message: PartialMessage<StorageRollbackTxReply>, writer: Writer): void {
  writeText(writer, 1, message.err);
}

export function readStorageRollbackTxReply(reader: Reader): StorageRollbackTxReply {
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { err };
}

export const storageRollbackTxReplyCodec: Codec<StorageRollbackTxReply> = createCodec('pb.StorageRollbackTxReply', writeStorageRollbackTxReply, readStorageRollbackTxReply);

export interface TTLReply {
  /** Nanoseconds. */
  readonly ttl: bigint;
}

export function writeTTLReply(message: PartialMessage<TTLReply>, writer: Writer): void {
  writeInt64(writer, 1, message.ttl);
}

export function readTTLReply(reader: Reader): TTLReply {
  let ttl = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        ttl = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { ttl };
}

export const ttlReplyCodec: Codec<TTLReply> = createCodec('pb.TTLReply', writeTTLReply, readTTLReply);

export interface TaintedReply {
  readonly tainted: boolean;
}

export function writeTaintedReply(message: PartialMessage<TaintedReply>, writer: Writer): void {
  writeBool(writer, 1, message.tainted);
}

export function readTaintedReply(reader: Reader): TaintedReply {
  let tainted = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        tainted = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { tainted };
}

export const taintedReplyCodec: Codec<TaintedReply> = createCodec('pb.TaintedReply', writeTaintedReply, readTaintedReply);

export interface CachingDisabledReply {
  readonly disabled: boolean;
}

export function writeCachingDisabledReply(message: PartialMessage<CachingDisabledReply>, writer: Writer): void {
  writeBool(writer, 1, message.disabled);
}

export function readCachingDisabledReply(reader: Reader): CachingDisabledReply {
  let disabled = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        disabled = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { disabled };
}

export const cachingDisabledReplyCodec: Codec<CachingDisabledReply> = createCodec('pb.CachingDisabledReply', writeCachingDisabledReply, readCachingDisabledReply);

export interface ReplicationStateReply {
  /** A bit set. */
  readonly state: number;
}

export function writeReplicationStateReply(message: PartialMessage<ReplicationStateReply>, writer: Writer): void {
  writeInt32(writer, 1, message.state);
}

export function readReplicationStateReply(reader: Reader): ReplicationStateReply {
  let state = 0;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        state = reader.readInt32();
        break;
      default:
        reader.skipField();
    }
  }
  return { state };
}

export const replicationStateReplyCodec: Codec<ReplicationStateReply> = createCodec('pb.ReplicationStateReply', writeReplicationStateReply, readReplicationStateReply);

export interface ResponseWrapDataArgs {
  /** JSON. */
  readonly data: string;
  /** Nanoseconds. */
  readonly ttl: bigint;
  /** Ignored by hosts. */
  readonly jwt: boolean;
}

export function writeResponseWrapDataArgs(message: PartialMessage<ResponseWrapDataArgs>, writer: Writer): void {
  writeText(writer, 1, message.data);
  writeInt64(writer, 2, message.ttl);
  writeBool(writer, 3, message.jwt);
}

export function readResponseWrapDataArgs(reader: Reader): ResponseWrapDataArgs {
  let data = '';
  let ttl = 0n;
  let jwt = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        data = readText(reader);
        break;
      case 16:
        ttl = readInt64(reader);
        break;
      case 24:
        jwt = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { data, ttl, jwt };
}

export const responseWrapDataArgsCodec: Codec<ResponseWrapDataArgs> = createCodec('pb.ResponseWrapDataArgs', writeResponseWrapDataArgs, readResponseWrapDataArgs);

export interface ResponseWrapDataReply {
  readonly wrapInfo: ResponseWrapInfo | undefined;
  readonly err: string;
}

export function writeResponseWrapDataReply(message: PartialMessage<ResponseWrapDataReply>, writer: Writer): void {
  writeNested(writer, 1, message.wrapInfo, writeResponseWrapInfo);
  writeText(writer, 2, message.err);
}

export function readResponseWrapDataReply(reader: Reader): ResponseWrapDataReply {
  let wrapInfo: ResponseWrapInfo | undefined;
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        wrapInfo = readNested(reader, readResponseWrapInfo);
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { wrapInfo, err };
}

export const responseWrapDataReplyCodec: Codec<ResponseWrapDataReply> = createCodec('pb.ResponseWrapDataReply', writeResponseWrapDataReply, readResponseWrapDataReply);

export interface MlockEnabledReply {
  readonly enabled: boolean;
}

export function writeMlockEnabledReply(message: PartialMessage<MlockEnabledReply>, writer: Writer): void {
  writeBool(writer, 1, message.enabled);
}

export function readMlockEnabledReply(reader: Reader): MlockEnabledReply {
  let enabled = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        enabled = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { enabled };
}

export const mlockEnabledReplyCodec: Codec<MlockEnabledReply> = createCodec('pb.MlockEnabledReply', writeMlockEnabledReply, readMlockEnabledReply);

export interface LocalMountReply {
  readonly local: boolean;
}

export function writeLocalMountReply(message: PartialMessage<LocalMountReply>, writer: Writer): void {
  writeBool(writer, 1, message.local);
}

export function readLocalMountReply(reader: Reader): LocalMountReply {
  let local = false;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        local = reader.readBool();
        break;
      default:
        reader.skipField();
    }
  }
  return { local };
}

export const localMountReplyCodec: Codec<LocalMountReply> = createCodec('pb.LocalMountReply', writeLocalMountReply, readLocalMountReply);

export interface EntityInfoArgs {
  readonly entityId: string;
}

export function writeEntityInfoArgs(message: PartialMessage<EntityInfoArgs>, writer: Writer): void {
  writeText(writer, 1, message.entityId);
}

export function readEntityInfoArgs(reader: Reader): EntityInfoArgs {
  let entityId = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        entityId = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { entityId };
}

export const entityInfoArgsCodec: Codec<EntityInfoArgs> = createCodec('pb.EntityInfoArgs', writeEntityInfoArgs, readEntityInfoArgs);

export interface EntityInfoReply {
  readonly entity: logical.Entity | undefined;
  readonly err: string;
}

export function writeEntityInfoReply(message: PartialMessage<EntityInfoReply>, writer: Writer): void {
  writeNested(writer, 1, message.entity, logical.writeEntity);
  writeText(writer, 2, message.err);
}

export function readEntityInfoReply(reader: Reader): EntityInfoReply {
  let entity: logical.Entity | undefined;
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        entity = readNested(reader, logical.readEntity);
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { entity, err };
}

export const entityInfoReplyCodec: Codec<EntityInfoReply> = createCodec('pb.EntityInfoReply', writeEntityInfoReply, readEntityInfoReply);

export interface GroupsForEntityReply {
  readonly groups: readonly logical.Group[];
  readonly err: string;
}

export function writeGroupsForEntityReply(message: PartialMessage<GroupsForEntityReply>, writer: Writer): void {
  writeNestedList(writer, 1, message.groups, logical.writeGroup);
  writeText(writer, 2, message.err);
}

export function readGroupsForEntityReply(reader: Reader): GroupsForEntityReply {
  const groups: logical.Group[] = [];
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        groups.push(readNested(reader, logical.readGroup));
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { groups, err };
}

export const groupsForEntityReplyCodec: Codec<GroupsForEntityReply> = createCodec('pb.GroupsForEntityReply', writeGroupsForEntityReply, readGroupsForEntityReply);

export interface PluginEnvReply {
  readonly pluginEnvironment: logical.PluginEnvironment | undefined;
  readonly err: string;
}

export function writePluginEnvReply(message: PartialMessage<PluginEnvReply>, writer: Writer): void {
  writeNested(writer, 1, message.pluginEnvironment, logical.writePluginEnvironment);
  writeText(writer, 2, message.err);
}

export function readPluginEnvReply(reader: Reader): PluginEnvReply {
  let pluginEnvironment: logical.PluginEnvironment | undefined;
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        pluginEnvironment = readNested(reader, logical.readPluginEnvironment);
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { pluginEnvironment, err };
}

export const pluginEnvReplyCodec: Codec<PluginEnvReply> = createCodec('pb.PluginEnvReply', writePluginEnvReply, readPluginEnvReply);

export interface GeneratePasswordFromPolicyRequest {
  readonly policyName: string;
}

export function writeGeneratePasswordFromPolicyRequest(message: PartialMessage<GeneratePasswordFromPolicyRequest>, writer: Writer): void {
  writeText(writer, 1, message.policyName);
}

export function readGeneratePasswordFromPolicyRequest(reader: Reader): GeneratePasswordFromPolicyRequest {
  let policyName = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        policyName = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { policyName };
}

export const generatePasswordFromPolicyRequestCodec: Codec<GeneratePasswordFromPolicyRequest> = createCodec('pb.GeneratePasswordFromPolicyRequest', writeGeneratePasswordFromPolicyRequest, readGeneratePasswordFromPolicyRequest);

export interface GeneratePasswordFromPolicyReply {
  readonly password: string;
}

export function writeGeneratePasswordFromPolicyReply(message: PartialMessage<GeneratePasswordFromPolicyReply>, writer: Writer): void {
  writeText(writer, 1, message.password);
}

export function readGeneratePasswordFromPolicyReply(reader: Reader): GeneratePasswordFromPolicyReply {
  let password = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        password = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { password };
}

export const generatePasswordFromPolicyReplyCodec: Codec<GeneratePasswordFromPolicyReply> = createCodec('pb.GeneratePasswordFromPolicyReply', writeGeneratePasswordFromPolicyReply, readGeneratePasswordFromPolicyReply);

export interface ClusterInfoReply {
  readonly clusterName: string;
  readonly clusterId: string;
  readonly err: string;
}

export function writeClusterInfoReply(message: PartialMessage<ClusterInfoReply>, writer: Writer): void {
  writeText(writer, 1, message.clusterName);
  writeText(writer, 2, message.clusterId);
  writeText(writer, 3, message.err);
}

export function readClusterInfoReply(reader: Reader): ClusterInfoReply {
  let clusterName = '';
  let clusterId = '';
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        clusterName = readText(reader);
        break;
      case 18:
        clusterId = readText(reader);
        break;
      case 26:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { clusterName, clusterId, err };
}

export const clusterInfoReplyCodec: Codec<ClusterInfoReply> = createCodec('pb.ClusterInfoReply', writeClusterInfoReply, readClusterInfoReply);

export interface GenerateIdentityTokenRequest {
  readonly audience: string;
  /** Seconds. */
  readonly ttl: bigint;
}

export function writeGenerateIdentityTokenRequest(message: PartialMessage<GenerateIdentityTokenRequest>, writer: Writer): void {
  writeText(writer, 1, message.audience);
  writeInt64(writer, 2, message.ttl);
}

export function readGenerateIdentityTokenRequest(reader: Reader): GenerateIdentityTokenRequest {
  let audience = '';
  let ttl = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        audience = readText(reader);
        break;
      case 16:
        ttl = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { audience, ttl };
}

export const generateIdentityTokenRequestCodec: Codec<GenerateIdentityTokenRequest> = createCodec('pb.GenerateIdentityTokenRequest', writeGenerateIdentityTokenRequest, readGenerateIdentityTokenRequest);

export interface GenerateIdentityTokenResponse {
  readonly token: string;
  /** Seconds. */
  readonly ttl: bigint;
}

export function writeGenerateIdentityTokenResponse(message: PartialMessage<GenerateIdentityTokenResponse>, writer: Writer): void {
  writeText(writer, 1, message.token);
  writeInt64(writer, 2, message.ttl);
}

export function readGenerateIdentityTokenResponse(reader: Reader): GenerateIdentityTokenResponse {
  let token = '';
  let ttl = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        token = readText(reader);
        break;
      case 16:
        ttl = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { token, ttl };
}

export const generateIdentityTokenResponseCodec: Codec<GenerateIdentityTokenResponse> = createCodec('pb.GenerateIdentityTokenResponse', writeGenerateIdentityTokenResponse, readGenerateIdentityTokenResponse);

export interface RotationInfoRequest {
  readonly mountPath: string;
}

export function writeRotationInfoRequest(message: PartialMessage<RotationInfoRequest>, writer: Writer): void {
  writeText(writer, 1, message.mountPath);
}

export function readRotationInfoRequest(reader: Reader): RotationInfoRequest {
  let mountPath = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        mountPath = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { mountPath };
}

export const rotationInfoRequestCodec: Codec<RotationInfoRequest> = createCodec('pb.RotationInfoRequest', writeRotationInfoRequest, readRotationInfoRequest);

export interface RotationInfoReply {
  /** Unix seconds. */
  readonly issueTime: bigint;
  /** Unix seconds. */
  readonly expireTime: bigint;
  /** Seconds. */
  readonly ttl: bigint;
}

export function writeRotationInfoReply(message: PartialMessage<RotationInfoReply>, writer: Writer): void {
  writeInt64(writer, 1, message.issueTime);
  writeInt64(writer, 2, message.expireTime);
  writeInt64(writer, 3, message.ttl);
}

export function readRotationInfoReply(reader: Reader): RotationInfoReply {
  let issueTime = 0n;
  let expireTime = 0n;
  let ttl = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 8:
        issueTime = readInt64(reader);
        break;
      case 16:
        expireTime = readInt64(reader);
        break;
      case 24:
        ttl = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { issueTime, expireTime, ttl };
}

export const rotationInfoReplyCodec: Codec<RotationInfoReply> = createCodec('pb.RotationInfoReply', writeRotationInfoReply, readRotationInfoReply);

export interface RotationJobInput {
  readonly name: string;
  readonly mountPoint: string;
  readonly path: string;
  /** Cron text, or empty. */
  readonly rotationSchedule: string;
  /** Seconds. */
  readonly rotationWindow: bigint;
  /** Seconds. */
  readonly rotationPeriod: bigint;
}

export function writeRotationJobInput(message: PartialMessage<RotationJobInput>, writer: Writer): void {
  writeText(writer, 1, message.name);
  writeText(writer, 2, message.mountPoint);
  writeText(writer, 3, message.path);
  writeText(writer, 4, message.rotationSchedule);
  writeInt64(writer, 5, message.rotationWindow);
  writeInt64(writer, 6, message.rotationPeriod);
}

export function readRotationJobInput(reader: Reader): RotationJobInput {
  let name = '';
  let mountPoint = '';
  let path = '';
  let rotationSchedule = '';
  let rotationWindow = 0n;
  let rotationPeriod = 0n;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        name = readText(reader);
        break;
      case 18:
        mountPoint = readText(reader);
        break;
      case 26:
        path = readText(reader);
        break;
      case 34:
        rotationSchedule = readText(reader);
        break;
      case 40:
        rotationWindow = readInt64(reader);
        break;
      case 48:
        rotationPeriod = readInt64(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { name, mountPoint, path, rotationSchedule, rotationWindow, rotationPeriod };
}

export const rotationJobInputCodec: Codec<RotationJobInput> = createCodec('pb.RotationJobInput', writeRotationJobInput, readRotationJobInput);

export interface RegisterRotationJobRequest {
  readonly job: RotationJobInput | undefined;
}

export function writeRegisterRotationJobRequest(message: PartialMessage<RegisterRotationJobRequest>, writer: Writer): void {
  writeNested(writer, 1, message.job, writeRotationJobInput);
}

export function readRegisterRotationJobRequest(reader: Reader): RegisterRotationJobRequest {
  let job: RotationJobInput | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        job = readNested(reader, readRotationJobInput);
        break;
      default:
        reader.skipField();
    }
  }
  return { job };
}

export const registerRotationJobRequestCodec: Codec<RegisterRotationJobRequest> = createCodec('pb.RegisterRotationJobRequest', writeRegisterRotationJobRequest, readRegisterRotationJobRequest);

export interface RegisterRotationJobResponse {
  readonly rotationId: string;
  readonly err: string;
}

export function writeRegisterRotationJobResponse(message: PartialMessage<RegisterRotationJobResponse>, writer: Writer): void {
  writeText(writer, 1, message.rotationId);
  writeText(writer, 2, message.err);
}

export function readRegisterRotationJobResponse(reader: Reader): RegisterRotationJobResponse {
  let rotationId = '';
  let err = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        rotationId = readText(reader);
        break;
      case 18:
        err = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { rotationId, err };
}

export const registerRotationJobResponseCodec: Codec<RegisterRotationJobResponse> = createCodec('pb.RegisterRotationJobResponse', writeRegisterRotationJobResponse, readRegisterRotationJobResponse);

export interface DeregisterRotationRequestInput {
  readonly mountPoint: string;
  readonly reqPath: string;
}

export function writeDeregisterRotationRequestInput(message: PartialMessage<DeregisterRotationRequestInput>, writer: Writer): void {
  writeText(writer, 1, message.mountPoint);
  writeText(writer, 2, message.reqPath);
}

export function readDeregisterRotationRequestInput(reader: Reader): DeregisterRotationRequestInput {
  let mountPoint = '';
  let reqPath = '';
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        mountPoint = readText(reader);
        break;
      case 18:
        reqPath = readText(reader);
        break;
      default:
        reader.skipField();
    }
  }
  return { mountPoint, reqPath };
}

export const deregisterRotationRequestInputCodec: Codec<DeregisterRotationRequestInput> = createCodec('pb.DeregisterRotationRequestInput', writeDeregisterRotationRequestInput, readDeregisterRotationRequestInput);

export interface DeregisterRotationJobRequest {
  readonly req: DeregisterRotationRequestInput | undefined;
}

export function writeDeregisterRotationJobRequest(message: PartialMessage<DeregisterRotationJobRequest>, writer: Writer): void {
  writeNested(writer, 1, message.req, writeDeregisterRotationRequestInput);
}

export function readDeregisterRotationJobRequest(reader: Reader): DeregisterRotationJobRequest {
  let req: DeregisterRotationRequestInput | undefined;
  while (reader.nextField()) {
    switch (reader.getTag()) {
      case 10:
        req = readNested(reader, readDeregisterRotationRequestInput);
        break;
      default:
        reader.skipField();
    }
  }
  return { req };
}

export const deregisterRotationJobRequestCodec: Codec<DeregisterRotationJobRequest> = createCodec('pb.DeregisterRotationJobRequest', writeDeregisterRotationJobRequest, readDeregisterRotationJobRequest);

export const backendService = {
  handleRequest: {
    path: '/pb.Backend/HandleRequest',
    requestStream: false,
    responseStream: false,
    request: handleRequestArgsCodec,
    response: handleRequestReplyCodec,
  },
  specialPaths: {
    path: '/pb.Backend/SpecialPaths',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: specialPathsReplyCodec,
  },
  handleExistenceCheck: {
    path: '/pb.Backend/HandleExistenceCheck',
    requestStream: false,
    responseStream: false,
    request: handleExistenceCheckArgsCodec,
    response: handleExistenceCheckReplyCodec,
  },
  cleanup: {
    path: '/pb.Backend/Cleanup',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: emptyCodec,
  },
  invalidateKey: {
    path: '/pb.Backend/InvalidateKey',
    requestStream: false,
    responseStream: false,
    request: invalidateKeyArgsCodec,
    response: emptyCodec,
  },
  setup: {
    path: '/pb.Backend/Setup',
    requestStream: false,
    responseStream: false,
    request: setupArgsCodec,
    response: setupReplyCodec,
  },
  initialize: {
    path: '/pb.Backend/Initialize',
    requestStream: false,
    responseStream: false,
    request: initializeArgsCodec,
    response: initializeReplyCodec,
  },
  type: {
    path: '/pb.Backend/Type',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: typeReplyCodec,
  },
} as const satisfies ServiceData;

export const eventsService = {
  sendEvent: {
    path: '/pb.Events/SendEvent',
    requestStream: false,
    responseStream: false,
    request: sendEventRequestCodec,
    response: emptyCodec,
  },
} as const satisfies ServiceData;

export const observationsService = {
  recordObservation: {
    path: '/pb.Observations/RecordObservation',
    requestStream: false,
    responseStream: false,
    request: recordObservationRequestCodec,
    response: emptyCodec,
  },
} as const satisfies ServiceData;

export const storageService = {
  list: {
    path: '/pb.Storage/List',
    requestStream: false,
    responseStream: false,
    request: storageListArgsCodec,
    response: storageListReplyCodec,
  },
  get: {
    path: '/pb.Storage/Get',
    requestStream: false,
    responseStream: false,
    request: storageGetArgsCodec,
    response: storageGetReplyCodec,
  },
  put: {
    path: '/pb.Storage/Put',
    requestStream: false,
    responseStream: false,
    request: storagePutArgsCodec,
    response: storagePutReplyCodec,
  },
  delete: {
    path: '/pb.Storage/Delete',
    requestStream: false,
    responseStream: false,
    request: storageDeleteArgsCodec,
    response: storageDeleteReplyCodec,
  },
  /** The rest: OpenBao only. */
  listPage: {
    path: '/pb.Storage/ListPage',
    requestStream: false,
    responseStream: false,
    request: storageListPageArgsCodec,
    response: storageListReplyCodec,
  },
  isTransactional: {
    path: '/pb.Storage/IsTransactional',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: storageIsTransactionalReplyCodec,
  },
  beginReadOnlyTx: {
    path: '/pb.Storage/BeginReadOnlyTx',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: storageBeginTxReplyCodec,
  },
  beginTx: {
    path: '/pb.Storage/BeginTx',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: storageBeginTxReplyCodec,
  },
  commit: {
    path: '/pb.Storage/Commit',
    requestStream: false,
    responseStream: false,
    request: storageCommitTxArgsCodec,
    response: storageCommitTxReplyCodec,
  },
  rollback: {
    path: '/pb.Storage/Rollback',
    requestStream: false,
    responseStream: false,
    request: storageRollbackTxArgsCodec,
    response: storageRollbackTxReplyCodec,
  },
} as const satisfies ServiceData;

export const systemViewService = {
  defaultLeaseTtl: {
    path: '/pb.SystemView/DefaultLeaseTTL',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: ttlReplyCodec,
  },
  maxLeaseTtl: {
    path: '/pb.SystemView/MaxLeaseTTL',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: ttlReplyCodec,
  },
  tainted: {
    path: '/pb.SystemView/Tainted',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: taintedReplyCodec,
  },
  cachingDisabled: {
    path: '/pb.SystemView/CachingDisabled',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: cachingDisabledReplyCodec,
  },
  replicationState: {
    path: '/pb.SystemView/ReplicationState',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: replicationStateReplyCodec,
  },
  responseWrapData: {
    path: '/pb.SystemView/ResponseWrapData',
    requestStream: false,
    responseStream: false,
    request: responseWrapDataArgsCodec,
    response: responseWrapDataReplyCodec,
  },
  mlockEnabled: {
    path: '/pb.SystemView/MlockEnabled',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: mlockEnabledReplyCodec,
  },
  localMount: {
    path: '/pb.SystemView/LocalMount',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: localMountReplyCodec,
  },
  entityInfo: {
    path: '/pb.SystemView/EntityInfo',
    requestStream: false,
    responseStream: false,
    request: entityInfoArgsCodec,
    response: entityInfoReplyCodec,
  },
  pluginEnv: {
    path: '/pb.SystemView/PluginEnv',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: pluginEnvReplyCodec,
  },
  groupsForEntity: {
    path: '/pb.SystemView/GroupsForEntity',
    requestStream: false,
    responseStream: false,
    request: entityInfoArgsCodec,
    response: groupsForEntityReplyCodec,
  },
  generatePasswordFromPolicy: {
    path: '/pb.SystemView/GeneratePasswordFromPolicy',
    requestStream: false,
    responseStream: false,
    request: generatePasswordFromPolicyRequestCodec,
    response: generatePasswordFromPolicyReplyCodec,
  },
  clusterInfo: {
    path: '/pb.SystemView/ClusterInfo',
    requestStream: false,
    responseStream: false,
    request: emptyCodec,
    response: clusterInfoReplyCodec,
  },
  generateIdentityToken: {
    path: '/pb.SystemView/GenerateIdentityToken',
    requestStream: false,
    responseStream: false,
    request: generateIdentityTokenRequestCodec,
    response: generateIdentityTokenResponseCodec,
  },
  getRotationInformation: {
    path: '/pb.SystemView/GetRotationInformation',
    requestStream: false,
    responseStream: false,
    request: rotationInfoRequestCodec,
    response: rotationInfoReplyCodec,
  },
  registerRotationJob: {
    path: '/pb.SystemView/RegisterRotationJob',
    requestStream: false,
    responseStream: false,
    request: registerRotationJobRequestCodec,
    response: registerRotationJobResponseCodec,
  },
  deregisterRotationJob: {
    path: '/pb.SystemView/DeregisterRotationJob',
    requestStream: false,
    responseStream: false,
    request: deregisterRotationJobRequestCodec,
    response: emptyCodec,
  },
} as const satisfies ServiceData;
