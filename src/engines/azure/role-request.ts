/** The fields of `roles/:name`. */
import { field, type PathRequest } from '../../framework/index.ts';
import { metadataField } from './metadata.ts';

export const roleFields = {
  name: field.lowerCaseString({ description: 'Name of the role.', example: 'my-role' }),
  application_object_id: field.string({
    description:
      'Object id (not client id) of an existing application. Credentials of the role are passwords of it. Excludes permanently_delete and persist_app.',
  }),
  azure_roles: field.jsonText({
    description:
      'JSON list of Azure roles that the credential gets: [{"role_name": "Reader", "scope": "/subscriptions/<id>"}]. role_id instead of role_name names the definition for sure. Not assigned when application_object_id is given.',
    example: '[{"role_name":"Reader","scope":"/subscriptions/94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44"}]',
  }),
  azure_groups: field.jsonText({
    description:
      'JSON list of groups that the credential joins: [{"group_name": "developers"}] or [{"object_id": "<id>"}].',
    example: '[{"group_name":"developers"}]',
  }),
  sign_in_audience: field.string({
    description:
      'Who may sign in to a dynamic application: AzureADMyOrg (default), AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount or PersonalMicrosoftAccount.',
    example: 'AzureADMyOrg',
  }),
  tags: field.commaStringSlice({
    description: 'Tags of a dynamic application, 1 to 256 characters each, without white space.',
    example: ['team:engineering', 'environment:development'],
  }),
  ttl: field.durationSecond({ description: "Lease of a credential. 0: the mount's default.", example: '1h' }),
  max_ttl: field.durationSecond({ description: "Longest lease with renewals. 0: the mount's limit.", example: '24h' }),
  explicit_max_ttl: field.durationSecond({
    description:
      'Life of the secret in Azure, and the limit of its lease. 0: the secret lives ten years, unless its lease ends earlier.',
  }),
  permanently_delete: field.bool({
    description: 'Also remove a dynamic application and its service principal from the recycle bin.',
  }),
  metadata: metadataField(
    'Texts to keep with the role, answered with each credential: name=value pairs or an object. Replaces what was kept; {} clears it.',
  ),
  persist_app: field.bool({
    description:
      'One application for the life of the role instead of one per credential: credentials are passwords of it, and it goes with the role. Excludes application_object_id.',
  }),
};

export type RoleRequest = PathRequest<typeof roleFields>;
