/** Token buckets in front of the services, with Azure's figures or one's own, and the headers that go with them. */
import type { Emulation } from './emulation.ts';
import type { StatusAnswer } from './faults.ts';
import type { EmulatorRequest } from './server/exchange.ts';
import type { BucketName, BucketSize, EmulatorSettings } from './settings.ts';
import { includesPersonalAccounts } from './state/applications.ts';

/**
 * The documented limits. Graph: resource units of a small tenant per 10 s, 3,000 writes per 150 s, 60 a minute for
 * applications with personal accounts. ARM: per subscription and principal. Login: no published figure, so none.
 */
const AZURE_BUCKETS: Readonly<Partial<Record<BucketName, BucketSize>>> = {
  graphResourceUnits: { capacity: 3500, refillPerSecond: 350 },
  graphWrites: { capacity: 3000, refillPerSecond: 20 },
  graphPersonalWrites: { capacity: 60, refillPerSecond: 1 },
  armReads: { capacity: 250, refillPerSecond: 25 },
  armWrites: { capacity: 200, refillPerSecond: 10 },
  armDeletes: { capacity: 200, refillPerSecond: 10 },
};

interface Charge {
  readonly bucket: BucketName;
  /** Who shares the bucket. */
  readonly owner: string;
  readonly cost: number;
}

interface Level {
  readonly tokens: number;
  readonly atMs: number;
}

export interface ThrottleVerdict {
  readonly refusal?: StatusAnswer;
  readonly headers: Readonly<Record<string, string>>;
}

export class Throttle {
  readonly #levels = new Map<string, Level>();

  clear(): void {
    this.#levels.clear();
  }

  /** Charges the call to its buckets, or says how to refuse it. */
  judge(emulation: Emulation, request: EmulatorRequest): ThrottleVerdict {
    const charges = listCharges(emulation, request);
    const sizes = readSizes(emulation.settings);
    const levels = charges.map((charge) => this.#readLevel(charge, sizes[charge.bucket], request.nowMs));
    for (const [index, charge] of charges.entries()) {
      const size = sizes[charge.bucket];
      const tokens = levels[index] ?? Infinity;
      if (size !== undefined && tokens < charge.cost) return refuse(charge, size, tokens, request);
    }
    for (const [index, charge] of charges.entries()) {
      if (sizes[charge.bucket] === undefined) continue;
      const tokens = (levels[index] ?? 0) - charge.cost;
      this.#levels.set(keyOf(charge), { tokens, atMs: request.nowMs });
    }
    return { headers: describeLevels(charges, levels, sizes) };
  }

  #readLevel(charge: Charge, size: BucketSize | undefined, nowMs: number): number {
    if (size === undefined) return Infinity;
    const level = this.#levels.get(keyOf(charge));
    if (level === undefined) return size.capacity;
    const refill = (Math.max(0, nowMs - level.atMs) / 1000) * size.refillPerSecond;
    return Math.min(size.capacity, level.tokens + refill);
  }
}

function keyOf(charge: Charge): string {
  return `${charge.bucket} ${charge.owner}`;
}

function readSizes({ throttling }: EmulatorSettings): Readonly<Partial<Record<BucketName, BucketSize>>> {
  if (throttling === 'off') return {};
  return throttling === 'azure' ? AZURE_BUCKETS : throttling;
}

function listCharges(emulation: Emulation, request: EmulatorRequest): readonly Charge[] {
  const caller = readCaller(emulation, request);
  switch (request.host.service) {
    case 'login': {
      const isToken = request.method === 'POST';
      const owner = new URLSearchParams(isToken ? request.body.toString('utf8') : '').get('client_id') ?? '';
      return isToken ? [{ bucket: 'login', owner, cost: 1 }] : [];
    }
    case 'graph':
      return listGraphCharges(emulation, request, caller);
    case 'arm': {
      const subscription = /^\/subscriptions\/([^/]+)/i.exec(request.path)?.[1] ?? 'tenant';
      const buckets = { GET: 'armReads', HEAD: 'armReads', DELETE: 'armDeletes' } as const;
      const bucket = isKey(buckets, request.method) ? buckets[request.method] : 'armWrites';
      return [{ bucket, owner: `${subscription} ${caller}`, cost: 1 }];
    }
    case 'keyVault':
    case 'managedHsm':
    case 'managedIdentity':
      return [];
  }
}

