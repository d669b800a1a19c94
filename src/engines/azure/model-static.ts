/**
 * The stored records of static roles: `static-roles/<name>`, what an operator asked for, and `static-creds/<name>`, the
 * secrets that stand for it. `application_object_id` and `ttl` of the one, `client_id`, `client_secret`, `secret_id` and
 * `expiration` of the other are Vault Enterprise's; the rest is ours. Keys that we do not know are kept.
 */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../util/json.ts';
import { EPOCH, formatTime, parseTime } from '../../util/rfc3339.ts';
import { type Metadata, NO_METADATA, readMetadata, storedMetadata } from './metadata.ts';
import { decodeRecord, encodeRecord, readBoolean, readNumber, readString, unknownFields } from './record-codec.ts';

export const STATIC_ROLES_PREFIX = 'static-roles/';
export const STATIC_CREDS_PREFIX = 'static-creds/';

/** 17520 h: two years. */
export const DEFAULT_ROTATION_PERIOD_SECONDS = 17520 * 3600;
export const DEFAULT_GRACE_PERIOD_SECONDS = 300;
/** In place of a grace period: the old secret goes at once. */
export const NO_GRACE_PERIOD = -1;

export interface StaticRoleRecord {
  readonly applicationObjectId: string;
  /** Client id of that application; '' in a record of Vault Enterprise. */
  readonly applicationId: string;
  readonly rotationPeriodSeconds: number;
  /** The next secret is made ahead of its time. */
  readonly isSeamless: boolean;
  /** How long the old secret is good beside the new one; `NO_GRACE_PERIOD`. */
  readonly gracePeriodSeconds: number;
  readonly metadata: Metadata;
  /** Keys of other versions, as read. */
  readonly unknown: JsonObject;
}

/** What the engine knows of one password in Azure. */
export interface StaticSecret {
  /** As the config had it when the secret came here; '' in a record of Vault Enterprise. */
  readonly tenantId: string;
  /** '' in a record of Vault Enterprise: that of the role. */
  readonly applicationObjectId: string;
  readonly clientId: string;
  /** '' when it was imported without its text: it cannot be read. */
  readonly clientSecret: string;
  readonly keyId: string;
  /** End in Azure. */
  readonly expiresAt: Date;
  readonly createdAt: Date;
  /** Start of the rotation period that it stands for; `undefined` in a record of Vault Enterprise. */
  readonly periodStartsAt: Date | undefined;
  /** Made by the engine, so deleting the role removes it. */
  readonly isOurs: boolean;
}

/** The next secret: in Azure already, and not handed out before its time. */
export interface StagedSecret extends StaticSecret {
  /** From then on readers get this one. */
  readonly handedOutFrom: Date;
  readonly periodStartsAt: Date;
}

/** A password that is still in Azure and not needed any more. */
export interface RetiredSecret {
  readonly tenantId: string;
  readonly applicationObjectId: string;
  readonly keyId: string;
  readonly createdAt: Date;
  readonly removeAt: Date;
}

export interface StaticCredsRecord {
  /** `undefined`: there is none yet, or not any more. */
  readonly current: StaticSecret | undefined;
  readonly staged: StagedSecret | undefined;
  readonly retired: readonly RetiredSecret[];
  /** Keys of other versions, as read. */
  readonly unknown: JsonObject;
}

export const NEW_STATIC_ROLE: StaticRoleRecord = {
  applicationObjectId: '',
  applicationId: '',
  rotationPeriodSeconds: DEFAULT_ROTATION_PERIOD_SECONDS,
  isSeamless: true,
  gracePeriodSeconds: DEFAULT_GRACE_PERIOD_SECONDS,
  metadata: NO_METADATA,
  unknown: {},
};

export const NO_STATIC_CREDS: StaticCredsRecord = { current: undefined, staged: undefined, retired: [], unknown: {} };

const KNOWN_ROLE_KEYS = new Set([
  'application_object_id',
  'application_id',
  'ttl',
  'seamless_rotation',
  'rotation_grace_period',
]);

const SECRET_KEYS = [
  'tenant_id',
  'application_object_id',
  'client_id',
  'client_secret',
  'secret_id',
  'expiration',
  'created_at',
  'period_starts_at',
  'made_by_engine',
];
const KNOWN_CREDS_KEYS = new Set([...SECRET_KEYS, 'staged', 'retired']);

const NS_PER_SECOND = 1e9;

