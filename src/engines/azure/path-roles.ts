/** `roles/` and `roles/:name`: what a credential may do and how long it lives. */
import { definePath, genericNameRegex, listResponse, type Path } from '../../framework/index.ts';
import type { Response } from '../../logical/index.ts';
import { ROLE_ANSWER } from './answer-fields.ts';
import { shownMetadata } from './metadata.ts';
import { azureGroupsJson, azureRolesJson } from './model-role.ts';
import type { AzureMount } from './mount.ts';
import { deleteRole } from './role-delete.ts';
import { roleFields, type RoleRequest } from './role-request.ts';
import { writeRole } from './role-write.ts';

const READ_EXAMPLE = {
  application_object_id: '',
  azure_groups: [{ group_name: 'developers', object_id: 'a6a834a6-36c3-4575-8e2b-05095963d603' }],
  azure_roles: [
    {
      role_name: 'Reader',
      role_id:
        '/subscriptions/94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7',
      scope: '/subscriptions/94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44',
    },
  ],
  explicit_max_ttl: 0,
  max_ttl: 86400,
  permanently_delete: false,
  persist_app: false,
  sign_in_audience: '',
  tags: ['team:engineering'],
  ttl: 3600,
};

export function rolePaths(mount: AzureMount): Path[] {
  const write = {
    handler: (request: RoleRequest) => writeRole(mount, request),
    summary: 'Create or update a role.',
    description:
      'Everything that it names in Azure must exist. Fields that are not given keep their values, empty ones are cleared.',
    forwardPerformanceStandby: true,
    forwardPerformanceSecondary: true,
  };
  return [
    definePath({
      pattern: `roles/${genericNameRegex('name')}`,
      fields: roleFields,
      synopsis: 'Manage the roles that credentials are made from.',
      description:
        'A role names either an existing application, whose credentials are passwords of it, or Azure roles and groups, which an application of its own is given for each credential, or, with persist_app, one for all of them.',
      displayAttributes: { operationPrefix: 'azure', operationSuffix: 'role' },
      existenceCheck: async (request) =>
        (await mount.stores.roles.get(request.storage, request.fields.name)) !== undefined,
      operations: {
        create: write,
        update: write,
        read: {
          handler: (request) => readRole(mount, request),
          summary: 'Read a role.',
          responses: [{ status: 200, description: 'The role.', fields: ROLE_ANSWER, example: READ_EXAMPLE }],
        },
        delete: {
          handler: (request) => deleteRole(mount, request),
          summary: 'Delete a role.',
          description:
            'Its live credentials stay until their leases end, those of a persisted application end with it.',
          forwardPerformanceStandby: true,
          forwardPerformanceSecondary: true,
        },
      },
    }),
    definePath({
      pattern: 'roles/?',
      fields: {},
      synopsis: 'List the roles.',
      description: 'Names only.',
      displayAttributes: { operationPrefix: 'azure', operationSuffix: 'roles' },
      operations: {
        list: {
          handler: async (request) => listResponse(await mount.stores.roles.list(request.storage)),
          summary: 'List the roles.',
        },
      },
    }),
  ];
}

/** Source: vault-plugin-secrets-azure v0.23.0, path_roles.go (pathRoleRead). Differs: needs no config. */
async function readRole(mount: AzureMount, request: RoleRequest): Promise<Response | undefined> {
  const role = await mount.stores.roles.get(request.storage, request.fields.name);
  if (role === undefined) return undefined;
  return {
    data: {
      ttl: role.ttlSeconds,
      max_ttl: role.maxTtlSeconds,
      explicit_max_ttl: role.explicitMaxTtlSeconds,
      azure_roles: azureRolesJson(role.azureRoles),
      azure_groups: azureGroupsJson(role.azureGroups),
      application_object_id: role.applicationObjectId,
      permanently_delete: role.permanentlyDelete,
      persist_app: role.persistApp,
      sign_in_audience: role.signInAudience,
      tags: role.tags,
      ...shownMetadata(role.metadata),
    },
  };
}
