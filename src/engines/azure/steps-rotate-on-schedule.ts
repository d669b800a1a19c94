/**
 * Rotates the root secret by itself, as `config` asks for.
 *
 * Where the host has a rotation manager, it keeps the time and sends `rotate`. Else the minute work does:
 *
 * 1. Read `config` and `rotation/root`. A schedule without that record (a mount of the Go plugin, a damaged record) is
 *    registered first.
 * 2. Not due, or backing off: nothing.
 * 3. The rotation of steps-rotate-root.ts, with its own intent.
 * 4. Note a failure, and when it is tried again.
 *
 * A crash after 1 or 2 leaves nothing. In 3 the rotation's own recovery decides; since the time of a rotation is stored
 * with the secret itself, one that came as far as staging is not repeated, and one that did not is still due. After a
 * failure and before 4 the next attempt comes a minute later.
 */
import {
  CancelledError,
  errorMessage,
  InternalError,
  InvalidRequestError,
  UnsupportedPathError,
} from '../../errors.ts';
import { createReadOnlyError, isReadOnlyError, isWriteSafe } from '../../framework/index.ts';
import type { Request } from '../../logical/index.ts';
import { CronSyntaxError } from '../../util/cron-fields.ts';
import { addMs, earlier } from '../../util/rfc3339.ts';
import { endRotation, findRootRotation, registerRotation } from './config-rotation.ts';
import { CONFIG_LOCK, ROTATION_LOCK } from './lock-keys.ts';
import { CONFIG_KEY, type ConfigRecord } from './model-config.ts';
import { newRotation, ROOT_ROTATION_ID, type RotationManager, type RotationRecord } from './model-rotation.ts';
import type { AzureMount } from './mount.ts';
import type { ProcedureContext } from './procedure.ts';
import {
  isAutomated,
  isFailing,
  lastRotation,
  later,
  nextAttempt,
  nextRotation,
  startOfWait,
} from './root-schedule.ts';
import { rotateRoot } from './steps-rotate-root.ts';

/** A staged secret is waited for; older than this, the next one may replace it. */
const STAGED_WAITS_MS = 15 * 60_000;
/** A host that has not asked for a rotation this long after its time may have none of its own any more. */
const HOST_IS_SILENT_MS = 3600_000;

type Context = Omit<ProcedureContext, 'session'>;

/** The minute's part of it. @throws what the rotation throws; it is noted then. */
export async function rotateOnSchedule(context: Context, request: Request): Promise<void> {
  const { mount } = context;
  const { clock, logger } = mount.dependencies;
  const config = await mount.stores.configs.get(request.storage, '');
  if (config === undefined || !isAutomated(config)) return;
  const record = await keptRotation(mount, request, config); // 1
  if (record?.manager !== 'plugin') return;
  const now = clock.now();
  if (isFailing(config, record, now) && record.nextAttemptAt !== undefined && now < record.nextAttemptAt) return;
  const { staged } = config;
  if (staged?.createdAt !== undefined && now < addMs(staged.createdAt, STAGED_WAITS_MS)) return;
  if (mount.locks.isHeld(ROTATION_LOCK)) return;
  try {
    if (now < (await nextRotation(config, startOfWait(config, record), now))) return; // 2
    await rotateNow(context); // 3
  } catch (error) {
    await noteFailure(mount, request, { error, manager: 'plugin', startedAt: now }); // 4
    logger.warn('the root secret could not be rotated on schedule; the old one stays in force', {
      error: errorMessage(error),
    });
    throw error;
  }
}

/**
 * The host's `rotate`, for the job that was registered.
 * @throws UnsupportedPathError for another path, StorageError on a node that may not write, InternalError and others with
 * the reason: the host tries again.
 */
export async function rotateForHost(mount: AzureMount, request: Request): Promise<void> {
  if (request.path !== CONFIG_KEY) throw new UnsupportedPathError();
  if (!(await isWriteSafe(request.systemView))) throw createReadOnlyError();
  const startedAt = mount.dependencies.clock.now();
  try {
    // Behind a write of the config that has just registered the job.
    const config = await mount.locks.run(
      CONFIG_LOCK,
      () => mount.stores.configs.get(request.storage, ''),
      request.signal,
    );
    if (config === undefined || !isAutomated(config)) {
      // The job outlived its config: storage failed in between.
      await endRotation(request);
      throw new InternalError('config asks for no automated rotation of the root secret');
    }
    using budget = mount.startIssueBudget(request, config);
    await rotateNow({ mount, budget });
  } catch (error) {
    await noteFailure(mount, request, { error, manager: 'host', startedAt });
    // The host would replace the text of an invalid request by its own.
    throw error instanceof InvalidRequestError ? new InternalError(error.message, { cause: error }) : error;
  }
  // A host that asks keeps the time, also when it could not at the time of the registration.
  await changeRotation(mount, request, (record) =>
    record.manager === 'host' ? record : { ...record, manager: 'host' },
  );
}

