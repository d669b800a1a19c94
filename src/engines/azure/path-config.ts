/** `config`: how the engine logs in to Azure, and its defaults. */
import { findCloud } from '../../azure/clouds.ts';
import { AzureError, InternalError, InvalidRequestError, MultiError, NotSupportedByHostError } from '../../errors.ts';
import { definePath, field, type Path, type PathRequest } from '../../framework/index.ts';
import type { Response } from '../../logical/index.ts';
import type { JsonValue } from '../../util/json.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { CONFIG_LOCK } from './lock-keys.ts';
import { metadataField, shownMetadata } from './metadata.ts';
import {
  type ConfigRecord,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  DEFAULT_ROOT_PASSWORD_TTL_SECONDS,
  EMPTY_CONFIG,
} from './model-config.ts';
import type { AzureMount } from './mount.ts';
import { stepContext } from './procedure.ts';
import { retryStep } from './retry.ts';
import { unknownCloudText } from './settings.ts';

const MIN_REQUEST_TIMEOUT_SECONDS = 10;
const MAX_REQUEST_TIMEOUT_SECONDS = 85;

const fields = {
  subscription_id: field.string({
    description:
      'Id of the Azure subscription. Needed, from here or from the environment variable AZURE_SUBSCRIPTION_ID of the server, which outranks it.',
    example: '94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44',
  }),
  tenant_id: field.string({
    description:
      'Id of the Entra ID tenant. Needed, from here or from the environment variable AZURE_TENANT_ID of the server, which outranks it.',
    example: 'd0ac7e5b-6a1f-4b7d-8f65-3f0c2f9d1b10',
  }),
  client_id: field.string({
    description:
      'Client id of the application that the engine logs in with. Without client_id and client_secret it uses a managed identity; client_id alone selects a user-assigned one. AZURE_CLIENT_ID of the server outranks it.',
    example: 'e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21',
  }),
  client_secret: field.string({
    description:
      'Secret of that application. Never shown. Excludes identity_token_audience. AZURE_CLIENT_SECRET of the server outranks it.',
    isSensitive: true,
  }),
  environment: field.string({
    description:
      'Azure cloud: AzurePublicCloud (default), AzureUSGovernmentCloud, AzureUSGovernmentDoDCloud or AzureChinaCloud, any case. AZURE_ENVIRONMENT of the server outranks it.',
    example: 'AzurePublicCloud',
  }),
  root_password_ttl: field.durationSecond({
    description: 'How long a secret that rotate-root makes is valid in Azure.',
    default: DEFAULT_ROOT_PASSWORD_TTL_SECONDS,
    example: '182d',
  }),
  identity_token_audience: field.string({
    description:
      'Audience of the identity token that the host mints for this mount (workload identity federation). Needs a host that can mint them; not usable in this version.',
  }),
  identity_token_ttl: field.durationSecond({ description: 'How long such an identity token is valid.', default: 3600 }),
  rotation_schedule: field.string({
    description: 'Cron schedule of root rotation. Not usable in this version: use rotate-root.',
  }),
  rotation_window: field.durationSecond({
    description: 'How long after a scheduled time a rotation may start. Only with rotation_schedule.',
  }),
  rotation_period: field.durationSecond({
    description: 'Time between two root rotations. Not usable in this version: use rotate-root.',
  }),
  disable_automated_rotation: field.bool({ description: 'Suspends automatic root rotation.' }),
  request_timeout: field.durationSecond({
    description:
      'The time that one request may take, 10 to 85 s. Keep it below the client timeout of those who ask (60 s by default).',
    default: DEFAULT_REQUEST_TIMEOUT_SECONDS,
  }),
  metadata: metadataField(
    'Texts to keep with the configuration, for your reference: name=value pairs or an object. Replaces what was kept; {} clears it.',
  ),
  verify: field.bool({
    description:
      'Log in with the new values before they are stored; nothing is stored when Azure refuses. Not stored itself.',
  }),
};

