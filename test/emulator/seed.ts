/** The tenant that a fresh emulator holds. */
import { createSeededRandom } from './random.ts';
import { createPassword } from './state/passwords.ts';
import { Tenant, type TenantContext } from './state/tenant.ts';
import { ROLE_IDS } from './state/built-in-roles.ts';
import { MICROSOFT_GRAPH_APP_ID } from './hosts.ts';
import type { Application } from './state/applications.ts';
import type { AppRole, ServicePrincipal } from './state/service-principals.ts';

/** Rights on Microsoft Graph with their real identifiers. */
const GRAPH_APP_ROLES: readonly AppRole[] = (
  [
    ['9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30', 'Application.Read.All'],
    ['1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9', 'Application.ReadWrite.All'],
    ['18a4783c-866b-4cc7-a460-3d5e5662c884', 'Application.ReadWrite.OwnedBy'],
    ['06b708a9-e830-4db3-a914-8e69da51d44f', 'AppRoleAssignment.ReadWrite.All'],
    ['7ab1d382-f21e-4acd-a863-ba3e13f7da61', 'Directory.Read.All'],
    ['19dbc75e-c2e2-444c-a770-ec69d8559fc7', 'Directory.ReadWrite.All'],
    ['5b567255-7703-4780-807c-7be8301ae99b', 'Group.Read.All'],
    ['62a82d76-70ea-41e2-9197-370581804d09', 'Group.ReadWrite.All'],
    ['98830695-27a2-44f7-8c18-0c3ebc9698f6', 'GroupMember.Read.All'],
    ['dbaae8cf-10b5-4b86-a4a1-f871c94c6695', 'GroupMember.ReadWrite.All'],
    ['498476ce-e0fe-48b0-b801-37ba7e2685c6', 'Organization.Read.All'],
    ['9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8', 'RoleManagement.ReadWrite.Directory'],
    ['df021288-bdef-4463-88db-98f22de89214', 'User.Read.All'],
  ] as const
).map(([id, value]) => ({ id, value, displayName: value }));

const OPERATOR_RIGHTS = [
  'Application.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'Directory.Read.All',
];

export interface SeededTenant {
  readonly tenant: Tenant;
  readonly subscriptionId: string;
  /** The application that a Vault operator would configure, with its secret. */
  readonly operator: {
    readonly application: Application;
    readonly principal: ServicePrincipal;
    readonly secret: string;
  };
  readonly groups: readonly { readonly id: string; readonly displayName: string }[];
  /** Applications beside the operator's that were there before. */
  readonly applications: readonly { readonly id: string; readonly appId: string; readonly displayName: string }[];
}

/** Fills a new tenant; the same seed gives the same identifiers and secrets. */
export function createSeededTenant(seed: number, context: TenantContext): SeededTenant {
  const random = createSeededRandom(seed);
  const now = context.clock.now();
  const tenant = new Tenant(random.uuid(), context);
  const subscriptionId = random.uuid();
  tenant.subscriptions.put({
    id: subscriptionId,
    displayName: 'Emulated subscription',
    resourceGroups: [
      { name: 'vault-resource-group', location: 'westeurope' },
      { name: 'second-resource-group', location: 'northeurope' },
    ],
  });

  const graph = addPrincipal(MICROSOFT_GRAPH_APP_ID, 'Microsoft Graph', GRAPH_APP_ROLES);
  const operatorApplication = addApplication('vault-operator');
  const operator = addPrincipal(operatorApplication.appId, operatorApplication.displayName);
  for (const role of GRAPH_APP_ROLES.filter(({ value }) => OPERATOR_RIGHTS.includes(value))) {
    tenant.appRoleAssignments.add({
      id: random.opaqueId(),
      principalId: operator.id,
      resourceId: graph.id,
      appRoleId: role.id,
      createdAt: now,
    });
  }
  tenant.roleAssignments.add({
    name: random.uuid(),
    scope: `/subscriptions/${subscriptionId}`,
    principalId: operator.id,
    principalType: 'ServicePrincipal',
    roleName: ROLE_IDS.owner,
    roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${ROLE_IDS.owner}`,
    description: null,
    condition: null,
    conditionVersion: null,
    delegatedManagedIdentityResourceId: null,
    createdAt: now,
    updatedAt: now,
    createdBy: operator.id,
  });
  const existing = addApplication('existing-application');
  addPrincipal(existing.appId, existing.displayName);
  const groups = ['vault-readers', 'vault-writers'].map((displayName) => {
    const group = {
      id: random.uuid(),
      displayName,
      description: null,
      isMailEnabled: false,
      isSecurityEnabled: true,
      groupTypes: [],
      isAssignableToRole: false,
      createdAt: now,
      members: [],
    };
    tenant.addGroup(group);
    return { id: group.id, displayName };
  });

  return {
    tenant,
    subscriptionId,
    operator: {
      application: operatorApplication,
      principal: operator,
      secret: operatorApplication.passwords[0]?.secretText ?? '',
    },
    groups,
    applications: [{ id: existing.id, appId: existing.appId, displayName: existing.displayName }],
  };

  function addApplication(displayName: string): Application {
    const application: Application = {
      id: random.uuid(),
      appId: random.uuid(),
      displayName,
      uniqueName: null,
      signInAudience: 'AzureADMyOrg',
      tags: [],
      notes: null,
      createdAt: now,
      passwords: [createPassword({ displayName: 'initial', startAt: null, endAt: null }, random, now)],
      keys: [],
      federatedCredentials: [],
      otherProperties: {},
      createdBy: '',
    };
    tenant.addApplication(application);
    return application;
  }

  function addPrincipal(appId: string, displayName: string, appRoles: readonly AppRole[] = []): ServicePrincipal {
    const principal: ServicePrincipal = {
      id: random.uuid(),
      appId,
      displayName,
      isEnabled: true,
      tags: [],
      notes: null,
      createdAt: now,
      passwords: [],
      appRoles,
      createdBy: '',
    };
    tenant.addServicePrincipal(principal);
    return principal;
  }
}
