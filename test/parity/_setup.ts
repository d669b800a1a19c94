/** What groups of requests start from: configurations, and what a role can name in the seeded tenant. */
import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { addOperator } from '../e2e/_operator.ts';
import type { Operator } from '../e2e/_operator.ts';
import type { StartedEmulator } from '../emulator/index.ts';
import type { Both, Pair } from './_pair.ts';

interface Login {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The fields of `config` for the seeded operator, which may do everything, or for another login. */
export function configFields(emulator: StartedEmulator, login: Login = emulator): Record<string, unknown> {
  return {
    subscription_id: emulator.subscriptionId,
    tenant_id: emulator.tenantId,
    client_id: login.clientId,
    client_secret: login.clientSecret,
  };
}

/** Scope of the first resource group. */
export function groupScope({ subscriptionId, resourceGroups }: StartedEmulator): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroups[0] ?? ''}`;
}

/** Fields of a role that makes an application of its own, with one assignment. */
export function dynamicRole(emulator: StartedEmulator): Record<string, unknown> {
  return { azure_roles: JSON.stringify([{ role_name: 'Reader', scope: groupScope(emulator) }]) };
}

/** Fields of a role that adds passwords to the seeded application. */
export function existingRole({ applications }: StartedEmulator): Record<string, unknown> {
  return { application_object_id: applications[0]?.id };
}

/** An identity for each mount, so that what one does to its own is not seen by the other. They go with the test. */
export function addOperators(t: ExecutionContext, emulator: StartedEmulator): Both<Operator> {
  return { theirs: addOperator(t, emulator, randomUUID()), ours: addOperator(t, emulator, randomUUID()) };
}

/** Gives each mount a configuration with an identity of its own. */
export async function configureApart(t: ExecutionContext, pair: Pair): Promise<Both<Operator>> {
  const { emulator } = pair.parity;
  const operators = addOperators(t, emulator);
  await pair.prepare('POST', 'config', (side) => configFields(emulator, operators[side]));
  return operators;
}
