/**
 * The stored record `config`, shared with the Go plugin: its keys, units and zero values.
 * Keys that we do not know are kept when the record is rewritten.
 * Source: vault-plugin-secrets-azure v0.23.0, path_config.go (azureConfig).
 */
import type { JsonObject, JsonValue } from '../../util/json.ts';
import { formatTime, parseTime } from '../../util/rfc3339.ts';
import { type Metadata, NO_METADATA, readMetadata, storedMetadata } from './metadata.ts';
import { decodeRecord, encodeRecord, readBoolean, readNumber, readString, unknownFields } from './record-codec.ts';

export const CONFIG_KEY = 'config';

/** 4380 h: half a year, what Azure's portal offers first. */
export const DEFAULT_ROOT_PASSWORD_TTL_SECONDS = 4380 * 3600;

/** The budget of one request, when not configured. The host's CLI gives up after 60 s. */
export const DEFAULT_REQUEST_TIMEOUT_SECONDS = 50;

export const DEFAULT_IDENTITY_TOKEN_TTL_SECONDS = 3600;

/** A root secret that exists in Azure and is not in use yet. */
export interface StagedRootSecret {
  readonly clientSecret: string;
  readonly keyId: string;
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
}

export interface ConfigRecord {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** '' when the secret was given by an operator. */
  readonly clientSecretKeyId: string;
  readonly staged: StagedRootSecret | undefined;
  /** As the operator wrote it, for example `AzurePublicCloud`; '' is the public cloud. */
  readonly environment: string;
  readonly rootPasswordTtlSeconds: number;
  readonly rootPasswordExpiresAt: Date | undefined;
  /** Ours. When the secret of `clientSecretKeyId` was made; `undefined` for one that the Go plugin, or nobody, rotated. */
  readonly rootPasswordCreatedAt: Date | undefined;
  readonly identityTokenAudience: string;
  readonly identityTokenTtlSeconds: number;
  readonly rotationSchedule: string;
  readonly rotationWindowSeconds: number;
  readonly rotationPeriodSeconds: number;
  readonly disableAutomatedRotation: boolean;
  /** Ours. Private key and certificates as PEM; '' when there is none. */
  readonly clientCertificate: string;
  /** Ours. Absolute path; '' when there is none. */
  readonly federatedTokenFile: string;
  /** Ours. Seconds, 10–85. */
  readonly requestTimeoutSeconds: number;
  /** Ours. */
  readonly metadata: Metadata;
  /** Ours. What new static roles begin with. */
  readonly seamlessRotation: boolean;
  /** Keys of other versions, as read. */
  readonly unknown: JsonObject;
}

export const EMPTY_CONFIG: ConfigRecord = {
  subscriptionId: '',
  tenantId: '',
  clientId: '',
  clientSecret: '',
  clientSecretKeyId: '',
  staged: undefined,
  environment: '',
  rootPasswordTtlSeconds: 0,
  rootPasswordExpiresAt: undefined,
  rootPasswordCreatedAt: undefined,
  identityTokenAudience: '',
  identityTokenTtlSeconds: 0,
  rotationSchedule: '',
  rotationWindowSeconds: 0,
  rotationPeriodSeconds: 0,
  disableAutomatedRotation: false,
  clientCertificate: '',
  federatedTokenFile: '',
  requestTimeoutSeconds: DEFAULT_REQUEST_TIMEOUT_SECONDS,
  metadata: NO_METADATA,
  seamlessRotation: true,
  unknown: {},
};

const KNOWN_KEYS = new Set([
  'subscription_id',
  'tenant_id',
  'client_id',
  'client_secret',
  'client_secret_key_id',
  'new_client_secret',
  'new_client_secret_created',
  'new_client_secret_expiration_date',
  'new_client_secret_key_id',
  'environment',
  'root_password_ttl',
  'root_password_expiration_date',
  'root_password_created',
  'identity_token_audience',
  'identity_token_ttl',
  'rotation_schedule',
  'rotation_window',
  'rotation_period',
  'disable_automated_rotation',
  'client_certificate',
  'federated_token_file',
  'request_timeout',
  'seamless_rotation',
]);

const NS_PER_SECOND = 1e9;

