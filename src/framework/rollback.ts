/** The host's minute tick: periodic work first, then intents that nobody finished. Source: Vault SDK backend.go. */
import { MultiError, errorMessage, toError } from '../errors.ts';
import type { Request, Response, SystemView } from '../logical/index.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import { isReadOnlyError } from './replication.ts';
import { errorResponse } from './responses.ts';
import { deleteWal, getWal, listWal, type WalEntry } from './wal.ts';

/** Go's default, ten minutes. */
const DEFAULT_MIN_AGE_SECONDS = 600;

export interface WalRollback {
  /** Younger entries are left alone: must exceed the longest procedure that writes them. Default 600. */
  readonly minAgeSeconds?: number;
  /** Undoes what an entry announced. The entry goes when this returns, and stays for the next tick when it throws. */
  readonly rollback: (entry: WalEntry, request: Request) => Promise<void>;
}

export interface RollbackWork {
  readonly periodic: ((request: Request) => Promise<void>) | undefined;
  readonly walRollback: WalRollback | undefined;
}

/**
 * Runs both, whatever becomes of the first. Failed entries are logged here and make an error response, which the host
 * drops; a failed periodic function is thrown, which the host logs. Nodes that may not write stay silent.
 */
export async function runRollback(
  request: Request,
  { periodic, walRollback }: RollbackWork,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<Response | undefined> {
  const errors: Error[] = [];
  const collect = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (isReadOnlyError(error)) logger.debug('rollback skipped, storage is read-only here');
      else errors.push(toError(error));
    }
  };
  if (periodic !== undefined) await collect(() => periodic(request));
  const walErrors: Error[] = [];
  if (walRollback !== undefined) {
    await collect(async () => void walErrors.push(...(await rollBackEntries(request, walRollback, clock, logger))));
  }
  if (errors.length > 0) {
    throw new MultiError(errors.flatMap((error) => (error instanceof MultiError ? error.errors : [error])));
  }
  return walErrors.length === 0 ? undefined : errorResponse(new MultiError(walErrors).message);
}

async function rollBackEntries(
  request: Request,
  { rollback, minAgeSeconds = DEFAULT_MIN_AGE_SECONDS }: WalRollback,
  clock: Clock,
  logger: Logger,
): Promise<Error[]> {
  const failures: Error[] = [];
  const ids = await listWal(request.storage);
  if (ids.length === 0) return failures;
  const isImmediate = Object.hasOwn(request.data, 'immediate') || (await isGoingAway(request.systemView));
  const oldestYoungMs = clock.now().getTime() - minAgeSeconds * 1000;
  for (const id of ids) {
    // The tick's time is up, or the mount is closing: the rest waits for the next one.
    if (request.signal.aborted) break;
    try {
      const entry = await getWal(request.storage, id);
      if (entry === undefined) continue;
      if (!isImmediate && entry.createdAt.getTime() >= oldestYoungMs) continue;
      await rollBackEntry(entry.kind, () => rollback(entry, request));
      await deleteWal(request.storage, id);
    } catch (error) {
      if (isReadOnlyError(error)) throw error;
      logger.error('rollback of an unfinished operation failed, it will be tried again', {
        wal_id: id,
        error: errorMessage(error),
      });
      failures.push(toError(error));
    }
  }
  return failures;
}

/** A mount that is being removed has no next tick. A host that does not tell counts as no. */
async function isGoingAway(systemView: SystemView): Promise<boolean> {
  try {
    return await systemView.isTainted();
  } catch {
    return false;
  }
}

async function rollBackEntry(kind: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message } = toError(error);
    throw new RollbackError(`error rolling back ${JSON.stringify(kind)} entry: ${message}`, { cause: error });
  }
}

class RollbackError extends Error {
  override readonly name = 'RollbackError';
}
