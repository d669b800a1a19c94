/** A mount in use: roles of every kind with live leases, and what clients and operators see of it. */
import type { AzureHost } from '../e2e/_azure-host.ts';
import type { AzureMount, LeasedCredential } from '../e2e/_mount.ts';
import type { StartedEmulator } from '../emulator/index.ts';
import type { Untyped } from '../host/host-api.ts';
import { existingRole, groupScope } from './_setup.ts';

/** One role of every kind, by name. */
export function everyKindOfRole(emulator: StartedEmulator): Readonly<Record<string, Record<string, unknown>>> {
  const { subscriptionId, groups } = emulator;
  const azureRoles = JSON.stringify([
    { role_name: 'Reader', scope: groupScope(emulator) },
    { role_name: 'Contributor', scope: `/subscriptions/${subscriptionId}` },
  ]);
  const azureGroups = JSON.stringify(groups.map(({ displayName }) => ({ group_name: displayName })));
  const terms = { ttl: '1h', max_ttl: '24h' };
  return {
    dynamic: { ...terms, azure_roles: azureRoles, azure_groups: azureGroups },
    groups: { ...terms, azure_groups: azureGroups },
    marked: { ...terms, azure_roles: azureRoles, tags: 'team:a,env:b', sign_in_audience: 'AzureADMultipleOrgs' },
    purged: { ...terms, azure_roles: azureRoles, permanently_delete: true },
    existing: { ...terms, ...existingRole(emulator) },
    timeless: { azure_roles: azureRoles },
    persisted: { ...terms, azure_roles: azureRoles, azure_groups: azureGroups, persist_app: true },
  };
}

export async function writeRoles(
  mount: AzureMount,
  roles: Readonly<Record<string, Record<string, unknown>>>,
): Promise<void> {
  for (const [name, fields] of Object.entries(roles)) await mount.writeRole(name, fields);
}

/** One credential of each role, in their order. */
export async function issueEach(mount: AzureMount, roles: readonly string[]): Promise<LeasedCredential[]> {
  const credentials: LeasedCredential[] = [];
  for (const name of roles) credentials.push(await mount.creds(name));
  return credentials;
}

/** Everything that can be read of it. */
export async function readAll(mount: AzureMount): Promise<Record<string, Untyped>> {
  const { keys } = (await mount.api('LIST', 'roles')).data;
  // Which login is in use, only ours says.
  const config = { ...(await mount.api('GET', 'config')).data };
  delete config.auth_method;
  const seen: Record<string, Untyped> = { keys, config };
  for (const name of keys) seen[`role ${name}`] = (await mount.api('GET', `roles/${name}`)).data;
  return seen;
}

/** Lease by lease: the credential works, is renewed, is revoked, and then works no more. @returns what went wrong */
export async function renewAndRevoke(
  azure: AzureHost,
  mount: AzureMount,
  credentials: readonly LeasedCredential[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const credential of credentials) {
    const { leaseId } = credential;
    if (!(await azure.canLogIn(credential))) wrong.push(`${leaseId}: no login`);
    const renewed = await azure.host.request('PUT', 'sys/leases/renew', { lease_id: leaseId, increment: 1800 });
    const { lease_duration: seconds } = renewed.body ?? {};
    if (seconds !== 1800) wrong.push(`${leaseId}: renewal ${renewed.status} ${JSON.stringify(renewed.body)}`);
    await mount.revoke(credential);
    if (await azure.canLogIn(credential)) wrong.push(`${leaseId}: works after its revocation`);
  }
  return wrong;
}
