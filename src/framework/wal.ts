/**
 * Intents on record: written before a risky step, removed after it, rolled back by the host's minute tick when the
 * process died in between. Key `wal/<uuid>`, value `{"type":…,"data":…,"created_at":<unix seconds>}`.
 * Source: Vault SDK framework/wal.go.
 */
import { InternalError } from '../errors.ts';
import type { Storage } from '../logical/index.ts';
import { dateFromEpochMs, type Clock } from '../util/clock.ts';
import { isJsonObject, parseJson, type JsonValue } from '../util/json.ts';
import type { Random } from '../util/random.ts';

/** Belongs among `specialPaths.localStorage`: an intent is rolled back where it was written. */
export const WAL_PREFIX = 'wal/';

export interface WalEntry {
  readonly id: string;
  readonly kind: string;
  readonly data: JsonValue;
  /** Whole seconds. */
  readonly createdAt: Date;
}

/** Records an intent; answers its id, for `deleteWal` once the work is done. */
export async function putWal(
  storage: Storage,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  kind: string,
  data: JsonValue,
): Promise<string> {
  const id = random.uuid();
  const record = { type: kind, data, created_at: Math.floor(clock.now().getTime() / 1000) };
  await storage.put({ storageKey: WAL_PREFIX + id, value: new TextEncoder().encode(JSON.stringify(record)) });
  return id;
}

/**
 * `undefined` when there is no such entry.
 * @throws InternalError when the record cannot be read as one.
 */
export async function getWal(storage: Storage, id: string): Promise<WalEntry | undefined> {
  const entry = await storage.get(WAL_PREFIX + id);
  if (entry === undefined) return undefined;
  const record = parseRecord(entry.value);
  if (record === undefined) throw new InternalError(`stored record ${WAL_PREFIX}${id} is unreadable`);
  return { id, ...record };
}

function parseRecord(value: Uint8Array): Omit<WalEntry, 'id'> | undefined {
  try {
    const record = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(value));
    if (!isJsonObject(record)) return undefined;
    const { type: kind, data = null, created_at: createdAt } = record;
    if (typeof kind !== 'string' || typeof createdAt !== 'number') return undefined;
    return { kind, data, createdAt: dateFromEpochMs(createdAt * 1000) };
  } catch {
    return undefined;
  }
}

/** The work is done, or undone: forgets the intent. */
export async function deleteWal(storage: Storage, id: string): Promise<void> {
  await storage.delete(WAL_PREFIX + id);
}

/** Ids of all intents on record, sorted. */
export async function listWal(storage: Storage): Promise<string[]> {
  const ids = await storage.list(WAL_PREFIX);
  return ids.filter((id) => !id.endsWith('/'));
}
