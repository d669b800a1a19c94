/** What a read of `config` tells about the rotation of the root secret. */
import type { Storage } from '../../logical/index.ts';
import { CronSyntaxError } from '../../util/cron-fields.ts';
import type { JsonObject, JsonValue } from '../../util/json.ts';
import { formatTime } from '../../util/rfc3339.ts';
import { findRootRotation } from './config-rotation.ts';
import type { ConfigRecord } from './model-config.ts';
import type { RotationRecord } from './model-rotation.ts';
import type { AzureMount } from './mount.ts';
import {
  hasSchedule,
  isAutomated,
  isFailing,
  lastRotation,
  later,
  nextRotation,
  startOfWait,
} from './root-schedule.ts';

/**
 * `rotation_state` is `staged` (a new secret waits to be put in force), `scheduled`, `failing` or `suspended`; nothing
 * when neither a secret waits nor a schedule is stored.
 */
export async function describeRotation(mount: AzureMount, storage: Storage, config: ConfigRecord): Promise<JsonObject> {
  if (!hasSchedule(config)) return config.staged === undefined ? {} : { rotation_state: 'staged' };
  const record = await findRootRotation(mount, storage);
  const now = mount.dependencies.clock.now();
  const data: Record<string, JsonValue> = { rotation_state: stateOf(config, record, now) };
  const last = lastRotation(config);
  if (last !== undefined) data['last_vault_rotation'] = formatTime(last);
  if (!isAutomated(config) || record === undefined) return data;
  data['rotation_manager'] = record.manager;
  if (isFailing(config, record, now)) data['last_error'] = record.lastError;
  // The time of the host's own manager is the host's to tell.
  if (record.manager === 'plugin') {
    const next = await nextTime(config, record, now);
    if (next !== undefined) data['next_vault_rotation'] = formatTime(next);
  }
  return data;
}

function stateOf(config: ConfigRecord, record: RotationRecord | undefined, now: Date): string {
  if (config.staged !== undefined) return 'staged';
  if (!isAutomated(config)) return 'suspended';
  return record !== undefined && isFailing(config, record, now) ? 'failing' : 'scheduled';
}

/** `undefined` for a schedule of another version that this one cannot read: `last_error` says so. */
async function nextTime(config: ConfigRecord, record: RotationRecord, now: Date): Promise<Date | undefined> {
  try {
    const next = await nextRotation(config, startOfWait(config, record), now);
    return isFailing(config, record, now) ? later(next, record.nextAttemptAt ?? next) : next;
  } catch (error) {
    if (error instanceof CronSyntaxError) return undefined;
    throw error;
  }
}
