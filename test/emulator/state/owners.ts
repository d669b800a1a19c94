/** Who owns which application or service principal. */
import { ReplicatedMap, type ReplicationSource, type View } from './replicated-map.ts';

export class OwnerStore {
  readonly #owners: ReplicatedMap<readonly string[]>;

  constructor(source: ReplicationSource) {
    this.#owners = new ReplicatedMap(source);
  }

  /** Object ids of the owners, oldest first. */
  list(objectId: string, view?: View): readonly string[] {
    return this.#owners.get(objectId, view) ?? [];
  }

  isOwner(objectId: string, ownerId: string): boolean {
    return this.list(objectId).includes(ownerId);
  }

  add(objectId: string, ownerId: string): void {
    this.#owners.set(objectId, [...this.list(objectId), ownerId]);
  }

  remove(objectId: string, ownerId: string): void {
    this.#owners.set(
      objectId,
      this.list(objectId).filter((id) => id !== ownerId),
    );
  }

  /** Forgets the object. */
  drop(objectId: string): void {
    this.#owners.delete(objectId);
  }
}
