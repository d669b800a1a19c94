/** The rules of automated root rotation in `config`, and who keeps its time: the host, where it can, else the plugin. */
import { CronSyntaxError } from '../../util/cron-fields.ts';
import { parseCronSchedule } from '../../util/cron-schedule.ts';
import { errorMessage, InternalError, InvalidRequestError, NotSupportedByHostError } from '../../errors.ts';
import type { Request, Storage } from '../../logical/index.ts';
import type { ConfigRequest } from './config-fields.ts';
import { CONFIG_KEY, type ConfigRecord, DEFAULT_ROOT_PASSWORD_TTL_SECONDS } from './model-config.ts';
import { newRotation, ROOT_ROTATION_ID, type RotationManager, type RotationRecord } from './model-rotation.ts';
import type { AzureMount } from './mount.ts';
import { isAutomated, type RotationFields, secondsApart } from './root-schedule.ts';
import { refuseUnrotatable } from './root-secret.ts';
import { resolveSettings } from './settings.ts';

const MIN_PERIOD_SECONDS = 10;
/** Source: Vault SDK v0.20.0, rotation/schedule.go (minRotationWindowSeconds). */
const MIN_WINDOW_SECONDS = 3600;

const EXCLUSIVE_TEXT =
  'mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided';

/** A window goes with the schedule that it belongs to. */
export function mergeRotation(old: RotationFields, { given }: Pick<ConfigRequest, 'given'>): RotationFields {
  const rotationSchedule = given.rotation_schedule ?? old.rotationSchedule;
  const keptWindowSeconds = rotationSchedule === '' ? 0 : old.rotationWindowSeconds;
  return {
    rotationSchedule,
    rotationWindowSeconds: given.rotation_window ?? keptWindowSeconds,
    rotationPeriodSeconds: given.rotation_period ?? old.rotationPeriodSeconds,
    disableAutomatedRotation: given.disable_automated_rotation ?? old.disableAutomatedRotation,
  };
}

/**
 * The rules of the four fields, in the host's order and with its texts; then ours.
 * @throws InvalidRequestError
 * Source: Vault SDK v0.20.0, helper/automatedrotationutil (ParseAutomatedRotationFields).
 */
export async function checkRotation(
  mount: AzureMount,
  { given }: Pick<ConfigRequest, 'given'>,
  config: ConfigRecord,
): Promise<void> {
  const schedule = given.rotation_schedule ?? '';
  const periodSeconds = given.rotation_period ?? 0;
  const windowSeconds = given.rotation_window ?? 0;
  if (schedule !== '' && periodSeconds !== 0) throw new InvalidRequestError(EXCLUSIVE_TEXT);
  if (schedule !== '') await checkSchedule(schedule, mount.dependencies.clock.now());
  if (windowSeconds !== 0 && periodSeconds !== 0) {
    throw new InvalidRequestError('rotation_window does not apply to period');
  }
  // Go lets a window pass beside an empty schedule, and does nothing with it.
  if (windowSeconds !== 0 && schedule === '') {
    throw new InvalidRequestError('cannot use rotation_window without rotation_schedule');
  }
  if (periodSeconds !== 0 && periodSeconds < MIN_PERIOD_SECONDS) {
    throw new InvalidRequestError(`rotation_period must be ${MIN_PERIOD_SECONDS} seconds or more`);
  }
  if (windowSeconds !== 0 && windowSeconds < MIN_WINDOW_SECONDS) {
    throw new InvalidRequestError(`rotation_window must be ${MIN_WINDOW_SECONDS} seconds or more`);
  }
  // Go looks at what is given only, and leaves it to the host which of two stored ones counts.
  if (periodSeconds !== 0 && config.rotationSchedule !== '') {
    throw new InvalidRequestError(`${EXCLUSIVE_TEXT}: clear the stored one in the same write, rotation_schedule=""`);
  }
  if (schedule !== '' && config.rotationPeriodSeconds !== 0) {
    throw new InvalidRequestError(`${EXCLUSIVE_TEXT}: clear the stored one in the same write, rotation_period=0`);
  }
}

async function checkSchedule(schedule: string, now: Date): Promise<void> {
  try {
    await parseCronSchedule(schedule, now);
  } catch (error) {
    if (!(error instanceof CronSyntaxError)) throw error;
    throw new InvalidRequestError(`failed to parse provided rotation_schedule: ${error.message}`, { cause: error });
  }
}

/**
 * A schedule needs a secret that can be rotated, as `rotate-root` does.
 * @throws InvalidRequestError
 */
export function checkRotatable(mount: AzureMount, config: ConfigRecord): void {
  if (!isAutomated(config)) return;
  try {
    refuseUnrotatable(resolveSettings(config, mount.environment));
  } catch (error) {
    if (!(error instanceof InvalidRequestError || error instanceof InternalError)) throw error;
    throw new InvalidRequestError(
      `${error.message}; without rotation_schedule and rotation_period, or with disable_automated_rotation=true, it can be stored`,
      { cause: error },
    );
  }
}

