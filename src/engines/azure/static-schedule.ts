/**
 * When the secret of a static role changes. Pure: a role, its secrets and a time in; what is due out.
 *
 *     period starts                    handed out from        period ends = the next one starts
 *     |-- current secret is read -------|-- next one is read --|-- ... and is the only one
 *     |-- current secret works in Azure ------------------------|
 *                                       |<--- grace period ---->|
 *
 * With seamless rotation the next secret is made right after the current one came into force (staged), so that all of
 * Azure knows it long before anybody gets it. Without, it is made just before the grace period.
 */
import { addMs, earlier } from '../../util/rfc3339.ts';
import {
  NO_GRACE_PERIOD,
  type RetiredSecret,
  type StagedSecret,
  type StaticCredsRecord,
  type StaticRoleRecord,
  type StaticSecret,
} from './model-static.ts';
import { isSameId } from './same-id.ts';

/**
 * A secret that is not made ahead is made this much before the grace period begins: the engine looks once a minute, and
 * the old one must still be good for all of it.
 */
const REPLACEMENT_LEAD_MS = 120_000;
/** In Azure a staged secret is good this much before it is handed out: clocks differ. */
const EARLY_START_MS = 300_000;
/** Between two reads of somebody who waits for a new secret. The engine looks once a minute. */
const MAX_OVERDUE_PAUSE_SECONDS = 60;
/** Plans that differ by less are the same. */
const TOLERANCE_MS = 1_000;

type Terms = Pick<StaticRoleRecord, 'rotationPeriodSeconds' | 'gracePeriodSeconds' | 'isSeamless'>;

export function graceMs({ gracePeriodSeconds }: Pick<Terms, 'gracePeriodSeconds'>): number {
  return gracePeriodSeconds === NO_GRACE_PERIOD ? 0 : gracePeriodSeconds * 1000;
}

/** When the secret is rotated: the end of its period, and at the latest its end in Azure. */
export function rotationAt(terms: Terms, { expiresAt, periodStartsAt }: StaticSecret): Date {
  if (periodStartsAt === undefined) return expiresAt;
  return earlier(expiresAt, addMs(periodStartsAt, terms.rotationPeriodSeconds * 1000));
}

/** When the secret that follows `secret` is to be handed out in its place. */
function handOverAt(terms: Terms, secret: StaticSecret): Date {
  return addMs(rotationAt(terms, secret), -graceMs(terms));
}

/** When a secret is made that was not made ahead. */
function replacementAt(terms: Terms, secret: StaticSecret): Date {
  return addMs(rotationAt(terms, secret), -graceMs(terms) - REPLACEMENT_LEAD_MS);
}

/** The secret that readers get now. */
export function secretInForce({ current, staged }: StaticCredsRecord, now: Date): StaticSecret | undefined {
  return staged !== undefined && staged.handedOutFrom <= now ? staged : current;
}

/** When readers will get another one than `secretInForce`. */
export function nextChangeAt(terms: Terms, creds: StaticCredsRecord, now: Date): Date | undefined {
  const { staged } = creds;
  const secret = secretInForce(creds, now);
  if (secret === undefined) return undefined;
  if (staged !== undefined && secret !== staged) return staged.handedOutFrom;
  return terms.isSeamless ? handOverAt(terms, secret) : replacementAt(terms, secret);
}

/**
 * After how many seconds a reader should read again. When a change is overdue, because the engine has not looked yet or
 * Azure is down: a pause short enough for the grace period.
 */
export function secondsToNextChange(terms: Terms, creds: StaticCredsRecord, now: Date): number {
  const changesAt = nextChangeAt(terms, creds, now);
  if (changesAt !== undefined && changesAt > now) return Math.floor((changesAt.getTime() - now.getTime()) / 1000);
  return Math.min(MAX_OVERDUE_PAUSE_SECONDS, Math.max(1, graceMs(terms) / 1000));
}

/** The times of the secret that is to follow the current one. */
export interface StagingPlan {
  /** `undefined`: at once, since it would be soon anyway. */
  readonly startsAt: Date | undefined;
  readonly handedOutFrom: Date;
  readonly periodStartsAt: Date;
  readonly expiresAt: Date;
}

/** In Azure no secret lives longer than a period: tenants have limits to that. So a staged one ends a little earlier. */
export function planStaging(terms: Terms, current: StaticSecret, now: Date): StagingPlan {
  const handedOutFrom = handOverAt(terms, current);
  const earliest = addMs(handedOutFrom, -EARLY_START_MS);
  const startsAt = earliest > now ? earliest : undefined;
  return {
    startsAt,
    handedOutFrom,
    periodStartsAt: rotationAt(terms, current),
    expiresAt: addMs(startsAt ?? now, terms.rotationPeriodSeconds * 1000),
  };
}

/** The one thing that is to be done next. What keeps readers served comes first. */
export type DueWork =
  /** The staged secret becomes the current one. */
  | { readonly type: 'promote' }
  /** A new secret at once. */
  | { readonly type: 'replace' }
  /** The staged secret does not fit what the role says now. */
  | { readonly type: 'unstage' }
  | { readonly type: 'remove'; readonly retired: readonly RetiredSecret[] }
  | { readonly type: 'stage'; readonly current: StaticSecret };

