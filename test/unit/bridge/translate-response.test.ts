/** Answers to the wire: what the host's decoders insist on is always there. */
import test from 'ava';
import fc from 'fast-check';
import { createErrorResponse, fromResponse, fromSpecialPaths } from '../../../src/bridge/translate-response.ts';
import { InvariantError } from '../../../src/errors.ts';
import type { Secret } from '../../../src/logical/index.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { responseCodec } from '../../../src/wire/generated/pb.ts';
import { ZERO_TIMESTAMP } from '../../../src/wire/timestamp.ts';

const secret: Secret = {
  ttlSeconds: 3600,
  maxTtlSeconds: 7200,
  isRenewable: true,
  incrementSeconds: 0,
  issuedAt: undefined,
  internalData: { secret_type: 'service_principal' },
  leaseId: '',
};

test('no data is the text null, never an empty text', (t) => {
  t.is(fromResponse({}).data, 'null');
  t.is(fromResponse({ data: undefined }).data, 'null');
  t.is(fromResponse({ data: {} }).data, '{}');
});

test('whatever the data, the text is the JSON of it', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      fc.pre(!Object.hasOwn(object, 'error'));
      const data = JSON.parse(JSON.stringify(object)) as JsonObject;
      t.deepEqual(JSON.parse(fromResponse({ data }).data ?? ''), data);
    }),
    { seed: 11 },
  );
  t.pass();
});

test('warnings and headers go along; without any there are none', (t) => {
  const wire = fromResponse({ warnings: ['w'], headers: new Map([['X-A', ['1', '2']]]) });
  t.deepEqual(wire.warnings, ['w']);
  t.deepEqual(wire.headers, new Map([['X-A', { header: ['1', '2'] }]]));
  t.deepEqual(fromResponse({}).warnings, []);
  t.is(fromResponse({}).headers?.size, 0);
});

test('a secret without a time of issue gets the zero time, since the host fails on none', (t) => {
  const wire = fromResponse({ secret }).secret;
  t.deepEqual(wire, {
    leaseOptions: {
      ttl: 3_600_000_000_000n,
      maxTtl: 7_200_000_000_000n,
      renewable: true,
      increment: 0n,
      issueTime: ZERO_TIMESTAMP,
    },
    internalData: '{"secret_type":"service_principal"}',
    leaseId: '',
  });
});

test('a secret with a time of issue keeps it', (t) => {
  const wire = fromResponse({ secret: { ...secret, issuedAt: new Date(1_700_000_000_005) } }).secret;
  t.deepEqual(wire?.leaseOptions?.issueTime, { seconds: 1_700_000_000n, nanos: 5_000_000 });
});

test('internal data that is empty is an object all the same', (t) => {
  t.is(fromResponse({ secret: { ...secret, internalData: {} } }).secret?.internalData, '{}');
});

test('a negative TTL is a defect of ours, told before the host fails on it', (t) => {
  t.throws(() => fromResponse({ secret: { ...secret, ttlSeconds: -1 } }), { instanceOf: InvariantError });
});

test('what is encoded is what the host decodes', (t) => {
  const decoded = responseCodec.decode(responseCodec.encode(fromResponse({ data: { a: 1 }, secret })));
  t.is(decoded.data, '{"a":1}');
  t.deepEqual(decoded.secret?.leaseOptions?.issueTime, ZERO_TIMESTAMP);
});

test('data that the host would take for a failure is refused', (t) => {
  t.throws(() => fromResponse({ data: { error: 'x' } }), { instanceOf: InvariantError });
  t.throws(() => fromResponse({ data: { error: 'x', data: null } }), { instanceOf: InvariantError });
  t.notThrows(() => fromResponse({ data: { error: null } }));
  t.notThrows(() => fromResponse({ data: { error: 'x', other: 1 } }));
  t.notThrows(() => fromResponse({ data: { data: 1 } }));
});

test('an error response has one member', (t) => {
  t.deepEqual(createErrorResponse('no "role"'), { data: '{"error":"no \\"role\\""}' });
});

test('special paths go over as they are', (t) => {
  const paths = { root: ['rotate-root'], unauthenticated: [], localStorage: ['wal/'], sealWrapStorage: ['config'] };
  t.deepEqual(fromSpecialPaths(paths), paths);
});
