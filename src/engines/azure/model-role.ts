/**
 * The stored record `roles/<name>`, shared with the Go plugin.
 * Source: vault-plugin-secrets-azure v0.23.0, path_roles.go (roleEntry).
 */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../util/json.ts';
import { type Metadata, NO_METADATA, readMetadata, storedMetadata } from './metadata.ts';
import {
  decodeRecord,
  encodeRecord,
  readBoolean,
  readNumber,
  readString,
  readStrings,
  unknownFields,
} from './record-codec.ts';
import { isSameId } from './same-id.ts';

export const ROLES_PREFIX = 'roles/';

/** One role assignment that a credential gets. */
export interface AzureRole {
  /** For people, for example `Reader`. */
  readonly roleName: string;
  /** Decides, for example `/subscriptions/…/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-…`. */
  readonly roleDefinitionId: string;
  /** For example `/subscriptions/…/resourceGroups/web`. */
  readonly scope: string;
}

/** One group membership that a credential gets. */
export interface AzureGroup {
  readonly groupName: string;
  readonly groupId: string;
}

export interface RoleRecord {
  /** `null` when never given: shown as null, as the Go plugin does. */
  readonly azureRoles: readonly AzureRole[] | null;
  readonly azureGroups: readonly AzureGroup[] | null;
  /** Client id of the existing application; '' for dynamic roles. */
  readonly applicationId: string;
  /** Directory object of the existing application; '' for dynamic roles. */
  readonly applicationObjectId: string;
  readonly signInAudience: string;
  readonly tags: readonly string[] | null;
  readonly ttlSeconds: number;
  readonly maxTtlSeconds: number;
  readonly explicitMaxTtlSeconds: number;
  readonly permanentlyDelete: boolean;
  readonly persistApp: boolean;
  /** Of an application that the role itself made (`persist_app`); '' when it has none. */
  readonly managedApplicationObjectId: string;
  /** Principal of the managed application; '' without one. */
  readonly servicePrincipalId: string;
  /** Full ARM ids of what the managed principal is assigned, in the order of `azureRoles`. */
  readonly roleAssignmentIds: readonly string[] | null;
  /** Groups that the managed principal is in. */
  readonly groupMembershipIds: readonly string[] | null;
  /** Tenant of the managed application, as the config had it: an id or a domain name. Ours; '' when not known. */
  readonly managedTenantId: string;
  /** Ours. */
  readonly metadata: Metadata;
  /** Keys of other versions, as read. */
  readonly unknown: JsonObject;
}

/** A role without an application of its own. */
export const NO_MANAGED_APPLICATION = {
  managedApplicationObjectId: '',
  servicePrincipalId: '',
  roleAssignmentIds: null,
  groupMembershipIds: null,
  managedTenantId: '',
} as const;

export const EMPTY_ROLE: RoleRecord = {
  azureRoles: null,
  azureGroups: null,
  applicationId: '',
  applicationObjectId: '',
  signInAudience: '',
  tags: null,
  ttlSeconds: 0,
  maxTtlSeconds: 0,
  explicitMaxTtlSeconds: 0,
  permanentlyDelete: false,
  persistApp: false,
  ...NO_MANAGED_APPLICATION,
  metadata: NO_METADATA,
  unknown: {},
};

const KNOWN_KEYS = new Set([
  'credential_type',
  'azure_roles',
  'azure_groups',
  'application_id',
  'application_object_id',
  'sign_in_audience',
  'tags',
  'ttl',
  'max_ttl',
  'explicit_max_ttl',
  'permanently_delete',
  'persist_app',
  'managed_application_object_id',
  'sp_object_id',
  'role_assignment_ids',
  'group_membership_ids',
  'managed_tenant_id',
]);

/** The only kind there is: a service principal. */
const CREDENTIAL_TYPE_SERVICE_PRINCIPAL = 0;
const NS_PER_SECOND = 1e9;

