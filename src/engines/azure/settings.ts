/** What is in force: the stored config with the server's environment on top, as the Go plugin has it. */
import { type AzureCloud, type AzureCredential } from '../../azure/provider.ts';
import { findCloud } from '../../azure/clouds.ts';
import { InternalError } from '../../errors.ts';
import type { ConfigRecord } from './model-config.ts';

/** The server's own settings. Each wins over the stored value; '' is "not set". */
export interface AzureEnvironment {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly environment: string;
}

export interface EffectiveSettings {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** '' for a system-assigned managed identity. */
  readonly clientId: string;
  readonly cloud: AzureCloud;
  readonly credential: AzureCredential;
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
  const clientId = environment.clientId || config.clientId;
  const clientSecret = environment.clientSecret || config.clientSecret;
  if (clientSecret === '' && config.identityTokenAudience !== '') {
    // Written by another version. Falling back to a managed identity would act as somebody else.
    throw new InternalError(
      'config holds identity_token_audience, which is not available in this version: write client_id and client_secret, and identity_token_audience=""',
    );
  }
  return {
    subscriptionId,
    tenantId,
    clientId,
    cloud,
    credential:
      clientId !== '' && clientSecret !== ''
        ? { kind: 'clientSecret', clientId, clientSecret }
        : { kind: 'managedIdentity', clientId },
    isCredentialFromEnvironment: environment.clientId !== '' || environment.clientSecret !== '',
  };
}

/** The Go plugin's text, which clients match. */
export function unknownCloudText(name: string): string {
  return `err: no cloud configuration matching the name "${name.toUpperCase()}"`;
}
