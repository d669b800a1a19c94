/** What is in force: the stored config with the server's environment on top, as the Go plugin has it. */
import { type AzureCloud } from '../../azure/provider.ts';
import { findCloud } from '../../azure/clouds.ts';
import { InternalError } from '../../errors.ts';
import { DEFAULT_IDENTITY_TOKEN_TTL_SECONDS, type ConfigRecord } from './model-config.ts';

/** The server's own settings. Each of the first five wins over the stored value; '' is "not set". */
export interface AzureEnvironment {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly environment: string;
  /** Only what the first write of a config stores when it names no credential; never looked at later. */
  readonly federatedTokenFile: string;
}

/** In the order in which they are looked for. */
export const AUTH_METHODS = [
  'client_secret',
  'client_certificate',
  'identity_token_audience',
  'federated_token_file',
  'managed_identity',
] as const;

/** How the engine logs in, named after the field that decides it. */
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** The credential in force, as data. */
export type LoginCredential =
  | { readonly method: 'client_secret'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly method: 'client_certificate';
      readonly clientId: string;
      /** A secret. */
      readonly certificatePem: string;
    }
  | {
      readonly method: 'identity_token_audience';
      readonly clientId: string;
      readonly audience: string;
      readonly ttlSeconds: number;
    }
  | { readonly method: 'federated_token_file'; readonly clientId: string; readonly file: string }
  | { readonly method: 'managed_identity'; /** '' selects the system-assigned identity. */ readonly clientId: string };

export interface EffectiveSettings {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** '' for a system-assigned managed identity. */
  readonly clientId: string;
  readonly cloud: AzureCloud;
  readonly credential: LoginCredential;
  /** True when client id or secret come from the environment: then the stored secret is not in use. */
  readonly isCredentialFromEnvironment: boolean;
}

/**
 * @throws InternalError when something required is missing or the cloud is unknown.
 * Source: vault-plugin-secrets-azure v0.23.0, client.go (getClientSettings).
 */
export function resolveSettings(config: ConfigRecord, environment: AzureEnvironment): EffectiveSettings {
  const subscriptionId = environment.subscriptionId || config.subscriptionId;
  if (subscriptionId === '') throw new InternalError('subscription_id is required');
  const tenantId = environment.tenantId || config.tenantId;
  if (tenantId === '') throw new InternalError('tenant_id is required');
  const cloudName = environment.environment || config.environment;
  const cloud = findCloud(cloudName);
  if (cloud === undefined) throw new InternalError(unknownCloudText(cloudName));
  return {
    subscriptionId,
    tenantId,
    clientId: environment.clientId || config.clientId,
    cloud,
    credential: selectCredential(config, environment),
    isCredentialFromEnvironment: environment.clientId !== '' || environment.clientSecret !== '',
  };
}

/**
 * The first that is set, in the order of `AUTH_METHODS`; the environment's client id and secret before the stored ones.
 * Source of the order of secret, audience and managed identity: vault-plugin-secrets-azure v0.23.0, provider.go
 * (getTokenCredential).
 * @throws InternalError when it needs a client id and there is none. Falling back to another one would act as somebody
 * else.
 */
export function selectCredential(config: ConfigRecord, environment: AzureEnvironment): LoginCredential {
  const method = selectAuthMethod(config, environment);
  const clientId = environment.clientId || config.clientId;
  if (method === 'managed_identity') return { method, clientId };
  if (clientId === '') throw new InternalError(`client_id is required with ${method}`);
  switch (method) {
    case 'client_secret':
      return { method, clientId, clientSecret: environment.clientSecret || config.clientSecret };
    case 'client_certificate':
      return { method, clientId, certificatePem: config.clientCertificate };
    case 'identity_token_audience': {
      const ttlSeconds = config.identityTokenTtlSeconds || DEFAULT_IDENTITY_TOKEN_TTL_SECONDS;
      return { method, clientId, audience: config.identityTokenAudience, ttlSeconds };
    }
    case 'federated_token_file':
      return { method, clientId, file: config.federatedTokenFile };
  }
}

/** A secret without a client id counts for nothing, as in the Go plugin. */
export function selectAuthMethod(config: ConfigRecord, environment: AzureEnvironment): AuthMethod {
  const hasClientId = environment.clientId !== '' || config.clientId !== '';
  const hasSecret = environment.clientSecret !== '' || config.clientSecret !== '';
  if (hasClientId && hasSecret) return 'client_secret';
  if (config.clientCertificate !== '') return 'client_certificate';
  if (config.identityTokenAudience !== '') return 'identity_token_audience';
  if (config.federatedTokenFile !== '') return 'federated_token_file';
  return 'managed_identity';
}

/** The Go plugin's text, which clients match. */
export function unknownCloudText(name: string): string {
  return `err: no cloud configuration matching the name "${name.toUpperCase()}"`;
}
