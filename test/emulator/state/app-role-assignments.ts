/** App role assignments: the rights on resources (Microsoft Graph first of all) that a principal was granted. */
import { ReplicatedMap, type ReplicationSource, type View } from './replicated-map.ts';

export interface AppRoleAssignment {
  /** Opaque, 43 characters. */
  readonly id: string;
  readonly principalId: string;
  /** Object id of the resource's service principal. */
  readonly resourceId: string;
  readonly appRoleId: string;
  readonly createdAt: Date;
}

export class AppRoleAssignmentStore {
  readonly #assignments: ReplicatedMap<AppRoleAssignment>;

  constructor(source: ReplicationSource) {
    this.#assignments = new ReplicatedMap(source);
  }

  get(id: string, view?: View): AppRoleAssignment | undefined {
    return this.#assignments.get(id, view);
  }

  list(view?: View): Iterable<AppRoleAssignment> {
    return this.#assignments.values(view);
  }

  listByPrincipal(principalId: string, view?: View): readonly AppRoleAssignment[] {
    return [...this.list(view)].filter((assignment) => assignment.principalId === principalId);
  }

  listByResource(resourceId: string, view?: View): readonly AppRoleAssignment[] {
    return [...this.list(view)].filter((assignment) => assignment.resourceId === resourceId);
  }

  add(assignment: AppRoleAssignment): void {
    this.#assignments.set(assignment.id, assignment);
  }

  remove(id: string): void {
    this.#assignments.delete(id);
  }

  /** Removes what a principal was granted and what was granted on it. */
  dropPrincipal(principalId: string): void {
    for (const assignment of [...this.list()]) {
      if (assignment.principalId === principalId || assignment.resourceId === principalId) this.remove(assignment.id);
    }
  }
}