async function rotateNow(context: Context): Promise<void> {
  const { logger } = context.mount.dependencies;
  const { keyId, isInForce, isOldKeyKnown } = await rotateRoot(context, { shouldRemoveOthers: false });
  logger.info('the root secret was rotated on schedule', { key_id: keyId, is_in_force: isInForce });
  if (isOldKeyKnown) return;
  logger.warn('the password that was in use cannot be told from the others of the application and stays');
}

/**
 * The record, registered anew when there is none, when the clock was ahead at that time, or when the host that was to
 * rotate has been silent for long.
 * `undefined` when the config has just changed.
 */
async function keptRotation(
  mount: AzureMount,
  request: Request,
  config: ConfigRecord,
): Promise<RotationRecord | undefined> {
  const { stores, dependencies } = mount;
  const { storage } = request;
  const { clock, logger } = dependencies;
  const isKept = async (record: RotationRecord | undefined): Promise<boolean> =>
    record !== undefined && record.registeredAt <= clock.now() && !(await isHostSilent(config, record, clock.now()));
  const record = await findRootRotation(mount, storage);
  if (await isKept(record)) return record;
  return mount.locks.run(
    CONFIG_LOCK,
    async () => {
      if ((await stores.configs.get(storage, '')) !== config) return undefined;
      const current = await findRootRotation(mount, storage);
      if (await isKept(current)) return current;
      const manager = await registerRotation(request, config);
      logger.info('automated rotation of the root secret is registered', { manager });
      const now = clock.now();
      // What is overdue stays so if it is now up to us.
      const since = manager === 'plugin' && current !== undefined ? earlier(current.registeredAt, now) : now;
      const registered = newRotation(manager, since);
      await stores.rotations.put(storage, ROOT_ROTATION_ID, registered);
      return registered;
    },
    request.signal,
  );
}

/** For example an Enterprise edition that became a Community one: it keeps no time any more, and says nothing. */
async function isHostSilent(config: ConfigRecord, record: RotationRecord, now: Date): Promise<boolean> {
  if (record.manager !== 'host') return false;
  try {
    const due = await nextRotation({ ...config, rotationWindowSeconds: 0 }, startOfWait(config, record), now);
    return now >= addMs(later(due, record.lastFailureAt ?? due), HOST_IS_SILENT_MS);
  } catch (error) {
    // The host has taken it; what it makes of it is its own affair.
    if (error instanceof CronSyntaxError) return false;
    throw error;
  }
}

interface FailedRotation {
  readonly error: unknown;
  readonly manager: RotationManager;
  readonly startedAt: Date;
}

/**
 * A node that may not write, or a mount that closes, has not failed; nor has a rotation that came as far as staging: the
 * minute work puts its secret into force.
 */
async function noteFailure(
  mount: AzureMount,
  request: Request,
  { error, manager, startedAt }: FailedRotation,
): Promise<void> {
  if (error instanceof CancelledError || isReadOnlyError(error)) return;
  const now = mount.dependencies.clock.now();
  await changeRotation(mount, request, (record, config) => {
    const last = lastRotation(config);
    if (last !== undefined && last >= startedAt) return record;
    const failures = isFailing(config, record, now) ? record.failures + 1 : 1;
    return {
      manager,
      registeredAt: record.registeredAt,
      failures,
      lastFailureAt: now,
      nextAttemptAt: manager === 'plugin' ? nextAttempt(failures, now) : undefined,
      lastError: errorMessage(error),
    };
  });
}

/** Nothing when the schedule was cleared meanwhile. */
async function changeRotation(
  mount: AzureMount,
  { storage }: Request,
  change: (record: RotationRecord, config: ConfigRecord) => RotationRecord,
): Promise<void> {
  const { stores } = mount;
  await mount.locks.run(CONFIG_LOCK, async () => {
    const config = await stores.configs.get(storage, '');
    const record = await findRootRotation(mount, storage);
    if (config === undefined || record === undefined) return;
    const changed = change(record, config);
    if (changed !== record) await stores.rotations.put(storage, ROOT_ROTATION_ID, changed);
  });
}
