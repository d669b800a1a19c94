/** Managed identities of the machine that the emulator pretends to be. */
import type { EmulatorClock } from '../clock.ts';
import type { SeededRandom } from '../random.ts';
import type { SeededTenant } from '../seed.ts';

export interface ManagedIdentity {
  readonly clientId: string;
  /** The service principal's object id. */
  readonly principalId: string;
  /** There is one such identity at most; others are named by their client id. */
  readonly isSystemAssigned: boolean;
}

export interface ManagedIdentityOptions {
  /** Default: `managed-identity`. */
  readonly displayName?: string;
  /** Default: false, a user-assigned identity. */
  readonly isSystemAssigned?: boolean;
}

export class ManagedIdentities {
  readonly #identities: ManagedIdentity[] = [];

  /** Adds a service principal without application, with the rights of the seeded operator. */
  add(
    seeded: SeededTenant,
    { random, clock }: { readonly random: SeededRandom; readonly clock: EmulatorClock },
    options: ManagedIdentityOptions = {},
  ): ManagedIdentity {
    const { tenant, operator } = seeded;
    const identity: ManagedIdentity = {
      clientId: random.uuid(),
      principalId: random.uuid(),
      isSystemAssigned: options.isSystemAssigned ?? false,
    };
    tenant.addServicePrincipal({
      ...operator.principal,
      id: identity.principalId,
      appId: identity.clientId,
      displayName: options.displayName ?? 'managed-identity',
      createdAt: clock.now(),
    });
    for (const right of [...tenant.appRoleAssignments.list()]) {
      if (right.principalId !== operator.principal.id) continue;
      tenant.appRoleAssignments.add({ ...right, id: random.opaqueId(), principalId: identity.principalId });
    }
    for (const role of [...tenant.roleAssignments.list()]) {
      if (role.principalId !== operator.principal.id) continue;
      tenant.roleAssignments.add({ ...role, name: random.uuid(), principalId: identity.principalId });
    }
    this.#identities.push(identity);
    return identity;
  }

  /** @param clientId `undefined`: the system-assigned one. */
  find(clientId: string | undefined): ManagedIdentity | undefined {
    return this.#identities.find((identity) =>
      clientId === undefined ? identity.isSystemAssigned : identity.clientId === clientId.toLowerCase(),
    );
  }
}
