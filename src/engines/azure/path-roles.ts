/** `roles/` and `roles/:name`: what a credential may do and how long it lives. */
import { InvalidRequestError, toError } from '../../errors.ts';
import {
  definePath,
  field,
  genericNameRegex,
  listResponse,
  type Path,
  type PathRequest,
} from '../../framework/index.ts';
import type { Response } from '../../logical/index.ts';
import { ROLE_ANSWER } from './answer-fields.ts';
import { roleLock } from './lock-keys.ts';
import { metadataField, shownMetadata } from './metadata.ts';
import { azureGroupsJson, azureRolesJson, EMPTY_ROLE, type RoleRecord } from './model-role.ts';
import type { AzureMount } from './mount.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { loadApplication, resolveAzureGroups, resolveAzureRoles } from './role-azure.ts';
import { checkSignInAudience, checkTags, checkTtls, parseAzureGroups, parseAzureRoles } from './role-fields.ts';
import { refuseSelfTarget } from './self-target.ts';

const fields = {
  name: field.lowerCaseString({ description: 'Name of the role.', example: 'my-role' }),
  application_object_id: field.string({
    description:
      'Object id (not client id) of an existing application. Credentials of the role are passwords of it. Excludes permanently_delete.',
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
    description: 'One application for the life of the role instead of one per credential. Not usable in this version.',
  }),
};

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

type RoleRequest = PathRequest<typeof fields>;

export function rolePaths(mount: AzureMount): Path[] {
  const write = {
    handler: (request: RoleRequest) => writeRole(mount, request),
    summary: 'Create or update a role.',
    description: 'Everything that it names in Azure must exist. Fields that are not given keep their values.',
    forwardPerformanceStandby: true,
    forwardPerformanceSecondary: true,
  };
  return [
    definePath({
      pattern: `roles/${genericNameRegex('name')}`,
      fields,
      synopsis: 'Manage the roles that credentials are made from.',
      description:
        'A role names either an existing application, whose credentials are passwords of it, or Azure roles and groups, which an application of its own is given for each credential.',
      displayAttributes: { operationPrefix: 'azure', operationSuffix: 'role' },
      existenceCheck: async (request) =>
        (await mount.stores.roles.get(request.storage, request.fields.name)) !== undefined,
      operations: {
        create: write,
        update: write,
        read: {
          handler: (request) => readRole(mount, request),
          summary: 'Read a role.',
          responses: [
            {
              status: 200,
              description: 'The role.',
              fields: ROLE_ANSWER,
              example: READ_EXAMPLE,
            },
          ],
        },
        delete: {
          handler: (request) => deleteRole(mount, request),
          summary: 'Delete a role.',
          description: 'Its live credentials stay until their leases end.',
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

/** Source: vault-plugin-secrets-azure v0.23.0, path_roles.go (pathRoleUpdate). */
async function writeRole(mount: AzureMount, request: RoleRequest): Promise<undefined> {
  const session = await mount.session(request.storage);
  using budget = mount.startRequestBudget(request, session.config);
  const write = (): Promise<void> => writeRoleAlone({ mount, session, budget }, request);
  await mount.locks.run(roleLock(request.fields.name), write, budget.signal);
}

async function writeRoleAlone(context: ProcedureContext, request: RoleRequest): Promise<void> {
  const { mount, session } = context;
  const { name } = request.fields;
  const before = await mount.stores.roles.get(request.storage, name);
  const merged = mergeRole(before ?? EMPTY_ROLE, request);

  const steps = stepContext(context);
  // All at once; of several failures the first in the order of the fields is told, not the fastest.
  const looked = await Promise.allSettled([
    merged.applicationObjectId === '' ? undefined : loadApplication(steps, session, merged.applicationObjectId),
    merged.azureRoles && resolveAzureRoles(steps, session, merged.azureRoles),
    merged.azureGroups && resolveAzureGroups(steps, session, merged.azureGroups),
  ]);
  const application = valueOf(looked[0]);
  const azureRoles = valueOf(looked[1]);
  const azureGroups = valueOf(looked[2]);
  if (application !== undefined) refuseSelfTarget(application.appId, session.settings);
  await mount.stores.roles.put(request.storage, name, {
    ...merged,
    applicationId: application?.appId ?? '',
    azureRoles,
    azureGroups,
  });
}

/** The stored role with the given fields on top, checked as far as that needs no Azure, in the order of the Go plugin. */
function mergeRole(old: RoleRecord, { given }: RoleRequest): RoleRecord {
  const times = {
    ttlSeconds: given.ttl ?? old.ttlSeconds,
    maxTtlSeconds: given.max_ttl ?? old.maxTtlSeconds,
    explicitMaxTtlSeconds: given.explicit_max_ttl ?? old.explicitMaxTtlSeconds,
  };
  checkTtls(times);
  const signInAudience =
    given.sign_in_audience === undefined ? old.signInAudience : checkSignInAudience(given.sign_in_audience);
  const tags = given.tags === undefined ? old.tags : checkTags(given.tags);
  const permanentlyDelete = given.permanently_delete ?? old.permanentlyDelete;
  const applicationObjectId = given.application_object_id ?? old.applicationObjectId;
  if (applicationObjectId !== '' && permanentlyDelete) {
    throw new InvalidRequestError('permanently_delete must be false if application_object_id is provided');
  }
  if (given.persist_app === true || old.persistApp) {
    throw new InvalidRequestError(
      'persist_app is not available in this version: leave it out, or name an application of your own with application_object_id',
    );
  }
  const azureRoles = given.azure_roles === undefined ? old.azureRoles : parseAzureRoles(given.azure_roles);
  const azureGroups = given.azure_groups === undefined ? old.azureGroups : parseAzureGroups(given.azure_groups);
  if (applicationObjectId === '' && isEmpty(azureRoles) && isEmpty(azureGroups)) {
    throw new InvalidRequestError(
      'either Azure role definitions, group definitions, or an Application Object ID must be provided',
    );
  }
  const metadata = given.metadata ?? old.metadata;
  return {
    ...old,
    ...times,
    signInAudience,
    tags,
    permanentlyDelete,
    applicationObjectId,
    azureRoles,
    azureGroups,
    metadata,
  };
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

async function deleteRole(mount: AzureMount, request: RoleRequest): Promise<Response | undefined> {
  const { name } = request.fields;
  await mount.locks.run(roleLock(name), () => removeRole(mount, request), request.signal);
  const { length: live } = await mount.stores.issued.list(request.storage, `${name}/`);
  if (live === 0) return undefined;
  const command = `vault lease revoke -prefix ${request.mountPoint}creds/${name}`;
  return {
    warnings: [
      live === 1
        ? `1 credential of this role is still valid; it ends with its lease. To end it now: ${command}`
        : `${live} credentials of this role are still valid; they end with their leases. To end them now: ${command}`,
    ],
  };
}

async function removeRole(mount: AzureMount, request: RoleRequest): Promise<void> {
  const { name } = request.fields;
  const role = await mount.stores.roles.get(request.storage, name);
  if (role !== undefined && role.managedApplicationObjectId !== '') {
    throw new InvalidRequestError(
      `role ${name} owns the application ${role.managedApplicationObjectId} (persist_app), which this version cannot delete yet: delete the role with the plugin that created it`,
    );
  }
  await mount.stores.roles.delete(request.storage, name);
}

function isEmpty(list: readonly unknown[] | null): boolean {
  return list === null || list.length === 0;
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw toError(result.reason);
  return result.value;
}
