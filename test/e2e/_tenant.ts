/** What a tenant holds, in a form that two moments can be compared in; and the comparison that ends every test file. */
import { isDeepStrictEqual } from 'node:util';
import type { Assertions } from 'ava';
import type { StartedEmulator } from '../emulator/index.ts';
import { waitFor } from '../helpers/wait-until.ts';

/** Everything that a plugin can leave behind. The recycle bin is not: Azure puts deleted applications there for a month. */
export interface TenantContent {
  /** One line each: `id displayName [key ids of passwords]`. */
  readonly applications: readonly string[];
  readonly servicePrincipals: readonly string[];
  /** `group member`. Deleted members do not count: Entra shows them no more. */
  readonly memberships: readonly string[];
  readonly roleAssignments: readonly string[];
  readonly appRoleAssignments: readonly string[];
}

/** Clean-up after a failure runs in the background. */
const SETTLES_WITHIN_MS = 10_000;

export function readTenantContent(emulator: StartedEmulator): TenantContent {
  const tenant = emulator.tenant();
  return {
    applications: tenant.applications
      .map(
        ({ id, displayName, passwords }) => `${id} ${displayName} [${passwords.map(({ keyId }) => keyId).join(' ')}]`,
      )
      .sort(),
    servicePrincipals: tenant.servicePrincipals.map(({ id, displayName }) => `${id} ${displayName}`).sort(),
    memberships: tenant.groups
      .flatMap(({ displayName, members }) => members.map((member) => ({ displayName, member })))
      .filter(({ member }) => tenant.servicePrincipals.some(({ id }) => id === member))
      .map(({ displayName, member }) => `${displayName} ${member}`)
      .sort(),
    roleAssignments: tenant.roleAssignments
      .map(({ name, scope, principalId }) => `${name} ${scope} ${principalId}`)
      .sort(),
    appRoleAssignments: tenant.appRoleAssignments.map(({ id, principalId }) => `${id} ${principalId}`).sort(),
  };
}

/** Passes once the tenant holds exactly what it held `before`; what is too much or missing shows in the failure. */
export async function assertTenantUnchanged(
  t: Assertions,
  emulator: StartedEmulator,
  before: TenantContent,
  limitMs = SETTLES_WITHIN_MS,
): Promise<void> {
  await waitFor(
    'the tenant is as it was',
    () => isDeepStrictEqual(readTenantContent(emulator), before) || undefined,
    limitMs,
  ).catch(() => undefined);
  t.deepEqual(readTenantContent(emulator), before);
}
