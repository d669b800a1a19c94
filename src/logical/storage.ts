/** The mount's storage, as the host offers it. Source: Vault plugin protocol, service pb.Storage. */

/** One stored value. The host encrypts it. */
export interface StorageEntry {
  /** Relative to the mount, for example `roles/app`. No leading slash, no `..`. */
  readonly storageKey: string;
  readonly value: Uint8Array;
}

/**
 * All methods throw `StorageError` with the host's own text when the host refuses, and the signal's reason when the
 * bound call is cancelled or past its deadline.
 */
export interface Storage {
  /** `undefined` when nothing is stored under the key. */
  get(storageKey: string): Promise<StorageEntry | undefined>;
  /** Writes the whole value. No compare-and-set; the last write wins. */
  put(entry: StorageEntry): Promise<void>;
  /** Deleting an absent key succeeds. */
  delete(storageKey: string): Promise<void>;
  /** Direct children of `prefix` ('' or ending in `/`), sorted; sub-folders end in `/`. Empty when there are none. */
  list(prefix: string): Promise<string[]>;
}
