/** The fields of static roles, and what a write makes of them as far as that needs no Azure. Throws `InvalidRequestError`. */
import { InvalidRequestError } from '../../errors.ts';
import { field, type FieldTable, type FieldValues } from '../../framework/index.ts';
import { parseTime } from '../../util/rfc3339.ts';
import { metadataField } from './metadata.ts';
import {
  DEFAULT_GRACE_PERIOD_SECONDS,
  DEFAULT_ROTATION_PERIOD_SECONDS,
  NO_GRACE_PERIOD,
  type StaticRoleRecord,
} from './model-static.ts';
import { isSameId } from './same-id.ts';

/** 720 h: a month. */
const MIN_ROTATION_PERIOD_SECONDS = 720 * 3600;
/** Kept from the period before it is halved, so that a secret is the only one for some time. */
const GRACE_RESERVE_SECONDS = 3600;

/** Of `static-roles/:name` and `static-roles/:name/import`. */
export const SHARED_STATIC_FIELDS = {
  name: field.lowerCaseString({ description: 'Name of the static role.', example: 'my-static-role' }),
  application_object_id: field.string({
    description:
      'Object id (not client id) of the existing application whose secret the role keeps. Needed for a new role.',
    example: '408bf248-dd4e-4be5-919a-7f6207a307ab',
  }),
  rotation_period: field.durationSecond({
    description: 'How long a secret is in force, and its life in Azure: 720 h or more. 0: the default, two years.',
    default: DEFAULT_ROTATION_PERIOD_SECONDS,
    example: '8760h',
  }),
  ttl: field.durationSecond({ description: 'The old name of rotation_period.', isDeprecated: true }),
  metadata: metadataField(
    'Texts to keep with the role, answered with its secret: name=value pairs or an object. Replaces what was kept; {} clears it.',
  ),
  seamless_rotation: field.bool({
    description:
      'Make the next secret ahead of its time, so that all of Azure knows it when it is handed out. Default for new roles: seamless_rotation of the config.',
    default: true,
  }),
  rotation_grace_period: field.signedDurationSecond({
    description:
      'How long the old secret stays valid beside the new one, at most (rotation_period - 1h) / 2. -1: not at all. 0: the default.',
    default: DEFAULT_GRACE_PERIOD_SECONDS,
    example: '1h',
  }),
  secret_id: field.string({
    description: 'Import: key id of a password of the application.',
    example: '5c2f7e2a-9d1b-4a64-8f0e-3b7c6d5e4f21',
  }),
  client_secret: field.string({ description: 'Import: the text of that password.', isSensitive: true }),
} satisfies FieldTable;

export type GivenStaticFields = Partial<FieldValues<typeof SHARED_STATIC_FIELDS>>;

/** The stored role with the given fields on top. */
export function mergeStaticRole(old: StaticRoleRecord, given: GivenStaticFields): StaticRoleRecord {
  const { application_object_id: givenId = old.applicationObjectId } = given;
  const role = {
    ...old,
    ...(isSameId(givenId, old.applicationObjectId)
      ? {} // spelt as it was: its secrets are found by it
      : { applicationObjectId: givenId, applicationId: '' }), // its client id is not known yet
    rotationPeriodSeconds: readPeriod(given) ?? old.rotationPeriodSeconds,
    isSeamless: given.seamless_rotation ?? old.isSeamless,
    gracePeriodSeconds: readGracePeriod(given.rotation_grace_period) ?? old.gracePeriodSeconds,
    metadata: given.metadata ?? old.metadata,
  };
  if (role.applicationObjectId === '') {
    throw new InvalidRequestError(
      "missing required field 'application_object_id': the object id (not the client id) of an application in the tenant",
    );
  }
  checkGracePeriod(role);
  return role;
}

function readPeriod({ rotation_period: period, ttl }: GivenStaticFields): number | undefined {
  if (period !== undefined && ttl !== undefined && period !== ttl) {
    throw new InvalidRequestError('ttl is the old name of rotation_period: give only one of them');
  }
  const seconds = period ?? ttl;
  if (seconds === 0) return DEFAULT_ROTATION_PERIOD_SECONDS;
  if (seconds !== undefined && seconds < MIN_ROTATION_PERIOD_SECONDS) {
    throw new InvalidRequestError(
      `${period === undefined ? 'ttl' : 'rotation_period'} must be 720h (30 days) or more, or 0 for the default of 17520h`,
    );
  }
  return seconds;
}

function readGracePeriod(seconds: number | undefined): number | undefined {
  if (seconds === 0) return DEFAULT_GRACE_PERIOD_SECONDS;
  if (seconds !== undefined && seconds < 0 && seconds !== NO_GRACE_PERIOD) {
    throw new InvalidRequestError(
      'rotation_grace_period must be a time, -1 for none, or 0 for the default of 300 seconds',
    );
  }
  return seconds;
}

function checkGracePeriod({ rotationPeriodSeconds, gracePeriodSeconds }: StaticRoleRecord): void {
  const limitSeconds = Math.floor((rotationPeriodSeconds - GRACE_RESERVE_SECONDS) / 2);
  if (gracePeriodSeconds > limitSeconds) {
    throw new InvalidRequestError(
      `rotation_grace_period must not be longer than (rotation_period - 1h) / 2, which is ${limitSeconds} seconds here`,
    );
  }
}

/**
 * A password that exists in Azure and becomes the role's.
 * - `full`: with its text, so usable at once;
 * - `metadata`: without its text, so not readable before it is rotated;
 * - `rotate`: without its text, and replaced by a new one in the same request.
 */
export interface ImportSpec {
  readonly mode: 'full' | 'metadata' | 'rotate';
  readonly keyId: string;
  /** '' unless `full`. */
  readonly clientSecret: string;
}

interface GivenImportFields {
  readonly secret_id?: string;
  readonly client_secret?: string;
  readonly expiration?: string;
}

/** `undefined`: nothing is to be imported. `isLeftAlone`: it is not to be rotated. */
export function readImport(
  { secret_id: keyId = '', client_secret: clientSecret = '', expiration = '' }: GivenImportFields,
  isLeftAlone: boolean,
  now: Date,
): ImportSpec | undefined {
  if (expiration !== '') {
    const end = parseTime(expiration);
    if (end === undefined || end <= now) {
      throw new InvalidRequestError(
        'expiration must be a time in the future in RFC 3339 format, for example 2027-01-31T00:00:00Z; it may be left out, since Azure tells it',
      );
    }
  }
  if (keyId !== '') {
    const mode = clientSecret !== '' ? 'full' : isLeftAlone ? 'metadata' : 'rotate';
    return { mode, keyId, clientSecret };
  }
  if (clientSecret !== '' || expiration !== '') {
    throw new InvalidRequestError(
      "missing required field 'secret_id': it names the password that client_secret or expiration belongs to",
    );
  }
  return undefined;
}
