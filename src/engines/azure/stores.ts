/**
 * Typed access to the stored records. `config`, roles and static secrets are kept parsed in memory, since they are read by every
 * request; an own write or an invalidation by the host drops them.
 */
import { InternalError } from '../../errors.ts';
import type { Storage } from '../../logical/index.ts';
import { CONFIG_KEY, decodeConfig, encodeConfig, type ConfigRecord } from './model-config.ts';
import { decodeRole, encodeRole, ROLES_PREFIX, type RoleRecord } from './model-role.ts';
import {
  decodeIssued,
  decodeLeftover,
  decodeOperation,
  decodeRetired,
  encodeIssued,
  encodeLeftover,
  encodeOperation,
  encodeRetired,
  type IssuedRecord,
  ISSUED_PREFIX,
  type LeftoverRecord,
  LEFTOVER_PREFIX,
  type OperationRecord,
  OPERATIONS_PREFIX,
  type RetiredRecord,
  RETIRED_PREFIX,
} from './model-tracking.ts';
import { decodeRotation, encodeRotation, ROTATION_PREFIX, type RotationRecord } from './model-rotation.ts';
import {
  decodeStaticCreds,
  decodeStaticRole,
  encodeStaticCreds,
  encodeStaticRole,
  STATIC_CREDS_PREFIX,
  STATIC_ROLES_PREFIX,
  type StaticCredsRecord,
  type StaticRoleRecord,
} from './model-static.ts';

/** How a kind of record is laid out. */
interface RecordLayout<T> {
  readonly prefix: string;
  readonly decode: (storageKey: string, value: Uint8Array) => T;
  readonly encode: (record: T) => Uint8Array;
}

/** Records under one prefix. */
export class RecordStore<T> {
  readonly #layout: RecordLayout<T>;

  constructor(layout: RecordLayout<T>) {
    this.#layout = layout;
  }

  async get(storage: Storage, id: string): Promise<T | undefined> {
    const entry = await storage.get(this.#layout.prefix + id);
    return entry === undefined ? undefined : this.#layout.decode(entry.storageKey, entry.value);
  }

  /** As `get`, but `undefined` also for a record that cannot be read: for those who look for another one. */
  async getReadable(storage: Storage, id: string): Promise<T | undefined> {
    try {
      return await this.get(storage, id);
    } catch (error) {
      if (error instanceof InternalError) return undefined;
      throw error;
    }
  }

  async put(storage: Storage, id: string, record: T): Promise<void> {
    await storage.put({ storageKey: this.#layout.prefix + id, value: this.#layout.encode(record) });
  }

  async delete(storage: Storage, id: string): Promise<void> {
    await storage.delete(this.#layout.prefix + id);
  }

  /** Direct children; folders end in `/`. `under`: '' or a folder ending in `/`. */
  async list(storage: Storage, under = ''): Promise<string[]> {
    return storage.list(this.#layout.prefix + under);
  }
}

/** As many parsed records as are kept per mount; the oldest goes first. */
const MAX_CACHED = 5_000;

/** A `RecordStore` with the parsed records in memory. Absence is remembered as well. */
export class CachedRecordStore<T> extends RecordStore<T> {
  readonly #cached = new Map<string, T | undefined>();
  /** Moves on at each drop, so that a read which was under way then does not bring an old record back. */
  #generation = 0;

  override async get(storage: Storage, id: string): Promise<T | undefined> {
    if (this.#cached.has(id)) return this.#cached.get(id);
    const generation = this.#generation;
    const record = await super.get(storage, id);
    if (generation === this.#generation) {
      const oldest = this.#cached.keys().next();
      if (this.#cached.size >= MAX_CACHED && oldest.done !== true) this.#cached.delete(oldest.value);
      this.#cached.set(id, record);
    }
    return record;
  }

  /** Dropped before and after: a failed write may have been done all the same. */
  override async put(storage: Storage, id: string, record: T): Promise<void> {
    this.drop(id);
    try {
      await super.put(storage, id, record);
    } finally {
      this.drop(id);
    }
  }

  override async delete(storage: Storage, id: string): Promise<void> {
    this.drop(id);
    try {
      await super.delete(storage, id);
    } finally {
      this.drop(id);
    }
  }

  drop(id: string): void {
    this.#generation++;
    this.#cached.delete(id);
  }
}

/** All records of one mount. */
export interface Stores {
  /** One record; its id is ''. */
  readonly configs: CachedRecordStore<ConfigRecord>;
  /** Id: the role's name. */
  readonly roles: CachedRecordStore<RoleRecord>;
  readonly operations: RecordStore<OperationRecord>;
  /** Id: `<role>/<operation id>`. */
  readonly issued: RecordStore<IssuedRecord>;
  readonly leftovers: RecordStore<LeftoverRecord>;
  /** Id: `root`. */
  readonly rotations: RecordStore<RotationRecord>;
  /** Id: the application's object id. */
  readonly retired: RecordStore<RetiredRecord>;
  /** Id: the role's name. */
  readonly staticRoles: CachedRecordStore<StaticRoleRecord>;
  /** Id: the role's name. */
  readonly staticCreds: CachedRecordStore<StaticCredsRecord>;
}

export function createStores(): Stores {
  return {
    configs: new CachedRecordStore({
      prefix: CONFIG_KEY,
      decode: (_storageKey, value) => decodeConfig(value),
      encode: encodeConfig,
    }),
    roles: new CachedRecordStore({ prefix: ROLES_PREFIX, decode: decodeRole, encode: encodeRole }),
    operations: new RecordStore({ prefix: OPERATIONS_PREFIX, decode: decodeOperation, encode: encodeOperation }),
    issued: new RecordStore({ prefix: ISSUED_PREFIX, decode: decodeIssued, encode: encodeIssued }),
    leftovers: new RecordStore({ prefix: LEFTOVER_PREFIX, decode: decodeLeftover, encode: encodeLeftover }),
    rotations: new RecordStore({ prefix: ROTATION_PREFIX, decode: decodeRotation, encode: encodeRotation }),
    retired: new RecordStore({ prefix: RETIRED_PREFIX, decode: decodeRetired, encode: encodeRetired }),
    staticRoles: new CachedRecordStore({
      prefix: STATIC_ROLES_PREFIX,
      decode: decodeStaticRole,
      encode: encodeStaticRole,
    }),
    staticCreds: new CachedRecordStore({
      prefix: STATIC_CREDS_PREFIX,
      decode: decodeStaticCreds,
      encode: encodeStaticCreds,
    }),
  };
}