/** @throws InternalError when the stored bytes are no JSON object. */
export function decodeStaticRole(storageKey: string, value: Uint8Array): StaticRoleRecord {
  const json = decodeRecord(storageKey, value);
  return {
    applicationObjectId: readString(json, 'application_object_id'),
    applicationId: readString(json, 'application_id'),
    rotationPeriodSeconds: readNumber(json, 'ttl') / NS_PER_SECOND || DEFAULT_ROTATION_PERIOD_SECONDS,
    isSeamless: readBoolean(json, 'seamless_rotation'),
    gracePeriodSeconds: readNumber(json, 'rotation_grace_period') / NS_PER_SECOND || DEFAULT_GRACE_PERIOD_SECONDS,
    metadata: readMetadata(json),
    unknown: unknownFields(json, KNOWN_ROLE_KEYS),
  };
}

export function encodeStaticRole(role: StaticRoleRecord): Uint8Array {
  return encodeRecord({
    ...role.unknown,
    application_object_id: role.applicationObjectId,
    application_id: role.applicationId,
    ttl: role.rotationPeriodSeconds * NS_PER_SECOND,
    seamless_rotation: role.isSeamless,
    rotation_grace_period: role.gracePeriodSeconds * NS_PER_SECOND,
    ...storedMetadata(role.metadata),
  });
}

/** @throws InternalError when the stored bytes are no JSON object. */
export function decodeStaticCreds(storageKey: string, value: Uint8Array): StaticCredsRecord {
  const json = decodeRecord(storageKey, value);
  const { staged, retired } = json;
  return {
    current: readSecret(json),
    staged: isJsonObject(staged) ? readStaged(staged) : undefined,
    retired: isJsonArray(retired) ? retired.filter(isJsonObject).flatMap(readRetired) : [],
    unknown: unknownFields(json, KNOWN_CREDS_KEYS),
  };
}

export function encodeStaticCreds({ current, staged, retired, unknown }: StaticCredsRecord): Uint8Array {
  return encodeRecord({
    ...unknown,
    ...(current === undefined ? {} : secretJson(current)),
    staged:
      staged === undefined ? undefined : { ...secretJson(staged), handed_out_from: formatTime(staged.handedOutFrom) },
    retired: retired.length === 0 ? undefined : retired.map(retiredJson),
  });
}

function secretJson(secret: StaticSecret): Record<string, JsonValue> {
  return {
    tenant_id: secret.tenantId,
    application_object_id: secret.applicationObjectId,
    client_id: secret.clientId,
    client_secret: secret.clientSecret,
    secret_id: secret.keyId,
    expiration: formatTime(secret.expiresAt),
    created_at: formatTime(secret.createdAt),
    period_starts_at: formatTime(secret.periodStartsAt),
    made_by_engine: secret.isOurs,
  };
}

/** `undefined` when the key is not named: it would be no use, and nothing could be removed by it. */
function readSecret(json: JsonObject): StaticSecret | undefined {
  const keyId = readString(json, 'secret_id');
  if (keyId === '') return undefined;
  return {
    tenantId: readString(json, 'tenant_id'),
    applicationObjectId: readString(json, 'application_object_id'),
    clientId: readString(json, 'client_id'),
    clientSecret: readString(json, 'client_secret'),
    keyId,
    // One that cannot be read counts as passed: the secret is replaced, not trusted for ever.
    expiresAt: parseTime(readString(json, 'expiration')) ?? EPOCH,
    createdAt: parseTime(readString(json, 'created_at')) ?? EPOCH,
    periodStartsAt: parseTime(readString(json, 'period_starts_at')),
    isOurs: readBoolean(json, 'made_by_engine'),
  };
}

function readStaged(json: JsonObject): StagedSecret | undefined {
  const secret = readSecret(json);
  if (secret === undefined) return undefined;
  const { periodStartsAt = EPOCH } = secret;
  return { ...secret, periodStartsAt, handedOutFrom: parseTime(readString(json, 'handed_out_from')) ?? periodStartsAt };
}

function retiredJson(retired: RetiredSecret): JsonValue {
  return {
    tenant_id: retired.tenantId,
    application_object_id: retired.applicationObjectId,
    secret_id: retired.keyId,
    created_at: formatTime(retired.createdAt),
    remove_at: formatTime(retired.removeAt),
  };
}

function readRetired(json: JsonObject): RetiredSecret[] {
  const keyId = readString(json, 'secret_id');
  if (keyId === '') return [];
  return [
    {
      tenantId: readString(json, 'tenant_id'),
      applicationObjectId: readString(json, 'application_object_id'),
      keyId,
      createdAt: parseTime(readString(json, 'created_at')) ?? EPOCH,
      removeAt: parseTime(readString(json, 'remove_at')) ?? EPOCH,
    },
  ];
}
