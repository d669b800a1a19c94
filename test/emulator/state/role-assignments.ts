/** Role assignments: principal, role definition, scope. They outlive the principal, as in Azure. */
import { ReplicatedMap, type ReplicationSource, type View } from './replicated-map.ts';
import { parseScope } from './scopes.ts';

export interface RoleAssignment {
  /** GUID chosen by the caller. */
  readonly name: string;
  /** As the caller wrote it, without a trailing slash; `/` for the root. */
  readonly scope: string;
  readonly principalId: string;
  readonly principalType: string;
  /** GUID of the definition. */
  readonly roleName: string;
  /** Full ARM id of the definition as the caller wrote it. */
  readonly roleDefinitionId: string;
  readonly description: string | null;
  readonly condition: string | null;
  readonly conditionVersion: string | null;
  readonly delegatedManagedIdentityResourceId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Object id of the caller. */
  readonly createdBy: string;
}

export class RoleAssignmentStore {
  readonly #assignments: ReplicatedMap<RoleAssignment>;
  readonly #namesByTriple = new Map<string, string>();
  readonly #keysByPrincipal = new Map<string, Set<string>>();
  readonly #countsBySubscription = new Map<string, number>();

  constructor(source: ReplicationSource) {
    this.#assignments = new ReplicatedMap(source);
  }

  get(scope: string, name: string, view?: View): RoleAssignment | undefined {
    return this.#assignments.get(keyOf(scope, name), view);
  }

  list(view?: View): Iterable<RoleAssignment> {
    return this.#assignments.values(view);
  }

  listByPrincipal(principalId: string, view?: View): readonly RoleAssignment[] {
    const keys = this.#keysByPrincipal.get(principalId.toLowerCase()) ?? new Set<string>();
    for (const key of keys) if (!this.#assignments.has(key)) keys.delete(key);
    return [...keys].flatMap((key) => this.#assignments.get(key, view) ?? []);
  }

  /** The assignment with the same principal, definition and scope, whatever its name. */
  findSame(scope: string, principalId: string, roleName: string): RoleAssignment | undefined {
    const name = this.#namesByTriple.get(tripleOf(scope, principalId, roleName));
    return name === undefined ? undefined : this.get(scope, name);
  }

  /** Assignments at a subscription and below it. */
  countInSubscription(subscriptionId: string): number {
    return this.#countsBySubscription.get(subscriptionId.toLowerCase()) ?? 0;
  }

  add(assignment: RoleAssignment): void {
    const { scope, name, principalId, roleName } = assignment;
    const key = keyOf(scope, name);
    this.#assignments.set(key, assignment);
    this.#namesByTriple.set(tripleOf(scope, principalId, roleName), name);
    const keys = this.#keysByPrincipal.get(principalId.toLowerCase()) ?? new Set();
    this.#keysByPrincipal.set(principalId.toLowerCase(), keys.add(key));
    this.#count(scope, 1);
  }

  /** Replaces one of the same scope, name, principal and definition. */
  replace(assignment: RoleAssignment): void {
    this.#assignments.set(keyOf(assignment.scope, assignment.name), assignment);
  }

  remove(assignment: RoleAssignment): void {
    const { scope, name, principalId, roleName } = assignment;
    const key = keyOf(scope, name);
    this.#assignments.delete(key);
    // Otherwise a slow replica still shows it, and the key goes when it is looked for later.
    if (!this.#assignments.has(key)) this.#forgetKey(principalId.toLowerCase(), key);
    this.#namesByTriple.delete(tripleOf(scope, principalId, roleName));
    this.#count(scope, -1);
  }

  #forgetKey(principalId: string, key: string): void {
    const keys = this.#keysByPrincipal.get(principalId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysByPrincipal.delete(principalId);
  }

  #count(scope: string, by: number): void {
    const subscriptionId = parseScope(scope)?.subscriptionId;
    if (subscriptionId === undefined) return;
    this.#countsBySubscription.set(subscriptionId, this.countInSubscription(subscriptionId) + by);
  }
}

function keyOf(scope: string, name: string): string {
  return `${scope}|${name}`.toLowerCase();
}

function tripleOf(scope: string, principalId: string, roleName: string): string {
  return `${scope}|${principalId}|${roleName}`.toLowerCase();
}