/** @throws InternalError when the stored bytes are no JSON object. */
export function decodeConfig(value: Uint8Array): ConfigRecord {
  const json = decodeRecord(CONFIG_KEY, value);
  const newSecret = readString(json, 'new_client_secret');
  return {
    subscriptionId: readString(json, 'subscription_id'),
    tenantId: readString(json, 'tenant_id'),
    clientId: readString(json, 'client_id'),
    clientSecret: readString(json, 'client_secret'),
    clientSecretKeyId: readString(json, 'client_secret_key_id'),
    staged:
      newSecret === ''
        ? undefined
        : {
            clientSecret: newSecret,
            keyId: readString(json, 'new_client_secret_key_id'),
            createdAt: parseTime(readString(json, 'new_client_secret_created')),
            expiresAt: parseTime(readString(json, 'new_client_secret_expiration_date')),
          },
    environment: readString(json, 'environment'),
    rootPasswordTtlSeconds: readNumber(json, 'root_password_ttl') / NS_PER_SECOND,
    rootPasswordExpiresAt: parseTime(readString(json, 'root_password_expiration_date')),
    rootPasswordCreatedAt: parseTime(readString(json, 'root_password_created')),
    identityTokenAudience: readString(json, 'identity_token_audience'),
    identityTokenTtlSeconds: readNumber(json, 'identity_token_ttl') / NS_PER_SECOND,
    rotationSchedule: readString(json, 'rotation_schedule'),
    rotationWindowSeconds: readNumber(json, 'rotation_window') / NS_PER_SECOND,
    rotationPeriodSeconds: readNumber(json, 'rotation_period') / NS_PER_SECOND,
    disableAutomatedRotation: readBoolean(json, 'disable_automated_rotation'),
    clientCertificate: readString(json, 'client_certificate'),
    federatedTokenFile: readString(json, 'federated_token_file'),
    requestTimeoutSeconds: readNumber(json, 'request_timeout') / NS_PER_SECOND || DEFAULT_REQUEST_TIMEOUT_SECONDS,
    metadata: readMetadata(json),
    seamlessRotation: json['seamless_rotation'] !== false,
    unknown: unknownFields(json, KNOWN_KEYS),
  };
}

export function encodeConfig(config: ConfigRecord): Uint8Array {
  const json: Record<string, JsonValue> = {
    ...config.unknown,
    subscription_id: config.subscriptionId,
    tenant_id: config.tenantId,
    client_id: config.clientId,
    client_secret: config.clientSecret,
    client_secret_key_id: config.clientSecretKeyId,
    new_client_secret: config.staged?.clientSecret ?? '',
    new_client_secret_created: formatTime(config.staged?.createdAt),
    new_client_secret_expiration_date: formatTime(config.staged?.expiresAt),
    new_client_secret_key_id: config.staged?.keyId ?? '',
    environment: config.environment,
    root_password_ttl: config.rootPasswordTtlSeconds * NS_PER_SECOND,
    root_password_expiration_date: formatTime(config.rootPasswordExpiresAt),
    identity_token_audience: config.identityTokenAudience,
    identity_token_ttl: config.identityTokenTtlSeconds * NS_PER_SECOND,
    rotation_schedule: config.rotationSchedule,
    rotation_window: config.rotationWindowSeconds * NS_PER_SECOND,
    rotation_period: config.rotationPeriodSeconds * NS_PER_SECOND,
    disable_automated_rotation: config.disableAutomatedRotation,
  };
  if (config.rootPasswordCreatedAt !== undefined) {
    json['root_password_created'] = formatTime(config.rootPasswordCreatedAt);
  }
  if (config.clientCertificate !== '') json['client_certificate'] = config.clientCertificate;
  if (config.federatedTokenFile !== '') json['federated_token_file'] = config.federatedTokenFile;
  if (config.requestTimeoutSeconds !== DEFAULT_REQUEST_TIMEOUT_SECONDS) {
    json['request_timeout'] = config.requestTimeoutSeconds * NS_PER_SECOND;
  }
  if (!config.seamlessRotation) json['seamless_rotation'] = false;
  return encodeRecord({ ...json, ...storedMetadata(config.metadata) });
}
