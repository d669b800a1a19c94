/** What a write of `config` makes of the stored record. */
import { findCloud } from '../../azure/clouds.ts';
import { InternalError, InvalidRequestError, MultiError } from '../../errors.ts';
import type { ConfigRequest } from './config-fields.ts';
import { mergeRotation } from './config-rotation.ts';
import { type ConfigRecord, EMPTY_CONFIG } from './model-config.ts';
import { unknownCloudText } from './settings.ts';

const MIN_REQUEST_TIMEOUT_SECONDS = 10;
const MAX_REQUEST_TIMEOUT_SECONDS = 85;

/**
 * The stored values with the given ones on top.
 * @param credential what the write makes of the credential's part.
 * @throws InvalidRequestError
 */
export function mergeConfig(
  before: ConfigRecord | undefined,
  { given, fields: values }: ConfigRequest,
  credential: Partial<ConfigRecord>,
): ConfigRecord {
  const old = before ?? { ...EMPTY_CONFIG, rootPasswordTtlSeconds: values.root_password_ttl };
  if (given.environment !== undefined && findCloud(given.environment) === undefined) {
    throw new InvalidRequestError(new MultiError([new InternalError(unknownCloudText(given.environment))]).message);
  }
  const config: ConfigRecord = {
    ...old,
    ...credential,
    subscriptionId: given.subscription_id ?? old.subscriptionId,
    tenantId: given.tenant_id ?? old.tenantId,
    environment: given.environment ?? old.environment,
    rootPasswordTtlSeconds: given.root_password_ttl ?? old.rootPasswordTtlSeconds,
    ...mergeRotation(old, { given }),
    requestTimeoutSeconds: given.request_timeout ?? old.requestTimeoutSeconds,
    metadata: given.metadata ?? old.metadata,
    seamlessRotation: given.seamless_rotation ?? old.seamlessRotation,
  };
  if (
    config.requestTimeoutSeconds < MIN_REQUEST_TIMEOUT_SECONDS ||
    config.requestTimeoutSeconds > MAX_REQUEST_TIMEOUT_SECONDS
  ) {
    throw new InvalidRequestError(
      `request_timeout must be between ${MIN_REQUEST_TIMEOUT_SECONDS} and ${MAX_REQUEST_TIMEOUT_SECONDS} seconds`,
    );
  }
  return config;
}
