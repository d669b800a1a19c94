/** A kind of directory object, found by object id or by another unique property. */
import { ReplicatedMap, type ReplicationSource, type View } from './replicated-map.ts';

/** How a call names an object: `/applications/{id}` or `/applications(appId='…')`. */
export interface ObjectKey<Name extends string = string> {
  readonly name: 'id' | Name;
  readonly value: string;
}

type AlternateKeys<T, Name extends string> = Readonly<Record<Name, (object: T) => string | null>>;

export class DirectoryStore<T extends { readonly id: string }, Name extends string> {
  readonly #objects: ReplicatedMap<T>;
  readonly #alternateKeys: [name: Name, read: (object: T) => string | null][];
  /** Key: `name value`; value: object id. */
  readonly #idsByKey: ReplicatedMap<string>;

  /** @param alternateKeys unique properties beside the id; null means that the object has none. */
  constructor(source: ReplicationSource, alternateKeys: AlternateKeys<T, Name>) {
    this.#objects = new ReplicatedMap(source);
    this.#idsByKey = new ReplicatedMap(source);
    this.#alternateKeys = [];
    for (const name in alternateKeys) this.#alternateKeys.push([name, alternateKeys[name]]);
  }

  /** The object that `view` sees; without a view, the primary's. Keys compare without regard to case. */
  find(key: ObjectKey<Name>, view?: View): T | undefined {
    if (key.name === 'id') return this.get(key.value, view);
    const id = this.#idsByKey.get(indexKey(key.name, key.value), view);
    return id === undefined ? undefined : this.get(id, view);
  }

  get(id: string, view?: View): T | undefined {
    return this.#objects.get(id.toLowerCase(), view);
  }

  list(view?: View): Iterable<T> {
    return this.#objects.values(view);
  }

  /** Adds or replaces. */
  put(object: T): void {
    this.#objects.set(object.id.toLowerCase(), object);
    for (const [name, read] of this.#alternateKeys) {
      const value = read(object);
      if (value === null) continue;
      const key = indexKey(name, value);
      if (this.#idsByKey.get(key) !== object.id) this.#idsByKey.set(key, object.id);
    }
  }

  remove(object: T): void {
    this.#objects.delete(object.id.toLowerCase());
    for (const [name, read] of this.#alternateKeys) {
      const value = read(object);
      if (value !== null) this.#idsByKey.delete(indexKey(name, value));
    }
  }
}

function indexKey(name: string, value: string): string {
  return `${name} ${value.toLowerCase()}`;
}