const READ_EXAMPLE = {
  subscription_id: '94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44',
  tenant_id: 'd0ac7e5b-6a1f-4b7d-8f65-3f0c2f9d1b10',
  environment: 'AzurePublicCloud',
  client_id: 'e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21',
  root_password_ttl: DEFAULT_ROOT_PASSWORD_TTL_SECONDS,
  root_password_expiration_date: '2027-05-24T04:00:00.000Z',
  root_password_key_id: '5c2f7e2a-9d1b-4a64-8f0e-3b7c6d5e4f21',
  identity_token_audience: '',
  identity_token_ttl: 0,
  rotation_schedule: '',
  rotation_window: 0,
  rotation_period: 0,
  disable_automated_rotation: false,
};

type ConfigRequest = PathRequest<typeof fields>;

export function configPath(mount: AzureMount): Path {
  const write = {
    handler: (request: ConfigRequest) => writeConfig(mount, request),
    summary: 'Configure how the engine logs in to Azure.',
    description: 'Fields that are not given keep their values.',
    forwardPerformanceStandby: true,
    forwardPerformanceSecondary: true,
    operationVerb: 'configure',
  };
  return definePath({
    pattern: 'config',
    fields,
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
            description:
              'The configuration; times in seconds. root_password_expiration_date and root_password_key_id are there after a rotation, rotation_state while a new secret waits to be put in force, request_timeout when it is not the default, metadata when there is some.',
            example: READ_EXAMPLE,
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
async function writeConfig(mount: AzureMount, request: ConfigRequest): Promise<undefined> {
  const write = async (): Promise<void> => {
    const before = await mount.stores.configs.get(request.storage, '');
    const config = merge(before, request);
    checkRotation(config);
    if (config.identityTokenAudience !== '') await checkIdentityToken(config, request);
    if (request.fields.verify) await verifyConfig(mount, request, config);
    try {
      await mount.stores.configs.put(request.storage, '', config);
    } finally {
      mount.dropSession();
    }
  };
  await mount.locks.run(CONFIG_LOCK, write, request.signal);
}

/** The stored values with the given ones on top. @throws InvalidRequestError */
function merge(before: ConfigRecord | undefined, { given, fields: values }: ConfigRequest): ConfigRecord {
  const old = before ?? { ...EMPTY_CONFIG, rootPasswordTtlSeconds: values.root_password_ttl };
  if (given.environment !== undefined && findCloud(given.environment) === undefined) {
    throw new InvalidRequestError(new MultiError([new InternalError(unknownCloudText(given.environment))]).message);
  }
  const isCredentialGiven = given.client_id !== undefined || given.client_secret !== undefined;
  const config: ConfigRecord = {
    ...old,
    subscriptionId: given.subscription_id ?? old.subscriptionId,
    tenantId: given.tenant_id ?? old.tenantId,
    clientId: given.client_id ?? old.clientId,
    clientSecret: given.client_secret ?? old.clientSecret,
    // A new secret is the operator's, and a staged one belongs to the old.
    clientSecretKeyId: isCredentialGiven ? '' : old.clientSecretKeyId,
    staged: isCredentialGiven ? undefined : old.staged,
    environment: given.environment ?? old.environment,
    rootPasswordTtlSeconds: given.root_password_ttl ?? old.rootPasswordTtlSeconds,
    identityTokenAudience: given.identity_token_audience ?? old.identityTokenAudience,
    identityTokenTtlSeconds: given.identity_token_ttl ?? old.identityTokenTtlSeconds,
    rotationSchedule: given.rotation_schedule ?? old.rotationSchedule,
    rotationWindowSeconds: given.rotation_window ?? old.rotationWindowSeconds,
    rotationPeriodSeconds: given.rotation_period ?? old.rotationPeriodSeconds,
    disableAutomatedRotation: given.disable_automated_rotation ?? old.disableAutomatedRotation,
    requestTimeoutSeconds: given.request_timeout ?? old.requestTimeoutSeconds,
    metadata: given.metadata ?? old.metadata,
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

/**
 * The rules of automated rotation, and that this version does not have it.
 * Texts: Vault SDK v0.20.0, helper/automatedrotationutil.
 */
function checkRotation(config: ConfigRecord): void {
  const { rotationSchedule, rotationPeriodSeconds, rotationWindowSeconds } = config;
  if (rotationSchedule !== '' && rotationPeriodSeconds !== 0) {
    throw new InvalidRequestError(
      'mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided',
    );
  }
  if (rotationWindowSeconds !== 0 && rotationPeriodSeconds !== 0) {
    throw new InvalidRequestError('rotation_window does not apply to period');
  }
  if (rotationWindowSeconds !== 0 && rotationSchedule === '') {
    throw new InvalidRequestError('cannot use rotation_window without rotation_schedule');
  }
  const isScheduled = rotationSchedule !== '' || rotationPeriodSeconds !== 0;
  // A suspended schedule rotates nothing, and the Go plugin stores it on every edition.
  if (isScheduled && !config.disableAutomatedRotation) {
    throw new InvalidRequestError(
      'rotation_schedule and rotation_period are not available in this version: rotate the root secret with rotate-root',
    );
  }
}

/** The host must be able to mint tokens; and then this version still cannot use them. */
async function checkIdentityToken(config: ConfigRecord, request: ConfigRequest): Promise<never> {
  if (config.clientSecret !== '') {
    throw new InvalidRequestError("only one of 'client_secret' or 'identity_token_audience' can be set");
  }
  try {
    await request.systemView.generateIdentityToken(config.identityTokenAudience, config.identityTokenTtlSeconds);
  } catch (error) {
    if (!(error instanceof NotSupportedByHostError)) throw error;
    throw new InvalidRequestError(
      `${error.message}; write client_id and client_secret, or leave both out to use a managed identity`,
      { cause: error },
    );
  }
  throw new InvalidRequestError(
    'identity_token_audience is not available in this version: write client_id and client_secret, or leave both out to use a managed identity',
  );
}

/** Logs in with the values; stores nothing. */
async function verifyConfig(mount: AzureMount, request: ConfigRequest, config: ConfigRecord): Promise<void> {
  const { settings, provider } = mount.openSession(config);
  using budget = mount.startRequestBudget(request, config);
  const { credential } = settings;
  try {
    await retryStep(stepContext({ mount, budget }), 'log in with the given values', (call) =>
      credential.kind === 'clientSecret'
        ? provider.login.verifyLogin(credential.clientId, credential.clientSecret, call)
        : provider.directory.findApplicationsByAppId(settings.clientId, call).then(() => undefined),
    );
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    throw new InvalidRequestError(`nothing was stored: ${error.message}`, { cause: error });
  }
}

/** Source: vault-plugin-secrets-azure v0.23.0, path_config.go (pathConfigRead). Empty values before any write. */
async function readConfig(mount: AzureMount, request: ConfigRequest): Promise<Response> {
  const config = (await mount.stores.configs.get(request.storage, '')) ?? EMPTY_CONFIG;
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
  if (config.staged !== undefined) data['rotation_state'] = 'staged';
  if (config.requestTimeoutSeconds !== DEFAULT_REQUEST_TIMEOUT_SECONDS) {
    data['request_timeout'] = config.requestTimeoutSeconds;
  }
  return { data: { ...data, ...shownMetadata(config.metadata) } };
}

async function deleteConfig(mount: AzureMount, request: ConfigRequest): Promise<undefined> {
  const remove = async (): Promise<void> => {
    try {
      await mount.stores.configs.delete(request.storage, '');
    } finally {
      mount.dropSession();
    }
  };
  await mount.locks.run(CONFIG_LOCK, remove, request.signal);
}
