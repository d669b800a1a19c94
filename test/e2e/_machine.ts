/** Identities of the machine that a server runs on. */
import type { ExecutionContext } from 'ava';
import type { StartedEmulator } from '../emulator/index.ts';

/** A user-assigned identity with the operator's rights; goes with the test. */
export function addMachineIdentity(t: ExecutionContext, emulator: StartedEmulator): { readonly clientId: string } {
  const tenant = emulator.state();
  const { clientId, principalId } = emulator.addManagedIdentity();
  t.teardown(() => {
    for (const role of tenant.roleAssignments.listByPrincipal(principalId)) tenant.roleAssignments.remove(role);
    tenant.appRoleAssignments.dropPrincipal(principalId);
    const principal = tenant.servicePrincipals.get(principalId);
    if (principal !== undefined) tenant.servicePrincipals.remove(principal);
  });
  return { clientId };
}
