/**
 * The record `rotation/root`: that the root secret is rotated by itself, since when, by whom, and what failed. It is there
 * as long as a schedule or period is in force. When the secret was last rotated stands in `config`, written with it.
 */
import { EPOCH, formatTime, parseTime } from '../../util/rfc3339.ts';
import { decodeRecord, encodeRecord, readNumber, readString } from './record-codec.ts';

export const ROTATION_PREFIX = 'rotation/';
/** Id of the only record so far. */
export const ROOT_ROTATION_ID = 'root';

/** `host`: its rotation manager asks for each rotation. `plugin`: the minute work does it, where the host has none. */
export type RotationManager = 'host' | 'plugin';

export interface RotationRecord {
  readonly manager: RotationManager;
  /** Since when the schedule or period, with this credential, is in force: what it counts from before any rotation. */
  readonly registeredAt: Date;
  /** Attempts in a row that failed. */
  readonly failures: number;
  readonly lastFailureAt: Date | undefined;
  /** Not before then, after a failure. */
  readonly nextAttemptAt: Date | undefined;
  /** The last failure's reason, for people. A later rotation makes all of this void. */
  readonly lastError: string;
}

/** As it is before any attempt. */
export function newRotation(manager: RotationManager, registeredAt: Date): RotationRecord {
  return {
    manager,
    registeredAt,
    failures: 0,
    lastFailureAt: undefined,
    nextAttemptAt: undefined,
    lastError: '',
  };
}

/** @throws InternalError when the stored bytes are no JSON object. */
export function decodeRotation(storageKey: string, value: Uint8Array): RotationRecord {
  const json = decodeRecord(storageKey, value);
  return {
    manager: readString(json, 'manager') === 'host' ? 'host' : 'plugin',
    registeredAt: parseTime(readString(json, 'registered_at')) ?? EPOCH,
    failures: readNumber(json, 'failures'),
    lastFailureAt: parseTime(readString(json, 'last_failure_at')),
    nextAttemptAt: parseTime(readString(json, 'next_attempt_at')),
    lastError: readString(json, 'last_error'),
  };
}

export function encodeRotation(record: RotationRecord): Uint8Array {
  return encodeRecord({
    manager: record.manager,
    registered_at: formatTime(record.registeredAt),
    failures: record.failures,
    last_failure_at: formatTime(record.lastFailureAt),
    next_attempt_at: formatTime(record.nextAttemptAt),
    last_error: record.lastError,
  });
}
