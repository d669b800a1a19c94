/** The fields of `config`, and what a read of it looks like in the reference. */
import { field, type PathRequest } from '../../framework/index.ts';
import { metadataField } from './metadata.ts';
import {
  DEFAULT_IDENTITY_TOKEN_TTL_SECONDS,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  DEFAULT_ROOT_PASSWORD_TTL_SECONDS,
} from './model-config.ts';

export const CONFIG_FIELDS = {
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
      'Client id of the application that the engine logs in with. Without any of client_secret, client_certificate, identity_token_audience and federated_token_file the engine uses a managed identity, and client_id selects a user-assigned one. AZURE_CLIENT_ID of the server outranks it.',
    example: 'e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21',
  }),
  client_secret: field.string({
    description:
      'Secret of that application. Never shown. Excludes identity_token_audience. AZURE_CLIENT_SECRET of the server outranks it.',
    isSensitive: true,
  }),
  client_certificate: field.string({
    description:
      'Certificate of that application with its private key (RSA, not encrypted) as PEM text, perhaps with the chain. Never shown; a read tells thumbprint and end. Counts when client_secret is not set.',
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
      'Audience of the identity token that the host mints for each login of this mount (workload identity federation), as the federated credential of the application has it, usually api://AzureADTokenExchange. Needs client_id, excludes client_secret, and needs a host that can mint such tokens (Vault Enterprise); federated_token_file works on every edition.',
  }),
  identity_token_ttl: field.durationSecond({
    description: 'How long such an identity token is valid.',
    default: DEFAULT_IDENTITY_TOKEN_TTL_SECONDS,
  }),
  federated_token_file: field.string({
    description:
      'Absolute path of a file that holds an identity token which Entra ID trusts for the application (workload identity federation), for example /var/run/secrets/azure/tokens/azure-identity-token; read at each login. Needs client_id. Must lie in a folder that was allowed when the plugin was registered. The first write of a config that names no credential takes AZURE_FEDERATED_TOKEN_FILE of the server, if that is set; an empty text says no.',
  }),
  rotation_schedule: field.string({
    description:
      'When the root secret is rotated by itself: a cron schedule of five fields (minute, hour, day of month, month, day of week) in UTC, or after TZ=<zone>. Excludes rotation_period. An empty text clears it.',
    example: '0 0 * * SAT',
  }),
  rotation_window: field.durationSecond({
    description:
      'How long after a scheduled time a rotation may still begin, an hour or more; after that the next scheduled time is waited for. Without limit when 0. Only together with rotation_schedule.',
    example: '2h',
  }),
  rotation_period: field.durationSecond({
    description:
      'Time between two rotations of the root secret, 10 s or more. Excludes rotation_schedule. 0 clears it.',
    example: '720h',
  }),
  disable_automated_rotation: field.bool({
    description: 'Suspends the rotation of the root secret by schedule or period, which stay stored.',
  }),
  request_timeout: field.durationSecond({
    description:
      'The time that one request may take, 10 to 85 s. Keep it below the client timeout of those who ask (60 s by default).',
    default: DEFAULT_REQUEST_TIMEOUT_SECONDS,
  }),
  seamless_rotation: field.bool({
    description:
      'What new static roles begin with: the next secret is made ahead of its time. Roles that exist keep their own.',
    default: true,
  }),
  metadata: metadataField(
    'Texts to keep with the configuration, for your reference: name=value pairs or an object. Replaces what was kept; {} clears it.',
  ),
  verify: field.bool({
    description:
      'Log in with the new values before they are stored; nothing is stored when Azure refuses. Not stored itself.',
  }),
};

/** One request: not every field goes with every other. */
export const CONFIG_WRITE_EXAMPLE = {
  subscription_id: '94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44',
  tenant_id: 'd0ac7e5b-6a1f-4b7d-8f65-3f0c2f9d1b10',
  client_id: 'e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21',
  client_secret: '9Pf…',
  rotation_schedule: '0 3 * * SUN',
  rotation_window: '4h',
  metadata: { team: 'engineering' },
  verify: true,
};

export const CONFIG_READ_EXAMPLE = {
  subscription_id: '94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44',
  tenant_id: 'd0ac7e5b-6a1f-4b7d-8f65-3f0c2f9d1b10',
  environment: 'AzurePublicCloud',
  client_id: 'e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21',
  root_password_ttl: DEFAULT_ROOT_PASSWORD_TTL_SECONDS,
  root_password_expiration_date: '2027-05-24T04:00:00Z',
  root_password_key_id: '5c2f7e2a-9d1b-4a64-8f0e-3b7c6d5e4f21',
  identity_token_audience: '',
  identity_token_ttl: 0,
  rotation_schedule: '',
  rotation_window: 0,
  rotation_period: 0,
  disable_automated_rotation: false,
  auth_method: 'client_secret',
};

export type ConfigRequest = PathRequest<typeof CONFIG_FIELDS>;