/** @throws InternalError when the stored bytes are no JSON object. */
export function decodeRole(storageKey: string, value: Uint8Array): RoleRecord {
  const json = decodeRecord(storageKey, value);
  return {
    azureRoles: readObjects(json, 'azure_roles', (role) => ({
      roleName: readString(role, 'role_name'),
      roleDefinitionId: readString(role, 'role_id'),
      scope: readString(role, 'scope'),
    })),
    azureGroups: readObjects(json, 'azure_groups', (group) => ({
      groupName: readString(group, 'group_name'),
      groupId: readString(group, 'object_id'),
    })),
    applicationId: readString(json, 'application_id'),
    applicationObjectId: readString(json, 'application_object_id'),
    signInAudience: readString(json, 'sign_in_audience'),
    tags: readList(json, 'tags'),
    ttlSeconds: readNumber(json, 'ttl') / NS_PER_SECOND,
    maxTtlSeconds: readNumber(json, 'max_ttl') / NS_PER_SECOND,
    explicitMaxTtlSeconds: readNumber(json, 'explicit_max_ttl') / NS_PER_SECOND,
    permanentlyDelete: readBoolean(json, 'permanently_delete'),
    persistApp: readBoolean(json, 'persist_app'),
    managedApplicationObjectId: readString(json, 'managed_application_object_id'),
    servicePrincipalId: readString(json, 'sp_object_id'),
    roleAssignmentIds: readList(json, 'role_assignment_ids'),
    groupMembershipIds: readList(json, 'group_membership_ids'),
    managedTenantId: readString(json, 'managed_tenant_id'),
    metadata: readMetadata(json),
    unknown: unknownFields(json, KNOWN_KEYS),
  };
}

export function encodeRole(role: RoleRecord): Uint8Array {
  return encodeRecord({
    ...role.unknown,
    credential_type: CREDENTIAL_TYPE_SERVICE_PRINCIPAL,
    azure_roles: azureRolesJson(role.azureRoles),
    azure_groups: azureGroupsJson(role.azureGroups),
    application_id: role.applicationId,
    application_object_id: role.applicationObjectId,
    sign_in_audience: role.signInAudience,
    tags: role.tags,
    ttl: role.ttlSeconds * NS_PER_SECOND,
    max_ttl: role.maxTtlSeconds * NS_PER_SECOND,
    explicit_max_ttl: role.explicitMaxTtlSeconds * NS_PER_SECOND,
    permanently_delete: role.permanentlyDelete,
    persist_app: role.persistApp,
    managed_application_object_id: role.managedApplicationObjectId,
    sp_object_id: role.servicePrincipalId,
    role_assignment_ids: role.roleAssignmentIds,
    group_membership_ids: role.groupMembershipIds,
    ...(role.managedTenantId === '' ? {} : { managed_tenant_id: role.managedTenantId }),
    ...storedMetadata(role.metadata),
  });
}

/** As stored and as answered: `[{role_name, role_id, scope}]`. */
export function azureRolesJson(roles: readonly AzureRole[] | null): JsonValue {
  return (
    roles?.map((role) => ({ role_name: role.roleName, role_id: role.roleDefinitionId, scope: role.scope })) ?? null
  );
}

/** As stored and as answered: `[{group_name, object_id}]`. */
export function azureGroupsJson(groups: readonly AzureGroup[] | null): JsonValue {
  return groups?.map((group) => ({ group_name: group.groupName, object_id: group.groupId })) ?? null;
}

/**
 * The longest a lease of this role may live, in seconds; 0 when the role sets no limit.
 * Source: vault-plugin-secrets-azure v0.23.0, path_service_principal.go (pathSPRead).
 */
export function leaseMaxTtlSeconds(role: RoleRecord): number {
  const { maxTtlSeconds, explicitMaxTtlSeconds } = role;
  const isExplicit = explicitMaxTtlSeconds !== 0 && (explicitMaxTtlSeconds < maxTtlSeconds || maxTtlSeconds === 0);
  return isExplicit ? explicitMaxTtlSeconds : maxTtlSeconds;
}

/** True while the application that the role made is the one that its credentials are passwords of. */
export function isManaged(role: RoleRecord): boolean {
  const { managedApplicationObjectId, applicationObjectId } = role;
  return managedApplicationObjectId !== '' && isSameId(managedApplicationObjectId, applicationObjectId);
}

/** `null` when absent: shown as null, as the Go plugin does. */
function readList(json: JsonObject, name: string): readonly string[] | null {
  return isJsonArray(json[name]) ? readStrings(json, name) : null;
}

function readObjects<T>(json: JsonObject, name: string, read: (element: JsonObject) => T): readonly T[] | null {
  const value = json[name];
  return isJsonArray(value) ? value.filter(isJsonObject).map(read) : null;
}
