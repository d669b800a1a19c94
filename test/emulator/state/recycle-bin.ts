/** The directory's recycle bin. An item arrives some time after the deletion and leaves for good after 30 days. */
import type { DirectoryObject } from './directory-object.ts';

export type DeletedItem = DirectoryObject & {
  readonly deletedAt: Date;
  /** From then on the bin shows it. */
  readonly visibleAtMs: number;
};

const RETENTION_MS = 30 * 86_400_000;

export class RecycleBin {
  readonly #items = new Map<string, DeletedItem>();

  put(deleted: DirectoryObject, deletedAt: Date, delayMs: number): void {
    this.#items.set(deleted.object.id, { ...deleted, deletedAt, visibleAtMs: deletedAt.getTime() + delayMs });
  }

  /** The item, if it has arrived and has not left. */
  get(id: string, nowMs: number): DeletedItem | undefined {
    const item = this.#items.get(id.toLowerCase());
    return item === undefined || !isShown(item, nowMs) ? undefined : item;
  }

  /** What the bin shows, oldest first. */
  list(nowMs: number): readonly DeletedItem[] {
    return [...this.#items.values()].filter((item) => isShown(item, nowMs));
  }

  /** Everything deleted and not gone for good, shown already or not. */
  all(nowMs: number): readonly DeletedItem[] {
    return [...this.#items.values()].filter((item) => !isExpired(item, nowMs));
  }

  /** Takes the item out: purged or restored. */
  remove(id: string): void {
    this.#items.delete(id.toLowerCase());
  }
}

function isShown(item: DeletedItem, nowMs: number): boolean {
  return item.visibleAtMs <= nowMs && !isExpired(item, nowMs);
}

function isExpired(item: DeletedItem, nowMs: number): boolean {
  return item.deletedAt.getTime() + RETENTION_MS <= nowMs;
}
