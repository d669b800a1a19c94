/** Subscriptions, their resource groups and locks. */
import { isScopeWithin } from './scopes.ts';

export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
}

export interface Subscription {
  readonly id: string;
  readonly displayName: string;
  readonly resourceGroups: readonly ResourceGroup[];
}

/** A management lock; `CanNotDelete` and `ReadOnly` both forbid deletions at and below `scope`. */
export interface ScopeLock {
  readonly name: string;
  readonly scope: string;
  readonly level: 'CanNotDelete' | 'ReadOnly';
}

export class SubscriptionStore {
  readonly #subscriptions = new Map<string, Subscription>();
  #locks: readonly ScopeLock[] = [];

  get(id: string): Subscription | undefined {
    return this.#subscriptions.get(id.toLowerCase());
  }

  list(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  put(subscription: Subscription): void {
    this.#subscriptions.set(subscription.id.toLowerCase(), subscription);
  }

  findResourceGroup(subscriptionId: string, name: string): ResourceGroup | undefined {
    const wanted = name.toLowerCase();
    return this.get(subscriptionId)?.resourceGroups.find((group) => group.name.toLowerCase() === wanted);
  }

  listLocks(): readonly ScopeLock[] {
    return this.#locks;
  }

  /** The lock that forbids `operation` at `scope`, if any. */
  findLock(scope: string, operation: 'write' | 'delete'): ScopeLock | undefined {
    return this.#locks.find(
      (lock) => isScopeWithin(scope, lock.scope) && (operation === 'delete' || lock.level === 'ReadOnly'),
    );
  }

  putLock(lock: ScopeLock): void {
    this.removeLock(lock.scope, lock.name);
    this.#locks = [...this.#locks, lock];
  }

  /** @returns whether it was there. */
  removeLock(scope: string, name: string): boolean {
    const key = `${scope}|${name}`.toLowerCase();
    const kept = this.#locks.filter((lock) => `${lock.scope}|${lock.name}`.toLowerCase() !== key);
    const wasThere = kept.length < this.#locks.length;
    this.#locks = kept;
    return wasThere;
  }
}
