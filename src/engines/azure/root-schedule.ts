/**
 * When the root secret is next to be rotated, by the rules of the host's rotation manager.
 * Source: Vault SDK v0.20.0, rotation/schedule.go.
 */
import { parseCronSchedule } from '../../util/cron-schedule.ts';
import { addMs } from '../../util/rfc3339.ts';
import type { ConfigRecord } from './model-config.ts';
import type { RotationRecord } from './model-rotation.ts';

/** Waits before the next attempt after a failure: one minute, then doubling. */
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3600_000;

export type RotationFields = Pick<
  ConfigRecord,
  'rotationSchedule' | 'rotationWindowSeconds' | 'rotationPeriodSeconds' | 'disableAutomatedRotation'
>;

/** A schedule or period is stored, also when it is suspended. */
export function hasSchedule({ rotationSchedule, rotationPeriodSeconds }: RotationFields): boolean {
  return rotationSchedule !== '' || rotationPeriodSeconds !== 0;
}

/** It is in force. */
export function isAutomated(config: RotationFields): boolean {
  return hasSchedule(config) && !config.disableAutomatedRotation;
}

/** When the secret in force, or the one that waits to be, was made; `undefined` when the engine did not make it. */
export function lastRotation({
  staged,
  clientSecretKeyId,
  rootPasswordCreatedAt,
}: Pick<ConfigRecord, 'staged' | 'clientSecretKeyId' | 'rootPasswordCreatedAt'>): Date | undefined {
  return staged?.createdAt ?? (clientSecretKeyId === '' ? undefined : rootPasswordCreatedAt);
}

/** What a schedule or period counts from: the last rotation, or since when it is stored. */
export function startOfWait(config: ConfigRecord, { registeredAt }: RotationRecord): Date {
  return later(registeredAt, lastRotation(config) ?? registeredAt);
}

/**
 * A rotation since then, by hand or finished late, makes up for the failures before it. A failure that is still to come
 * was noted by a clock that was wrong, and may be the fault of that clock.
 */
export function isFailing(config: ConfigRecord, { failures, lastFailureAt }: RotationRecord, now: Date): boolean {
  const last = lastRotation(config);
  if (lastFailureAt !== undefined && lastFailureAt > now) return false;
  return failures > 0 && (last === undefined || lastFailureAt === undefined || last < lastFailureAt);
}

/**
 * The time that comes first after the last rotation; before `now` when it is overdue. A period counts from there, and so
 * does a schedule. With a window, a time that went by unused for that long is given up for the next one.
 * @param since `startOfWait`
 * @throws CronSyntaxError for a schedule that another version stored.
 */
export async function nextRotation(config: RotationFields, since: Date, now: Date): Promise<Date> {
  const { rotationSchedule, rotationPeriodSeconds, rotationWindowSeconds } = config;
  if (rotationSchedule === '') return addMs(since, rotationPeriodSeconds * 1000);
  const schedule = await parseCronSchedule(rotationSchedule, now);
  if (rotationWindowSeconds === 0) return schedule.next(since);
  return schedule.next(later(since, addMs(now, -rotationWindowSeconds * 1000)));
}

/** Seconds from the next rotation to the one after it. */
export async function secondsApart(config: RotationFields, now: Date): Promise<number> {
  if (config.rotationSchedule === '') return config.rotationPeriodSeconds;
  const { next } = await parseCronSchedule(config.rotationSchedule, now);
  const first = next(now);
  return (next(first).getTime() - first.getTime()) / 1000;
}

/** When a rotation that has failed so many times in a row is tried again. */
export function nextAttempt(failures: number, now: Date): Date {
  return addMs(now, Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16), MAX_PAUSE_MS));
}

export function later(left: Date, right: Date): Date {
  return left.getTime() >= right.getTime() ? left : right;
}
