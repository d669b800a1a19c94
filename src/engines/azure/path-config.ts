/** `config`: how the engine logs in to Azure, and its defaults. */
import { definePath, type Path } from '../../framework/index.ts';
import type { Response } from '../../logical/index.ts';
import type { JsonValue } from '../../util/json.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { CONFIG_ANSWER } from './answer-fields.ts';
import {
  checkCredential,
  describeCredential,
  mergeCredential,
  verifyConfig,
  warnOfUnused,
} from './config-credential.ts';
import { CONFIG_FIELDS, CONFIG_READ_EXAMPLE, CONFIG_WRITE_EXAMPLE, type ConfigRequest } from './config-fields.ts';
import { mergeConfig } from './config-merge.ts';
import {
  arrangeRotation,
  checkRotatable,
  checkRotation,
  endRotation,
  toStorageFailure,
  warnOfGaps,
} from './config-rotation.ts';
import { describeRotation } from './describe-rotation.ts';
import { CONFIG_LOCK } from './lock-keys.ts';
import { shownMetadata } from './metadata.ts';
import { type ConfigRecord, DEFAULT_REQUEST_TIMEOUT_SECONDS, EMPTY_CONFIG } from './model-config.ts';
import { ROOT_ROTATION_ID } from './model-rotation.ts';
import type { AzureMount } from './mount.ts';
import { isSameId } from './same-id.ts';

export function configPath(mount: AzureMount): Path {
  const write = {
    handler: (request: ConfigRequest) => writeConfig(mount, request),
    summary: 'Configure how the engine logs in to Azure.',
    description: 'Fields that are not given keep their values.',
    example: CONFIG_WRITE_EXAMPLE,
    forwardPerformanceStandby: true,
    forwardPerformanceSecondary: true,
    operationVerb: 'configure',
  };
  return definePath({
    pattern: 'config',
    fields: CONFIG_FIELDS,
    synopsis: 'Configure how the engine logs in to Azure.',
    description:
      'The engine needs an identity that may manage applications and role assignments. This path holds that identity and defaults of the mount. Reading it never shows a secret.',
    displayAttributes: { operationPrefix: 'azure' },
    existenceCheck: async (request) => (await mount.stores.configs.get(request.storage, '')) !== undefined,
    operations: {
      create: write,
      update: write,
      read: {
        handler: (request) => readConfig(mount, request),
        summary: 'Read the configuration, without its secrets.',
        operationSuffix: 'configuration',
        responses: [
          {
            status: 200,
            description: 'The configuration.',
            fields: CONFIG_ANSWER,
            example: CONFIG_READ_EXAMPLE,
          },
        ],
      },
      delete: {
        handler: (request) => deleteConfig(mount, request),
        summary: 'Delete the configuration.',
        description: 'Leases live on; they cannot be revoked until there is a configuration again.',
        forwardPerformanceStandby: true,
        forwardPerformanceSecondary: true,
        operationSuffix: 'configuration',
      },
    },
  });
}

/** Source: vault-plugin-secrets-azure v0.23.0, path_config.go (pathConfigWrite). */
async function writeConfig(mount: AzureMount, request: ConfigRequest): Promise<Response | undefined> {
  const write = async (): Promise<Response | undefined> => {
    const before = await mount.stores.configs.get(request.storage, '');
    const { environment, dependencies } = mount;
    const credential = mergeCredential(before, request, { environment, now: dependencies.clock.now() });
    const config = mergeConfig(before, request, credential);
    await checkRotation(mount, request, config);
    await checkCredential(mount, request, before, config);
    checkRotatable(mount, config);
    if (request.fields.verify) await verifyConfig(mount, request, config);
    const gaps = await warnOfGaps(mount, config);
    const arrangement = await arrangeRotation(mount, request, { before, config });
    try {
      await mount.stores.configs.put(request.storage, '', config);
    } catch (error) {
      throw toStorageFailure(error, arrangement, request);
    } finally {
      mount.dropSession();
    }
    const unused = warnOfUnused(request, config, environment);
    const warnings = [...unused, ...gaps, ...(await warnOfFormerTenant(mount, request, before, config))];
    return warnings.length === 0 ? undefined : { warnings };
  };
  return mount.locks.run(CONFIG_LOCK, write, request.signal);
}

/** What was made in the tenant that the config named before cannot be removed any more. */
async function warnOfFormerTenant(
  mount: AzureMount,
  { storage }: ConfigRequest,
  before: ConfigRecord | undefined,
  { tenantId }: ConfigRecord,
): Promise<string[]> {
  if (before === undefined || before.tenantId === '' || isSameId(before.tenantId, tenantId)) return [];
  const { issued, operations, leftovers, staticCreds } = mount.stores;
  const lists = await Promise.all([issued, operations, leftovers, staticCreds].map((store) => store.list(storage)));
  if (lists.every((list) => list.length === 0)) return [];
  return [
    `credentials that were made in tenant ${before.tenantId} are still alive: unless that is the same tenant under another name, they cannot be revoked while config names ${tenantId}`,
  ];
}

/** Source: vault-plugin-secrets-azure v0.23.0, path_config.go (pathConfigRead). Empty values before any write. */
async function readConfig(mount: AzureMount, request: ConfigRequest): Promise<Response> {
  const stored = await mount.stores.configs.get(request.storage, '');
  const config = stored ?? EMPTY_CONFIG;
  const data: Record<string, JsonValue> = {
    subscription_id: config.subscriptionId,
    tenant_id: config.tenantId,
    environment: config.environment,
    client_id: config.clientId,
    root_password_ttl: config.rootPasswordTtlSeconds,
    identity_token_audience: config.identityTokenAudience,
    identity_token_ttl: config.identityTokenTtlSeconds,
    rotation_schedule: config.rotationSchedule,
    rotation_window: config.rotationWindowSeconds,
    rotation_period: config.rotationPeriodSeconds,
    disable_automated_rotation: config.disableAutomatedRotation,
  };
  if (config.rootPasswordExpiresAt !== undefined) {
    data['root_password_expiration_date'] = formatTime(config.rootPasswordExpiresAt);
  }
  if (config.clientSecretKeyId !== '') data['root_password_key_id'] = config.clientSecretKeyId;

  if (config.requestTimeoutSeconds !== DEFAULT_REQUEST_TIMEOUT_SECONDS) {
    data['request_timeout'] = config.requestTimeoutSeconds;
  }
  if (!config.seamlessRotation) data['seamless_rotation'] = false;
  const rotation = await describeRotation(mount, request.storage, config);
  const credential = stored === undefined ? {} : describeCredential(config, mount.environment);
  return { data: { ...data, ...credential, ...rotation, ...shownMetadata(config.metadata) } };
}

async function deleteConfig(mount: AzureMount, request: ConfigRequest): Promise<undefined> {
  const remove = async (): Promise<void> => {
    await endRotation(request);
    await mount.stores.rotations.delete(request.storage, ROOT_ROTATION_ID);
    try {
      await mount.stores.configs.delete(request.storage, '');
    } finally {
      mount.dropSession();
    }
  };
  await mount.locks.run(CONFIG_LOCK, remove, request.signal);
}
