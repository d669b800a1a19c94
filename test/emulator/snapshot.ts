/** The whole tenant as plain data: what tests compare and the control API shows. Always the primary's state. */
import { readHint, type PasswordCredential } from './state/passwords.ts';
import type { Tenant } from './state/tenant.ts';

export interface PasswordSnapshot {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly hint: string;
  /** Only when secrets were asked for. */
  readonly secretText?: string;
}

export interface ApplicationSnapshot {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly uniqueName: string | null;
  readonly signInAudience: string;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly createdDateTime: string;
  readonly owners: readonly string[];
  readonly passwords: readonly PasswordSnapshot[];
  readonly certificates: readonly { readonly keyId: string; readonly endDateTime: string }[];
  readonly federatedCredentials: readonly { readonly id: string; readonly name: string; readonly subject: string }[];
}

export interface ServicePrincipalSnapshot {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly tags: readonly string[];
  readonly owners: readonly string[];
  readonly passwords: readonly PasswordSnapshot[];
}

export interface TenantSnapshot {
  readonly tenantId: string;
  readonly time: string;
  readonly applications: readonly ApplicationSnapshot[];
  readonly servicePrincipals: readonly ServicePrincipalSnapshot[];
  readonly groups: readonly {
    readonly id: string;
    readonly displayName: string;
    readonly members: readonly string[];
  }[];
  /** Everything deleted and not yet purged, shown by the bin already or not. */
  readonly deletedItems: readonly {
    readonly kind: 'application' | 'servicePrincipal' | 'group';
    readonly id: string;
    readonly appId: string | null;
    readonly displayName: string;
    readonly deletedDateTime: string;
  }[];
  readonly appRoleAssignments: readonly {
    readonly id: string;
    readonly principalId: string;
    readonly resourceId: string;
    readonly appRoleId: string;
    /** The right's name, for example `Application.Read.All`; empty when the resource has no such right. */
    readonly value: string;
  }[];
  readonly roleAssignments: readonly {
    readonly name: string;
    readonly scope: string;
    readonly principalId: string;
    readonly principalType: string;
    readonly roleDefinitionId: string;
    /** The definition's name, for example `Reader`. */
    readonly roleName: string;
  }[];
  readonly customRoleDefinitions: readonly { readonly name: string; readonly roleName: string }[];
  readonly subscriptions: readonly { readonly id: string; readonly resourceGroups: readonly string[] }[];
  readonly locks: readonly { readonly name: string; readonly scope: string; readonly level: string }[];
}

export function takeSnapshot(tenant: Tenant, now: Date, options: { readonly secrets?: boolean } = {}): TenantSnapshot {
  const describePasswords = (passwords: readonly PasswordCredential[]): readonly PasswordSnapshot[] =>
    passwords.map((password) => ({
      keyId: password.keyId,
      displayName: password.displayName,
      startDateTime: password.startAt.toISOString(),
      endDateTime: password.endAt.toISOString(),
      hint: readHint(password),
      ...(options.secrets === true && { secretText: password.secretText }),
    }));
  return {
    tenantId: tenant.id,
    time: now.toISOString(),
    applications: [...tenant.applications.list()].map((application) => ({
      id: application.id,
      appId: application.appId,
      displayName: application.displayName,
      uniqueName: application.uniqueName,
      signInAudience: application.signInAudience,
      tags: application.tags,
      notes: application.notes,
      createdDateTime: application.createdAt.toISOString(),
      owners: tenant.owners.list(application.id),
      passwords: describePasswords(application.passwords),
      certificates: application.keys.map(({ keyId, endAt }) => ({ keyId, endDateTime: endAt.toISOString() })),
      federatedCredentials: application.federatedCredentials.map(({ id, name, subject }) => ({ id, name, subject })),
    })),
    servicePrincipals: [...tenant.servicePrincipals.list()].map((principal) => ({
      id: principal.id,
      appId: principal.appId,
      displayName: principal.displayName,
      accountEnabled: principal.isEnabled,
      tags: principal.tags,
      owners: tenant.owners.list(principal.id),
      passwords: describePasswords(principal.passwords),
    })),
    groups: [...tenant.groups.list()].map(({ id, displayName, members }) => ({ id, displayName, members })),
    deletedItems: tenant.recycleBin.all(now.getTime()).map((item) => ({
      kind: item.kind,
      id: item.object.id,
      appId: item.kind === 'group' ? null : item.object.appId,
      displayName: item.object.displayName,
      deletedDateTime: item.deletedAt.toISOString(),
    })),
    appRoleAssignments: [...tenant.appRoleAssignments.list()].map(({ id, principalId, resourceId, appRoleId }) => ({
      id,
      principalId,
      resourceId,
      appRoleId,
      value: tenant.servicePrincipals.get(resourceId)?.appRoles.find((role) => role.id === appRoleId)?.value ?? '',
    })),
    roleAssignments: [...tenant.roleAssignments.list()].map((assignment) => ({
      name: assignment.name,
      scope: assignment.scope,
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      roleDefinitionId: assignment.roleDefinitionId,
      roleName: tenant.roleDefinitions.get(assignment.roleName)?.roleName ?? '',
    })),
    customRoleDefinitions: tenant.roleDefinitions
      .list()
      .filter(({ isCustom }) => isCustom)
      .map(({ name, roleName }) => ({ name, roleName })),
    subscriptions: tenant.subscriptions
      .list()
      .map(({ id, resourceGroups }) => ({ id, resourceGroups: resourceGroups.map(({ name }) => name) })),
    locks: tenant.subscriptions.listLocks(),
  };
}
