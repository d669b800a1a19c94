/** Requests that cannot succeed: no configuration, half a configuration, an identity that is refused or has no rights. */
import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { addOperator } from '../e2e/_operator.ts';
import type { Operator } from '../e2e/_operator.ts';
import type { StartedEmulator } from '../emulator/index.ts';
import type { Pair } from './_pair.ts';
import { UNKNOWN_IDS } from './_parity-host.ts';
import { addOperators, configFields, dynamicRole, existingRole } from './_setup.ts';

export async function requestWithFailures(t: ExecutionContext, pair: Pair): Promise<void> {
  const { emulator } = pair.parity;
  const operators = addOperators(t, emulator);
  const powerless = addOperator(t, emulator, randomUUID());
  removeRights(emulator, powerless);
  const configurations: readonly (readonly [title: string, changes: object | undefined])[] = [
    ['no config', undefined],
    ['no subscription', { subscription_id: '' }],
    ['no tenant', { tenant_id: '' }],
    ['a wrong secret', { client_secret: 'wrong' }],
    ['an unknown client id', { client_id: UNKNOWN_IDS[0] }],
    ['an unknown tenant', { tenant_id: UNKNOWN_IDS[0] }],
    ['an identity without rights', { client_id: powerless.clientId, client_secret: powerless.clientSecret }],
    // The only one that issues and rotates, so the last.
    ['an unknown subscription', { subscription_id: UNKNOWN_IDS[0] }],
  ];
  for (const [title, changes] of configurations) {
    // The roles are there from a time when all was well.
    await pair.prepare('POST', 'config', (side) => configFields(emulator, operators[side]));
    await pair.prepare('POST', 'roles/dynamic', dynamicRole(emulator));
    await pair.prepare('POST', 'roles/existing', existingRole(emulator));
    await pair.prepare('DELETE', 'config');
    if (changes !== undefined) {
      await pair.prepare('POST', 'config', (side) => ({ ...configFields(emulator, operators[side]), ...changes }));
    }
    await pair.request(`${title}: read role`, 'GET', 'roles/dynamic');
    await pair.request(`${title}: read absent role`, 'GET', 'roles/none');
    await pair.request(`${title}: list roles`, 'LIST', 'roles');
    await pair.request(`${title}: write role`, 'POST', 'roles/new', dynamicRole(emulator));
    await pair.request(`${title}: write role of an application`, 'POST', 'roles/new', existingRole(emulator));
    await pair.request(`${title}: change role`, 'POST', 'roles/dynamic', { ttl: '1h' });
    await pair.request(`${title}: dynamic credential`, 'GET', 'creds/dynamic');
    await pair.request(`${title}: credential of an application`, 'GET', 'creds/existing');
    await pair.request(`${title}: credential of no role`, 'GET', 'creds/none');
    await pair.request(`${title}: rotate-root`, 'POST', 'rotate-root');
    await pair.request(`${title}: delete role`, 'DELETE', 'roles/dynamic');
    await pair.prepare('DELETE', 'roles/new');
  }
  await pair.revokeAll();
}

function removeRights(emulator: StartedEmulator, { clientId }: Operator): void {
  const tenant = emulator.state();
  const principal = [...tenant.servicePrincipals.list()].find(({ appId }) => appId === clientId);
  if (principal === undefined) throw new Error(`the tenant has no principal of ${clientId}`);
  tenant.appRoleAssignments.dropPrincipal(principal.id);
  for (const role of tenant.roleAssignments.listByPrincipal(principal.id)) tenant.roleAssignments.remove(role);
}
