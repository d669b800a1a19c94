/** Security groups and their members. */
import { DirectoryStore } from './directory-store.ts';
import type { ReplicationSource } from './replicated-map.ts';

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly isMailEnabled: boolean;
  readonly isSecurityEnabled: boolean;
  /** `DynamicMembership`, `Unified`. */
  readonly groupTypes: readonly string[];
  readonly isAssignableToRole: boolean;
  readonly createdAt: Date;
  /** Object ids, oldest membership first. */
  readonly members: readonly string[];
}

export type GroupStore = DirectoryStore<Group, never>;

export function createGroupStore(source: ReplicationSource): GroupStore {
  return new DirectoryStore<Group, never>(source, {});
}
