/** Everything about the emulator that may be changed while it runs. */
import type { JsonObject, JsonValue } from './json.ts';
import { isJsonArray, isJsonObject } from './json.ts';
import type { Lags } from './state/replicated-map.ts';

/** What `POST /applications` does with `passwordCredentials`. */
const CREATION_PASSWORDS = [
  /** As documented: the answer carries the secret, the end date asked for holds. */
  'honoured',
  /** 400 `Request_BadRequest` that names passwordCredentials. */
  'refused',
  /** The application is made, the answer has no secretText. */
  'lost',
  /** The secret is made, but with the default end (two years) instead of the one asked for. */
  'defaultEnd',
] as const;
export type CreationPasswords = (typeof CREATION_PASSWORDS)[number];

/** What a write says when the application that it needs has not reached the replica. */
const FRESH_APPLICATION_ANSWERS = ['noBackingApplicationObject', 'localTenant', 'notFound'] as const;
export type FreshApplicationAnswer = (typeof FRESH_APPLICATION_ANSWERS)[number];

const THROTTLING = ['off', 'azure'] as const;

/** A token bucket: `capacity` calls at once, then `refillPerSecond`. */
export interface BucketSize {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export const BUCKET_NAMES = [
  'graphResourceUnits',
  'graphWrites',
  /** POST, PATCH and DELETE of applications whose audience includes personal accounts. */
  'graphPersonalWrites',
  'armReads',
  'armWrites',
  'armDeletes',
  'login',
] as const;
export type BucketName = (typeof BUCKET_NAMES)[number];

export interface Quotas {
  /** Live objects of the tenant; items in the recycle bin count. */
  readonly directoryObjects: number;
  /** Objects that one principal may create. App-only callers are exempt in Azure, hence unlimited by default. */
  readonly objectsPerPrincipal: number;
  /** Beyond it the object is too large. */
  readonly passwordsPerApplication: number;
  readonly federatedCredentialsPerApplication: number;
  readonly ownersPerApplication: number;
  readonly appRoleAssignmentsPerPrincipal: number;
  /** At the subscription and everything below it. */
  readonly roleAssignmentsPerSubscription: number;
}

export interface EmulatorSettings {
  /** Milliseconds that each call waits before it is worked on. */
  readonly latencyMs: number;
  /** Milliseconds until every replica has seen a write; 0: at once. */
  readonly replicationMs: number;
  /** The same for the token endpoint and for ARM's view of the directory; null: as `replicationMs`. */
  readonly loginReplicationMs: number | null;
  readonly armReplicationMs: number | null;
  /** Replica k of n sees a write after k/n of the delay; each call goes to one of them. */
  readonly replicas: number;
  /** True: the replica is chosen per connection instead of per call. */
  readonly stickyReplicas: boolean;
  /** Milliseconds for which a failed login is answered from memory. */
  readonly negativeCacheMs: number;
  /** Milliseconds until a deleted object shows in the recycle bin; null: as `replicationMs`. */
  readonly recycleBinMs: number | null;
  readonly creationPasswords: CreationPasswords;
  /** Used in turn, one per failing call. */
  readonly freshApplicationAnswers: readonly FreshApplicationAnswer[];
  /** Two writes to one application within this time collide; 0: never. */
  readonly concurrencyWindowMs: number;
  readonly concurrencyStatus: number;
  /** Longest password life the tenant's policy allows, in days; null: any. */
  readonly maxPasswordLifetimeDays: number | null;
  /** False: the tenant's policy forbids passwords. */
  readonly passwordsAllowed: boolean;
  readonly tokenLifetimeSeconds: number;
  /** Items per page of an ARM list. */
  readonly armPageSize: number;
  readonly quotas: Quotas;
  /** `off`, the documented limits (`azure`), or own sizes; a bucket left out does not throttle. */
  readonly throttling: 'off' | 'azure' | Readonly<Partial<Record<BucketName, BucketSize>>>;
}

export const DEFAULT_SETTINGS: EmulatorSettings = {
  latencyMs: 0,
  replicationMs: 0,
  loginReplicationMs: null,
  armReplicationMs: null,
  replicas: 3,
  stickyReplicas: false,
  negativeCacheMs: 0,
  recycleBinMs: null,
  creationPasswords: 'honoured',
  freshApplicationAnswers: ['noBackingApplicationObject'],
  concurrencyWindowMs: 0,
  concurrencyStatus: 409,
  maxPasswordLifetimeDays: null,
  passwordsAllowed: true,
  tokenLifetimeSeconds: 3599,
  armPageSize: 1000,
  quotas: {
    directoryObjects: 50_000,
    objectsPerPrincipal: Number.MAX_SAFE_INTEGER,
    passwordsPerApplication: 600,
    federatedCredentialsPerApplication: 20,
    ownersPerApplication: 100,
    appRoleAssignmentsPerPrincipal: 1500,
    roleAssignmentsPerSubscription: 4000,
  },
  throttling: 'off',
};

/** Quotas may be changed one by one. */
export type SettingsChange = Partial<Omit<EmulatorSettings, 'quotas'>> & { readonly quotas?: Partial<Quotas> };

export function changeSettings(settings: EmulatorSettings, change: SettingsChange): EmulatorSettings {
  return { ...settings, ...change, quotas: { ...settings.quotas, ...change.quotas } };
}

/** The slowest replica's delay for each service. */
export function readLags(settings: EmulatorSettings): Lags {
  return {
    graph: settings.replicationMs,
    login: settings.loginReplicationMs ?? settings.replicationMs,
    arm: settings.armReplicationMs ?? settings.replicationMs,
  };
}

/**
 * Reads a change as it comes over the control API.
 * @throws Error naming the setting and what it must be.
 */
export function parseSettingsChange(body: JsonObject): SettingsChange {
  const change: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const parse = PARSERS.get(name);
    if (parse === undefined) throw new Error(`unknown setting ${name}`);
    change[name] = parse(value, name);
  }
  return change;
}

