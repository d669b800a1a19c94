/** Requests from the wire: JSON, leases, and what the host leaves out. */
import test from 'ava';
import { toRequest, type RequestSurroundings } from '../../../src/bridge/translate-request.ts';
import { InternalError } from '../../../src/errors.ts';
import type { PartialMessage } from '../../../src/wire/codec.ts';
import { requestCodec, type Request as WireRequest } from '../../../src/wire/generated/pb.ts';
import { ZERO_TIMESTAMP } from '../../../src/wire/timestamp.ts';
import { FakeSystemView } from '../../helpers/fake-system-view.ts';
import { MemoryStorage } from '../../helpers/memory-storage.ts';

const surroundings: RequestSurroundings = {
  storage: new MemoryStorage(),
  systemView: new FakeSystemView(),
  scope: { signal: new AbortController().signal, deadline: new Date(1) },
};

const decode = (message: PartialMessage<WireRequest>): WireRequest => requestCodec.decode(requestCodec.encode(message));

test('every field that an engine sees is taken over', (t) => {
  const request = toRequest(
    decode({
      id: 'id',
      operation: 'update',
      path: 'roles/a',
      data: '{"ttl":"1h"}',
      headers: new Map([['X-A', { header: ['1', '2'] }]]),
      clientToken: 'hash',
      clientTokenAccessor: 'acc',
      displayName: 'token',
      entityId: 'e',
      mountPoint: 'azure/',
      mountType: 'azure',
      mountAccessor: 'azure_1',
      connection: { remoteAddr: '10.0.0.1' },
    }),
    surroundings,
  );
  t.deepEqual(
    { ...request, headers: request.headers, storage: undefined, systemView: undefined, signal: undefined },
    {
      id: 'id',
      operation: 'update',
      path: 'roles/a',
      data: { ttl: '1h' },
      secret: undefined,
      storage: undefined,
      systemView: undefined,
      signal: undefined,
      deadline: new Date(1),
      headers: new Map([['X-A', ['1', '2']]]),
      hostTokenHash: 'hash',
      hostTokenAccessor: 'acc',
      displayName: 'token',
      entityId: 'e',
      mountPoint: 'azure/',
      mountType: 'azure',
      mountAccessor: 'azure_1',
      remoteAddress: '10.0.0.1',
    },
  );
  t.is(request.storage, surroundings.storage);
  t.is(request.systemView, surroundings.systemView);
  t.is(request.signal, surroundings.scope.signal);
});

for (const data of ['', 'null', '{}']) {
  test(`data "${data}" is the empty object`, (t) => {
    t.deepEqual(toRequest(decode({ data }), surroundings).data, {});
  });
}

for (const data of ['{', '[]', '"hunter2"', '1', '{"password":"hunter2"']) {
  test(`data ${data} is not an object: an internal error that quotes nothing`, (t) => {
    const error = t.throws(() => toRequest(decode({ data }), surroundings), { instanceOf: InternalError });
    t.is(error.message, 'the host sent data that is not a JSON object');
  });
}

test('a member called __proto__ stays a member', (t) => {
  const { data } = toRequest(decode({ data: '{"__proto__":{"a":1}}' }), surroundings);
  t.deepEqual(Object.keys(data), ['__proto__']);
  t.is(Object.getPrototypeOf(data), Object.prototype);
});

test('a secret: seconds, the time of issue, internal data', (t) => {
  const { secret } = toRequest(
    decode({
      secret: {
        leaseOptions: {
          ttl: 3_600_999_999_999n,
          maxTtl: 7_200_000_000_000n,
          renewable: true,
          increment: 60_000_000_000n,
          issueTime: { seconds: 1_700_000_000n, nanos: 5_999_999 },
        },
        internalData: '{"secret_type":"service_principal"}',
        leaseId: 'azure/creds/a/x',
      },
    }),
    surroundings,
  );
  t.deepEqual(secret, {
    ttlSeconds: 3600,
    maxTtlSeconds: 7200,
    isRenewable: true,
    incrementSeconds: 60,
    issuedAt: new Date(1_700_000_000_005),
    internalData: { secret_type: 'service_principal' },
    leaseId: 'azure/creds/a/x',
  });
});

test('a secret without lease options, without internal data, or with the zero time', (t) => {
  const empty = {
    ttlSeconds: 0,
    maxTtlSeconds: 0,
    isRenewable: false,
    incrementSeconds: 0,
    issuedAt: undefined,
    internalData: {},
    leaseId: '',
  };
  t.deepEqual(toRequest(decode({ secret: {} }), surroundings).secret, empty);
  t.deepEqual(toRequest(decode({ secret: { internalData: 'null' } }), surroundings).secret, empty);
  const zero = { leaseOptions: { issueTime: ZERO_TIMESTAMP } };
  t.deepEqual(toRequest(decode({ secret: zero }), surroundings).secret, empty);
});

test('internal data that is not an object: an internal error that quotes nothing', (t) => {
  t.throws(() => toRequest(decode({ secret: { internalData: '"hunter2"' } }), surroundings), {
    instanceOf: InternalError,
    message: 'the host sent internal data that is not a JSON object',
  });
});

test('a request without a connection has no remote address', (t) => {
  t.is(toRequest(decode({}), surroundings).remoteAddress, '');
});