/** @param failed key ids that could not be removed just now: what else is due does not wait for them. */
export function findDueWork(
  terms: Terms,
  creds: StaticCredsRecord,
  now: Date,
  failed: ReadonlySet<string> = new Set(),
): DueWork | undefined {
  const { current, staged } = creds;
  if (staged !== undefined && (current === undefined || staged.periodStartsAt <= now)) return { type: 'promote' };
  // Imported without its text, nobody reads it here: it is rotated when somebody says so.
  const isRotated = current !== undefined && current.clientSecret !== '';
  const isOver = isRotated && staged === undefined && now >= replacementAt(terms, current);
  if (isOver || (isRotated && isNotValidYet(terms, current, now))) return { type: 'replace' };
  if (staged !== undefined && staged.handedOutFrom > now && isStale(terms, current, staged)) return { type: 'unstage' };
  const retired = creds.retired.filter(({ removeAt, keyId }) => removeAt <= now && !failed.has(keyId));
  if (retired.length > 0) return { type: 'remove', retired };
  // What is still to be removed takes a place that the application may not have twice.
  const isHere = (secret: RetiredSecret): boolean =>
    current !== undefined && isSameId(secret.applicationObjectId, current.applicationObjectId);
  const hasRoom = staged === undefined && !creds.retired.some(isHere);
  return isRotated && terms.isSeamless && hasRoom ? { type: 'stage', current } : undefined;
}

/** True for a secret that was staged, and became the current one while the clock was ahead: Azure refuses it for now. */
function isNotValidYet(terms: Terms, { createdAt, periodStartsAt = createdAt }: StaticSecret, now: Date): boolean {
  return createdAt <= now && now < addMs(periodStartsAt, -graceMs(terms) - EARLY_START_MS);
}

function isStale(terms: Terms, current: StaticSecret | undefined, staged: StagedSecret): boolean {
  if (current === undefined || !terms.isSeamless) return true;
  const difference = staged.handedOutFrom.getTime() - handOverAt(terms, current).getTime();
  return Math.abs(difference) > TOLERANCE_MS;
}

/** The secrets once the staged one is the current one. The old one ends with its period. */
export function promoteStaged(creds: StaticCredsRecord): StaticCredsRecord {
  const { staged, current } = creds;
  if (staged === undefined) return creds;
  return {
    ...creds,
    current: withoutHandOver(staged),
    staged: undefined,
    retired: [...creds.retired, ...(current === undefined ? [] : [retire(current, staged.periodStartsAt)])],
  };
}

/** The secrets once the staged one, which nobody has been given, is to be removed. */
export function dropStaged(creds: StaticCredsRecord, now: Date): StaticCredsRecord {
  const { staged } = creds;
  if (staged === undefined) return creds;
  return { ...creds, staged: undefined, retired: [...creds.retired, retire(staged, now)] };
}

/** The secrets once `secret` is the current one and the old one is good for the grace period. */
export function replaceCurrent(
  terms: Terms,
  creds: StaticCredsRecord,
  secret: StaticSecret,
  now: Date,
): StaticCredsRecord {
  const { current } = creds;
  const isSame = current?.keyId === secret.keyId;
  const removeAt = addMs(now, graceMs(terms));
  return {
    ...creds,
    current: secret,
    retired: [...creds.retired, ...(current === undefined || isSame ? [] : [retire(current, removeAt)])],
  };
}

/**
 * The secrets that remain when the role stands for another application, or for the imported key `keptKeyId`, from now
 * on: none. Those that the engine made are removed after the grace period, those that it imported are left alone.
 */
export function releaseSecrets(
  terms: Terms,
  creds: StaticCredsRecord,
  keptKeyId: string | undefined,
  now: Date,
): StaticCredsRecord {
  const { current, retired, ...rest } = settleStaged(creds, now);
  const isRemoved = current?.isOurs === true && current.keyId !== keptKeyId;
  const released = isRemoved ? [...retired, retire(current, addMs(now, graceMs(terms)))] : retired;
  return { ...rest, current: undefined, retired: released.filter(({ keyId }) => keyId !== keptKeyId) };
}

/** The secrets before anything is put in the place of the current one: a staged one that readers have is the current one. */
export function settleStaged(creds: StaticCredsRecord, now: Date): StaticCredsRecord {
  const { staged } = creds;
  if (staged === undefined) return creds;
  return staged.handedOutFrom <= now ? promoteStaged(creds) : dropStaged(creds, now);
}

/** What goes when the role goes: everything but an imported secret in force. */
export function listOwnSecrets({ current, staged, retired }: StaticCredsRecord): readonly RetiredSecret[] {
  const owned = [current, staged].filter((secret) => secret !== undefined).filter(({ isOurs }) => isOurs);
  return [...owned.map((secret) => retire(secret, secret.createdAt)), ...retired];
}

export function withoutRetired(creds: StaticCredsRecord, keyIds: readonly string[]): StaticCredsRecord {
  return { ...creds, retired: creds.retired.filter(({ keyId }) => !keyIds.includes(keyId)) };
}

function withoutHandOver(staged: StagedSecret): StaticSecret {
  const { tenantId, applicationObjectId, clientId, clientSecret, keyId } = staged;
  const { expiresAt, createdAt, periodStartsAt, isOurs } = staged;
  return { tenantId, applicationObjectId, clientId, clientSecret, keyId, expiresAt, createdAt, periodStartsAt, isOurs };
}

function retire({ tenantId, applicationObjectId, keyId, createdAt }: StaticSecret, removeAt: Date): RetiredSecret {
  return { tenantId, applicationObjectId, keyId, createdAt, removeAt };
}
