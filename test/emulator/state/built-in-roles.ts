/** Built-in Azure roles with their real identifiers and, shortened where long, their real permissions. */
import type { RoleDefinition, RolePermission } from './role-definitions.ts';

const NOTHING: RolePermission = { actions: [], notActions: [], dataActions: [], notDataActions: [] };

function builtIn(
  name: string,
  roleName: string,
  description: string,
  permission: Partial<RolePermission>,
): RoleDefinition {
  return {
    name,
    roleName,
    description,
    isCustom: false,
    assignableScopes: ['/'],
    permissions: [{ ...NOTHING, ...permission }],
  };
}

const STORAGE_CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers';
const KEY_VAULT_MANAGEMENT = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  'Microsoft.KeyVault/vaults/*/read',
  'Microsoft.KeyVault/operations/read',
];

export const ROLE_IDS = {
  owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  userAccessAdministrator: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
} as const;

export const BUILT_IN_ROLES: readonly RoleDefinition[] = [
  builtIn(ROLE_IDS.owner, 'Owner', 'Manage everything, access included.', { actions: ['*'] }),
  builtIn(ROLE_IDS.contributor, 'Contributor', 'Manage everything except access.', {
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
      'Microsoft.Purview/consents/write',
      'Microsoft.Purview/consents/delete',
    ],
  }),
  builtIn(ROLE_IDS.reader, 'Reader', 'See everything, change nothing.', { actions: ['*/read'] }),
  builtIn(ROLE_IDS.userAccessAdministrator, 'User Access Administrator', 'Manage access to resources.', {
    actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
  }),
  builtIn(
    'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
    'Role Based Access Control Administrator',
    'Manage access by assigning roles.',
    {
      actions: [
        'Microsoft.Authorization/roleAssignments/write',
        'Microsoft.Authorization/roleAssignments/delete',
        '*/read',
        'Microsoft.Support/*',
      ],
    },
  ),
  builtIn('2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', 'Storage Blob Data Reader', 'Read blobs.', {
    actions: [
      `${STORAGE_CONTAINERS}/read`,
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    ],
    dataActions: [`${STORAGE_CONTAINERS}/blobs/read`],
  }),
  builtIn('ba92f5b4-2d11-453d-a403-e96b0029c9fe', 'Storage Blob Data Contributor', 'Read, write, delete blobs.', {
    actions: [
      `${STORAGE_CONTAINERS}/delete`,
      `${STORAGE_CONTAINERS}/read`,
      `${STORAGE_CONTAINERS}/write`,
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    ],
    dataActions: [
      `${STORAGE_CONTAINERS}/blobs/delete`,
      `${STORAGE_CONTAINERS}/blobs/read`,
      `${STORAGE_CONTAINERS}/blobs/write`,
      `${STORAGE_CONTAINERS}/blobs/move/action`,
      `${STORAGE_CONTAINERS}/blobs/add/action`,
    ],
  }),
  builtIn('b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'Storage Blob Data Owner', 'Own blobs.', {
    actions: [
      `${STORAGE_CONTAINERS}/*`,
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    ],
    dataActions: [`${STORAGE_CONTAINERS}/blobs/*`],
  }),
  builtIn('9980e02c-c2be-4d73-94e8-173b1dc7cf3c', 'Virtual Machine Contributor', 'Manage virtual machines.', {
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Compute/virtualMachines/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
    ],
  }),
  builtIn('4d97b98b-1d4f-4787-a291-c67834d212e7', 'Network Contributor', 'Manage networks.', {
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Network/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
    ],
  }),
  builtIn('00482a5a-887f-4fb3-b363-3b7fe8e74483', 'Key Vault Administrator', 'Do everything with vault data.', {
    actions: KEY_VAULT_MANAGEMENT,
    dataActions: ['Microsoft.KeyVault/vaults/*'],
  }),
  builtIn('4633458b-17de-408a-b874-0445c86b69e6', 'Key Vault Secrets User', 'Read secrets.', {
    dataActions: [
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    ],
  }),
  builtIn('b86a8fe4-44ce-4948-aee5-eccb2c155cd7', 'Key Vault Secrets Officer', 'Manage secrets.', {
    actions: KEY_VAULT_MANAGEMENT,
    dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
  }),
  builtIn('14b46e9e-c2b7-41b4-b07b-48a6ebf60603', 'Key Vault Crypto Officer', 'Manage keys.', {
    actions: KEY_VAULT_MANAGEMENT,
    dataActions: ['Microsoft.KeyVault/vaults/keys/*', 'Microsoft.KeyVault/vaults/keyrotationpolicies/*'],
  }),
  builtIn('12338af0-0e69-4776-bea7-57ae8d297424', 'Key Vault Crypto User', 'Use keys.', {
    dataActions: [
      'Microsoft.KeyVault/vaults/keys/read',
      'Microsoft.KeyVault/vaults/keys/update/action',
      'Microsoft.KeyVault/vaults/keys/backup/action',
      'Microsoft.KeyVault/vaults/keys/encrypt/action',
      'Microsoft.KeyVault/vaults/keys/decrypt/action',
      'Microsoft.KeyVault/vaults/keys/wrap/action',
      'Microsoft.KeyVault/vaults/keys/unwrap/action',
      'Microsoft.KeyVault/vaults/keys/sign/action',
      'Microsoft.KeyVault/vaults/keys/verify/action',
    ],
  }),
  builtIn('21090545-7ca7-4776-b22c-e363652d74d2', 'Key Vault Reader', 'See vaults and the names of what they hold.', {
    actions: KEY_VAULT_MANAGEMENT,
    dataActions: ['Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaults/secrets/readMetadata/action'],
  }),
];
