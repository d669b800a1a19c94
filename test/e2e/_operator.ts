/** More identities for mounts to log in with: a rotation must not take the secret of a neighbour's. */
import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import type { StartedEmulator } from '../emulator/index.ts';

export interface Operator {
  readonly applicationObjectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A copy of the seeded operator with its rights and a secret of its own; goes with the test. */
export function addOperator(t: ExecutionContext, emulator: StartedEmulator, displayName: string): Operator {
  const tenant = emulator.state();
  const template = [...tenant.applications.list()].find(({ appId }) => appId === emulator.clientId);
  const principal = [...tenant.servicePrincipals.list()].find(({ appId }) => appId === emulator.clientId);
  const [password] = template?.passwords ?? [];
  if (template === undefined || principal === undefined || password === undefined) {
    throw new Error('the tenant has no operator to copy');
  }
  const clientId = randomUUID();
  const clientSecret = `${displayName}~${randomUUID()}`;
  const application = {
    ...template,
    id: randomUUID(),
    appId: clientId,
    displayName,
    passwords: [{ ...password, keyId: randomUUID(), secretText: clientSecret }],
  };
  const copy = { ...principal, id: randomUUID(), appId: clientId, displayName };
  tenant.addApplication(application);
  tenant.addServicePrincipal(copy);
  for (const right of [...tenant.appRoleAssignments.list()].filter(({ principalId }) => principalId === principal.id)) {
    tenant.appRoleAssignments.add({ ...right, id: randomUUID(), principalId: copy.id });
  }
  for (const role of [...tenant.roleAssignments.list()].filter(({ principalId }) => principalId === principal.id)) {
    tenant.roleAssignments.add({ ...role, name: randomUUID(), principalId: copy.id });
  }
  t.teardown(() => {
    for (const role of tenant.roleAssignments.listByPrincipal(copy.id)) tenant.roleAssignments.remove(role);
    tenant.appRoleAssignments.dropPrincipal(copy.id);
    tenant.servicePrincipals.remove(copy);
    tenant.applications.remove(application);
  });
  return { applicationObjectId: application.id, clientId, clientSecret };
}