type Parser = (value: JsonValue, name: string) => unknown;

function parseCount(value: JsonValue, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new Error(`${name} must be a whole number of 0 or more`);
  }
  return value;
}

function parsePositive(value: JsonValue, name: string): number {
  const count = parseCount(value, name);
  if (count === 0) throw new Error(`${name} must be 1 or more`);
  return count;
}

function parseBoolean(value: JsonValue, name: string): boolean {
  if (typeof value !== 'boolean') throw new Error(`${name} must be true or false`);
  return value;
}

function orNull(parse: Parser): Parser {
  return (value, name) => (value === null ? null : parse(value, name));
}

function oneOf(choices: readonly string[]): Parser {
  return (value, name) => {
    if (typeof value !== 'string' || !choices.includes(value)) {
      throw new Error(`${name} must be one of ${choices.join(', ')}`);
    }
    return value;
  };
}

function parseFreshApplicationAnswers(value: JsonValue, name: string): unknown {
  if (!isJsonArray(value) || value.length === 0) throw new Error(`${name} must be a list with at least one answer`);
  const parse = oneOf(FRESH_APPLICATION_ANSWERS);
  return value.map((item) => parse(item, name));
}

function parseQuotas(value: JsonValue, name: string): unknown {
  if (!isJsonObject(value)) throw new Error(`${name} must be an object`);
  const known = Object.keys(DEFAULT_SETTINGS.quotas);
  return Object.fromEntries(
    Object.entries(value).map(([quota, limit]) => {
      if (!known.includes(quota)) throw new Error(`unknown setting ${name}.${quota}`);
      return [quota, parseCount(limit, `${name}.${quota}`)];
    }),
  );
}

function parseThrottling(value: JsonValue, name: string): unknown {
  if (!isJsonObject(value)) return oneOf(THROTTLING)(value, name);
  const known: readonly string[] = BUCKET_NAMES;
  return Object.fromEntries(
    Object.entries(value).map(([bucket, size]) => {
      if (!known.includes(bucket)) throw new Error(`unknown setting ${name}.${bucket}`);
      if (!isJsonObject(size)) throw new Error(`${name}.${bucket} must hold capacity and refillPerSecond`);
      const { capacity = null, refillPerSecond = null } = size;
      if (typeof refillPerSecond !== 'number' || refillPerSecond < 0) {
        throw new Error(`${name}.${bucket}.refillPerSecond must be a number of 0 or more`);
      }
      return [bucket, { capacity: parsePositive(capacity, `${name}.${bucket}.capacity`), refillPerSecond }];
    }),
  );
}

const PARSERS: ReadonlyMap<string, Parser> = new Map(
  Object.entries({
    latencyMs: parseCount,
    replicationMs: parseCount,
    loginReplicationMs: orNull(parseCount),
    armReplicationMs: orNull(parseCount),
    replicas: parsePositive,
    stickyReplicas: parseBoolean,
    negativeCacheMs: parseCount,
    recycleBinMs: orNull(parseCount),
    creationPasswords: oneOf(CREATION_PASSWORDS),
    freshApplicationAnswers: parseFreshApplicationAnswers,
    concurrencyWindowMs: parseCount,
    concurrencyStatus: parsePositive,
    maxPasswordLifetimeDays: orNull(parsePositive),
    passwordsAllowed: parseBoolean,
    tokenLifetimeSeconds: parsePositive,
    armPageSize: parsePositive,
    quotas: parseQuotas,
    throttling: parseThrottling,
  } satisfies Record<keyof EmulatorSettings, Parser>),
);
