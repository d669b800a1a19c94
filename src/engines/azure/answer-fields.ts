/** What the answers of the paths hold, for help, OpenAPI and the reference. Engine tests compare real answers with it. */
import { field } from '../../framework/index.ts';
import { AUTH_METHODS } from './settings.ts';

const metadata = field.keyValuePairs({
  description: 'As written. Absent when there is none; the text invalid_data when what is stored cannot be read.',
});
const seconds = (description: string): ReturnType<typeof field.int> => field.int({ description });

export const CONFIG_ANSWER = {
  subscription_id: field.string({ description: 'As written.' }),
  tenant_id: field.string({ description: 'As written.' }),
  environment: field.string({ description: 'As written; empty for the public cloud.' }),
  client_id: field.string({ description: 'As written.' }),
  auth_method: field.string({
    description:
      'The credential in use, named after the field that decides it; the environment of the server counts. Absent before the first write.',
    allowedValues: AUTH_METHODS,
  }),
  federated_token_file: field.string({ description: 'As written. Present when it is set.' }),
  client_certificate_thumbprint: field.string({
    description: 'SHA-1 of the certificate as Azure shows it. Present when there is one.',
  }),
  client_certificate_expiration_date: field.time({
    description: 'End of the certificate. Present when there is one.',
  }),
  root_password_ttl: seconds('Life in seconds of a secret that rotate-root makes.'),
  root_password_expiration_date: field.time({ description: 'End of the secret in force. Present after a rotation.' }),
  root_password_key_id: field.string({ description: 'Key id of the secret in force. Present after a rotation.' }),
  rotation_state: field.string({
    description:
      'staged: a new secret exists in Azure and is not in force yet. Else, where a schedule or period is stored: scheduled, failing (the last attempt failed) or suspended. Absent otherwise.',
  }),
  rotation_manager: field.string({
    description:
      'Who keeps the time of scheduled rotations: host (its rotation manager) or plugin. Present while they are in force.',
  }),
  last_vault_rotation: field.time({
    description: 'When the secret in force, or the staged one, was made. Present with a schedule, after a rotation.',
  }),
  next_vault_rotation: field.time({
    description: 'When the next rotation is due, or is tried again. Present where the plugin keeps the time.',
  }),
  last_error: field.string({
    description: 'Why the last scheduled rotation failed. Absent once one succeeded.',
  }),
  identity_token_audience: field.string({ description: 'As written.' }),
  identity_token_ttl: seconds('Life of an identity token in seconds.'),
  rotation_schedule: field.string({ description: 'As written.' }),
  rotation_window: seconds('In seconds.'),
  rotation_period: seconds('In seconds.'),
  disable_automated_rotation: field.bool({ description: 'As written.' }),
  request_timeout: seconds('Time that one request may take, in seconds. Present when it is not the default.'),
  seamless_rotation: field.bool({
    description: 'What new static roles begin with. Present when it is false.',
  }),
  metadata,
};

export const ROLE_ANSWER = {
  application_object_id: field.string({ description: 'Object id of the application; empty for dynamic ones.' }),
  azure_roles: field.slice({
    description: 'null when none were ever given.',
    elements: {
      role_name: field.string({ description: 'For example Reader.' }),
      role_id: field.string({ description: 'Full id of the role definition.' }),
      scope: field.string({ description: 'Where it is assigned.' }),
    },
  }),
  azure_groups: field.slice({
    description: 'null when none were ever given.',
    elements: {
      group_name: field.string({ description: 'Display name of the group.' }),
      object_id: field.string({ description: 'Object id of the group.' }),
    },
  }),
  ttl: seconds("Lease of a credential in seconds; 0: the mount's default."),
  max_ttl: seconds("Longest lease with renewals in seconds; 0: the mount's limit."),
  explicit_max_ttl: seconds('Life of the secret in Azure in seconds; 0: ten years.'),
  permanently_delete: field.bool({ description: 'Deleted applications also leave the recycle bin.' }),
  persist_app: field.bool({ description: 'The role has one application for its whole life.' }),
  sign_in_audience: field.string({ description: 'As written; empty is AzureADMyOrg.' }),
  tags: field.stringSlice({ description: 'null when none were ever given.' }),
  metadata,
};

export const CREDENTIAL_ANSWER = {
  client_id: field.string({ description: 'Client id to log in with.' }),
  client_secret: field.string({ description: 'Secret to log in with.', isSensitive: true }),
  metadata: field.keyValuePairs({
    description: "The request's metadata with the role's on top. Absent when there is none.",
  }),
};

const staticMetadata = (description: string) =>
  field.keyValuePairs({
    description: `${description} The text invalid_data when what is stored cannot be read.`,
  });

export const STATIC_ROLE_ANSWER = {
  application_object_id: field.string({ description: 'Object id of the application.' }),
  ttl: seconds('The same as rotation_period, by its old name.'),
  rotation_period: seconds('How long a secret is in force, in seconds.'),
  metadata: staticMetadata('As written.'),
  seamless_rotation: field.bool({ description: 'The next secret is made ahead of its time.' }),
  rotation_grace_period: seconds('How long the old secret stays valid beside the new one, in seconds; -1: not at all.'),
  next_rotation: field.time({
    description:
      'End of the present period. Absent while the role has no secret, or one that was imported without its text.',
  }),
  last_error: field.string({
    description:
      'Why the last attempt to rotate it by itself, or to remove an old secret, failed. Absent when it did not.',
  }),
};

export const STATIC_CREDENTIAL_ANSWER = {
  client_id: field.string({ description: 'Client id to log in with.' }),
  client_secret: field.string({ description: 'Secret to log in with.', isSensitive: true }),
  secret_id: field.string({ description: 'Key id of the password.' }),
  expiration: field.time({ description: 'End of the password in Azure.' }),
  metadata: staticMetadata("The request's metadata with the role's on top."),
  ttl: seconds(
    'When to read again, in seconds: then another secret is answered, and the present one stays valid for the grace period.',
  ),
  rotation_period: seconds('Of the role, in seconds. With it Vault Agent takes ttl for the time of its next read.'),
};

export const TOKEN_ANSWER = {
  token_type: field.string({ description: 'Bearer.' }),
  expires_in: seconds('Life of the token in seconds.'),
  ext_expires_in: seconds('Its life while Entra ID is out of order, in seconds.'),
  access_token: field.string({ description: 'The token.', isSensitive: true }),
};
