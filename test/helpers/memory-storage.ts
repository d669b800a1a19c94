/** The mount's storage in memory: the twin of what a host offers, with hooks to fail or freeze any operation. */
import { StorageError } from '../../src/errors.ts';
import type { Storage, StorageEntry } from '../../src/logical/index.ts';
import { parseJson, type JsonValue } from '../../src/util/json.ts';

export type StorageOperation = 'get' | 'put' | 'delete' | 'list';

export interface StorageHooks {
  /**
   * Runs before the operation. Throwing: it never arrives. A promise that never settles: frozen before the work.
   * `key` is the storage key, or the prefix of a list.
   */
  beforeOperation?(kind: StorageOperation, key: string): Promise<void> | void;
  /** Runs after the work is done. Throwing: the answer is lost. A promise that never settles: frozen after the work. */
  afterOperation?(kind: StorageOperation, key: string): Promise<void> | void;
}

export interface StorageCall {
  readonly kind: StorageOperation;
  readonly key: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class MemoryStorage implements Storage {
  /** Exchangeable at any time. */
  hooks: StorageHooks;
  /** Writes fail with the text that makes hosts forward a request to the active node. */
  isReadOnly = false;
  /** Every operation that was asked for, in order, whatever became of it. */
  readonly calls: StorageCall[] = [];
  readonly #values = new Map<string, Uint8Array>();

  constructor(hooks: StorageHooks = {}) {
    this.hooks = hooks;
  }

  async get(storageKey: string): Promise<StorageEntry | undefined> {
    return this.#run('get', storageKey, () => {
      const value = this.#values.get(storageKey);
      return value === undefined ? undefined : { storageKey, value: value.slice() };
    });
  }

  async put(entry: StorageEntry): Promise<void> {
    // Copied at the call, as the wire would: later changes of the caller's buffer are not stored.
    const value = Uint8Array.from(entry.value);
    return this.#run('put', entry.storageKey, () => void this.#values.set(entry.storageKey, value));
  }

  async delete(storageKey: string): Promise<void> {
    return this.#run('delete', storageKey, () => void this.#values.delete(storageKey));
  }

  async list(prefix: string): Promise<string[]> {
    return this.#run('list', prefix, () => {
      const children = new Set<string>();
      for (const key of this.#values.keys()) {
        if (!key.startsWith(prefix)) continue;
        const rest = key.slice(prefix.length);
        const slash = rest.indexOf('/');
        children.add(slash === -1 ? rest : rest.slice(0, slash + 1));
      }
      return [...children].sort();
    });
  }

  /** All stored keys, sorted. Not an operation: no hook runs. */
  keys(): string[] {
    return [...this.#values.keys()].sort();
  }

  /** The stored JSON under a key; `undefined` when nothing is there. Not an operation. */
  readJson(storageKey: string): JsonValue | undefined {
    const value = this.#values.get(storageKey);
    return value === undefined ? undefined : parseJson(decoder.decode(value));
  }

  /** Stores JSON (text is stored as it is given). Not an operation. */
  writeJson(storageKey: string, value: JsonValue): void {
    this.#values.set(storageKey, encoder.encode(typeof value === 'string' ? value : JSON.stringify(value)));
  }

  /** Everything stored, as text by key: to compare, or to search for a secret. Not an operation. */
  dump(): ReadonlyMap<string, string> {
    return new Map(this.keys().map((key) => [key, decoder.decode(this.#values.get(key))]));
  }

  /** A storage with the same content, no hooks and no history: what a restarted process finds. */
  fork(): MemoryStorage {
    const copy = new MemoryStorage();
    for (const [key, value] of this.#values) copy.#values.set(key, value.slice());
    return copy;
  }

  async #run<T>(kind: StorageOperation, key: string, work: () => T): Promise<T> {
    this.calls.push({ kind, key });
    if (key.includes('..')) throw new StorageError('relative paths not supported');
    if (key.startsWith('/')) throw new StorageError(`test: storage key with a leading slash: ${key}`);
    if (kind === 'list' && key !== '' && !key.endsWith('/')) {
      throw new StorageError(`test: list of a prefix without a trailing slash: ${key}`);
    }
    await this.hooks.beforeOperation?.(kind, key);
    // A real storage answers from another process: never within the same turn.
    await Promise.resolve();
    if (this.isReadOnly && (kind === 'put' || kind === 'delete')) {
      throw new StorageError('cannot write to readonly storage');
    }
    const result = work();
    await this.hooks.afterOperation?.(kind, key);
    return result;
  }
}

/** What happens at one operation: it fails, or it and all later ones never answer. */
export type StorageFault = 'fail' | 'freeze';

/**
 * Hooks that strike at the n-th operation (1 is the first) which `matches` accepts. `before`: the work is not done;
 * `after`: it is done and the answer lost. A freeze holds for every later operation too, as for a dead process.
 */
export function strikeAt(
  nth: number,
  fault: StorageFault,
  when: 'before' | 'after' = 'before',
  matches: (call: StorageCall) => boolean = () => true,
): StorageHooks {
  let count = 0;
  let isFrozen = false;
  const forever = new Promise<void>(() => undefined);
  const strike = async (call: StorageCall): Promise<void> => {
    if (fault === 'fail') throw new StorageError(`injected fault: ${call.kind} ${call.key}`);
    isFrozen = true;
    return forever;
  };
  return {
    beforeOperation: async (kind, key) => {
      if (isFrozen) return forever;
      if (matches({ kind, key })) count += 1;
      else return undefined;
      return when === 'before' && count === nth ? strike({ kind, key }) : undefined;
    },
    afterOperation: async (kind, key) => {
      if (isFrozen) return forever;
      return when === 'after' && count === nth && matches({ kind, key }) ? strike({ kind, key }) : undefined;
    },
  };
}