/** A secret that ends before the next one is made leaves the engine without any. */
export async function warnOfGaps(mount: AzureMount, config: ConfigRecord): Promise<string[]> {
  if (!isAutomated(config)) return [];
  const ttlSeconds = config.rootPasswordTtlSeconds || DEFAULT_ROOT_PASSWORD_TTL_SECONDS;
  const apartSeconds = await secondsApart(config, mount.dependencies.clock.now());
  if (apartSeconds < ttlSeconds) return [];
  return [
    `the root secret ends in Azure before it is rotated: root_password_ttl is ${ttlSeconds} s, and rotations are ${apartSeconds} s apart; raise root_password_ttl`,
  ];
}

/** What was arranged before the config is stored, for the case that it then cannot be. */
export type Arrangement = 'registration' | 'deregistration' | undefined;

/**
 * Arranges for the rotations that `config` asks for, or ends them. Call last, before the config is stored: `rotation/root`
 * alone, without a config that asks for rotations, does nothing.
 * @returns what the host's rotation manager has taken; `undefined` when it was not asked for anything, or has none.
 * @throws InvalidRequestError with the host's reason.
 * Source: vault-plugin-secrets-azure v0.23.0, path_config.go (pathConfigWrite).
 */
export async function arrangeRotation(
  mount: AzureMount,
  request: Request,
  { before, config }: { readonly before: ConfigRecord | undefined; readonly config: ConfigRecord },
): Promise<Arrangement> {
  const { stores, dependencies } = mount;
  const { storage } = request;
  if (!isAutomated(config)) {
    const isKnown = await endRotation(request);
    await stores.rotations.delete(storage, ROOT_ROTATION_ID);
    return isKnown ? 'deregistration' : undefined;
  }
  const manager = await registerRotation(request, config);
  const record = await findRootRotation(mount, storage);
  const goesOn = before !== undefined && record !== undefined && isSameRotation(before, config);
  await stores.rotations.put(
    storage,
    ROOT_ROTATION_ID,
    goesOn ? { ...record, manager } : newRotation(manager, dependencies.clock.now()),
  );
  return manager === 'host' ? 'registration' : undefined;
}

/** Writing something else does not begin a period anew; a new credential does. */
function isSameRotation(before: ConfigRecord, config: ConfigRecord): boolean {
  return (
    before.rotationSchedule === config.rotationSchedule &&
    before.rotationWindowSeconds === config.rotationWindowSeconds &&
    before.rotationPeriodSeconds === config.rotationPeriodSeconds &&
    before.disableAutomatedRotation === config.disableAutomatedRotation &&
    before.tenantId === config.tenantId &&
    before.clientId === config.clientId &&
    before.clientSecret === config.clientSecret &&
    before.clientSecretKeyId === config.clientSecretKeyId
  );
}

/** @throws InvalidRequestError with the host's reason */
export async function registerRotation(
  { systemView, mountPoint }: Pick<Request, 'systemView' | 'mountPoint'>,
  { rotationSchedule, rotationWindowSeconds, rotationPeriodSeconds }: RotationFields,
): Promise<RotationManager> {
  try {
    await systemView.registerRotationJob({
      name: '',
      mountPoint,
      path: CONFIG_KEY,
      rotationSchedule,
      rotationWindowSeconds,
      rotationPeriodSeconds,
    });
    return 'host';
  } catch (error) {
    if (error instanceof NotSupportedByHostError) return 'plugin';
    if (!(error instanceof InternalError)) throw error;
    throw new InvalidRequestError(`error registering rotation job: ${error.message}`, { cause: error });
  }
}

/**
 * @returns false when the host has no rotation manager.
 * @throws InvalidRequestError with the host's reason
 */
export async function endRotation({
  systemView,
  mountPoint,
}: Pick<Request, 'systemView' | 'mountPoint'>): Promise<boolean> {
  try {
    await systemView.deregisterRotationJob(mountPoint, CONFIG_KEY);
    return true;
  } catch (error) {
    if (error instanceof NotSupportedByHostError) return false;
    if (!(error instanceof InternalError)) throw error;
    throw new InvalidRequestError(`error de-registering rotation job: ${error.message}`, { cause: error });
  }
}

/** The error for a config that could not be stored. Text: the Go plugin's, when the host was told something. */
export function toStorageFailure(error: unknown, arrangement: Arrangement, { mountPoint, path }: Request): unknown {
  if (arrangement === undefined) return error;
  return new InternalError(
    `write to storage failed but the rotation manager still succeeded; operation=${arrangement}, mount=${mountPoint}, path=${path}, storageError=${errorMessage(error)}`,
    { cause: error },
  );
}

/** `undefined` also for one that cannot be read: it is made anew from `config`, and stands in nobody's way. */
export async function findRootRotation(mount: AzureMount, storage: Storage): Promise<RotationRecord | undefined> {
  try {
    return await mount.stores.rotations.get(storage, ROOT_ROTATION_ID);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    mount.dependencies.logger.warn('a damaged record is made anew', { error: error.message });
    return undefined;
  }
}
