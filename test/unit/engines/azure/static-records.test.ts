import test from 'ava';
import fc from 'fast-check';
import {
  decodeStaticCreds,
  decodeStaticRole,
  DEFAULT_GRACE_PERIOD_SECONDS,
  DEFAULT_ROTATION_PERIOD_SECONDS,
  encodeStaticCreds,
  encodeStaticRole,
  NEW_STATIC_ROLE,
  NO_STATIC_CREDS,
} from '../../../../src/engines/azure/model-static.ts';
import { InternalError } from '../../../../src/errors.ts';
import type { JsonObject } from '../../../../src/util/json.ts';
import { EPOCH } from '../../../../src/util/rfc3339.ts';

const SEED = 20261127;
const bytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
const parsed = (value: Uint8Array): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;

/** As Vault Enterprise 1.21 writes them. */
const ENTERPRISE_ROLE = { application_object_id: 'object-1', ttl: 63072000000000000 };
const ENTERPRISE_CREDS = {
  client_id: 'app-1',
  client_secret: 'secret',
  secret_id: 'key-1',
  expiration: '2028-01-02T03:04:05.123456789Z',
};

test('static role: a record of Vault Enterprise is read in our units, and not switched to seamless rotation', (t) => {
  t.deepEqual(decodeStaticRole('static-roles/x', bytes(ENTERPRISE_ROLE)), {
    ...NEW_STATIC_ROLE,
    applicationObjectId: 'object-1',
    rotationPeriodSeconds: 63072000,
    isSeamless: false,
  });
});

test('static role: rewritten, the record keeps the keys and units of Vault Enterprise and what is not known', (t) => {
  const stored = { ...ENTERPRISE_ROLE, metadata: 'not a map', rotation_id: 'r-1' };
  t.like(parsed(encodeStaticRole(decodeStaticRole('static-roles/x', bytes(stored)))), stored);
});

test('static creds: a record of Vault Enterprise is read, and taken for one that the engine did not make', (t) => {
  const creds = decodeStaticCreds('static-creds/x', bytes(ENTERPRISE_CREDS));
  t.deepEqual(creds, {
    ...NO_STATIC_CREDS,
    current: {
      tenantId: '',
      applicationObjectId: '',
      clientId: 'app-1',
      clientSecret: 'secret',
      keyId: 'key-1',
      expiresAt: new Date('2028-01-02T03:04:05.123Z'),
      createdAt: EPOCH,
      periodStartsAt: undefined,
      isOurs: false,
    },
  });
  t.like(parsed(encodeStaticCreds(creds)), { ...ENTERPRISE_CREDS, expiration: '2028-01-02T03:04:05.123Z' });
});

test('static creds: a damaged end counts as passed, a secret without a key id as none', (t) => {
  const damaged = decodeStaticCreds('static-creds/x', bytes({ ...ENTERPRISE_CREDS, expiration: 'soon' }));
  t.deepEqual(damaged.current?.expiresAt, EPOCH);
  t.is(decodeStaticCreds('static-creds/x', bytes({ client_secret: 'secret' })).current, undefined);
});

test('static records: bytes that are no JSON object are an error that names the key and quotes nothing', (t) => {
  const broken = new TextEncoder().encode('client_secret=hunter2');
  for (const decode of [decodeStaticRole, decodeStaticCreds]) {
    t.throws(() => decode('static-creds/x', broken), {
      instanceOf: InternalError,
      message: 'stored record static-creds/x cannot be read: it is not a JSON object',
    });
  }
});

const anyTime = fc.date({
  min: new Date('1970-01-01T00:00:00Z'),
  max: new Date('2999-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const anyKeyId = fc.string({ minLength: 1 });
const anySecret = fc.record({
  tenantId: fc.string(),
  applicationObjectId: fc.string(),
  clientId: fc.string(),
  clientSecret: fc.string(),
  keyId: anyKeyId,
  expiresAt: anyTime,
  createdAt: anyTime,
  periodStartsAt: fc.option(anyTime, { nil: undefined }),
  isOurs: fc.boolean(),
});
const anyStaged = fc.tuple(anySecret, anyTime, anyTime).map(([secret, handedOutFrom, periodStartsAt]) => ({
  ...secret,
  handedOutFrom,
  periodStartsAt,
}));
const anyRetired = fc.record({
  tenantId: fc.string(),
  applicationObjectId: fc.string(),
  keyId: anyKeyId,
  createdAt: anyTime,
  removeAt: anyTime,
});
const anyUnknown = fc.constantFrom<JsonObject>({}, { rotation_id: 'r-1', nested: { of: ['another', 1, null] } });

test('static creds: written and read back they are the same, whatever is in them', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        current: fc.option(anySecret, { nil: undefined }),
        staged: fc.option(anyStaged, { nil: undefined }),
        retired: fc.array(anyRetired, { maxLength: 4 }),
        unknown: anyUnknown,
      }),
      (creds) => t.deepEqual(decodeStaticCreds('static-creds/x', encodeStaticCreds(creds)), creds),
    ),
    { seed: SEED, numRuns: 200 },
  );
});

test('static role: written and read back it is the same, whatever is in it', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        applicationObjectId: fc.string(),
        applicationId: fc.string(),
        rotationPeriodSeconds: fc.integer({ min: 720 * 3600, max: 2 ** 31 }),
        isSeamless: fc.boolean(),
        gracePeriodSeconds: fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 2 ** 30 })),
        metadata: fc
          .dictionary(fc.string(), fc.string(), { noNullPrototype: true })
          .map((pairs) => new Map(Object.entries(pairs))),
        unknown: anyUnknown,
      }),
      (role) => {
        const { unknown, ...read } = decodeStaticRole('static-roles/x', encodeStaticRole(role));
        const others = Object.entries(unknown).filter(([key]) => key !== 'metadata');
        t.deepEqual({ ...read, unknown: Object.fromEntries(others) }, role);
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

test('static records: any JSON object is read without a failure', (t) => {
  const keys = ['ttl', 'secret_id', 'staged', 'retired', 'expiration', 'rotation_grace_period', 'seamless_rotation'];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue(), { noNullPrototype: true }), (json) => {
      const role = decodeStaticRole('static-roles/x', bytes(json));
      t.true(Number.isFinite(role.rotationPeriodSeconds));
      const creds = decodeStaticCreds('static-creds/x', bytes(json));
      t.true(creds.retired.every(({ keyId }) => keyId !== ''));
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('static role: absent times are the defaults', (t) => {
  const role = decodeStaticRole('static-roles/x', bytes({}));
  t.is(role.rotationPeriodSeconds, DEFAULT_ROTATION_PERIOD_SECONDS);
  t.is(role.gracePeriodSeconds, DEFAULT_GRACE_PERIOD_SECONDS);
});