function isKey<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return key in table;
}

function readCaller({ tokens }: Emulation, request: EmulatorRequest): string {
  return tokens.check((request.headers.authorization ?? '').replace(/^Bearer /i, ''))?.appId ?? '';
}

function listGraphCharges({ tenant }: Emulation, request: EmulatorRequest, owner: string): readonly Charge[] {
  const units: Charge = { bucket: 'graphResourceUnits', owner, cost: countResourceUnits(request) };
  if (request.method === 'GET') return [units];
  const writes: Charge = { bucket: 'graphWrites', owner, cost: 1 };
  const applicationId = /\/applications\/([^/(]+)/i.exec(request.path)?.[1];
  const application = applicationId === undefined ? undefined : tenant.applications.get(applicationId);
  const isPersonal = application !== undefined && includesPersonalAccounts(application);
  const personal: Charge = { bucket: 'graphPersonalWrites', owner, cost: 1 };
  return isPersonal ? [units, writes, personal] : [units, writes];
}

/** Documented costs: applications 2, group members 3, others 1; `$select` and a small `$top` save one each. */
function countResourceUnits({ method, path, query }: EmulatorRequest): number {
  if (method !== 'GET') return 1;
  const base = /\/applications$/i.test(path) ? 2 : /\/groups\/[^/]+\/members$/i.test(path) ? 3 : 1;
  const saved = Number(query.has('$select')) + Number(query.has('$top') && Number(query.get('$top')) < 20);
  return Math.max(1, base - saved + Number(query.has('$expand')));
}

function refuse(charge: Charge, size: BucketSize, tokens: number, request: EmulatorRequest): ThrottleVerdict {
  const missing = charge.cost - tokens;
  const waitSeconds = size.refillPerSecond === 0 ? 60 : Math.max(1, Math.ceil(missing / size.refillPerSecond));
  const isGraph = request.host.service === 'graph';
  const reason = charge.bucket === 'graphResourceUnits' ? 'ResourceUnitLimitExceeded' : 'WriteLimitExceeded';
  const isLogin = request.host.service === 'login';
  return {
    refusal: {
      status: 429,
      code: isLogin ? 'temporarily_unavailable' : isGraph ? 'TooManyRequests' : 'SubscriptionRequestsThrottled',
      message: isLogin ? 'AADSTS90055: The server is overloaded.' : 'Too many requests. Please try again later.',
      retryAfter: waitSeconds,
      headers: isGraph
        ? {
            'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${charge.owner}`,
            'x-ms-throttle-information': reason,
          }
        : {},
    },
    headers: {},
  };
}

const ARM_HEADERS = { armReads: 'reads', armWrites: 'writes', armDeletes: 'deletes' } as const;

function describeLevels(
  charges: readonly Charge[],
  levels: readonly number[],
  sizes: Readonly<Partial<Record<BucketName, BucketSize>>>,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [index, { bucket, cost, owner }] of charges.entries()) {
    const size = sizes[bucket] ?? AZURE_BUCKETS[bucket];
    const left = Math.min(levels[index] ?? Infinity, size?.capacity ?? Infinity) - cost;
    if (bucket === 'graphResourceUnits') headers['x-ms-resource-unit'] = String(cost);
    const used = size === undefined ? 0 : 1 - left / size.capacity;
    if (bucket.startsWith('graph') && sizes[bucket] !== undefined && used >= 0.8) {
      headers['x-ms-throttle-limit-percentage'] = used.toFixed(1);
    }
    if (isKey(ARM_HEADERS, bucket)) {
      const level = owner.startsWith('tenant ') ? 'tenant' : 'subscription';
      headers[`x-ms-ratelimit-remaining-${level}-${ARM_HEADERS[bucket]}`] = String(Math.max(0, Math.floor(left)));
    }
  }
  return headers;
}
