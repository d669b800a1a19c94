import test from 'ava';
import { InternalError, InvalidRequestError, InvariantError, UnsupportedOperationError } from '../../../src/errors.ts';
import { createFrameworkBackend } from '../../../src/framework/backend.ts';
import { defineSecretType, extendLease, type SecretType } from '../../../src/framework/secret.ts';
import type { Backend, Request, Secret } from '../../../src/logical/index.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { makeRequest } from '../../helpers/requests.ts';
import { TestLogger } from '../../helpers/test-logger.ts';

const password = defineSecretType({
  type: 'password',
  renew: async (request) => extendLease(request, { ttlSeconds: 60, maxTtlSeconds: 120 }),
  revoke: async (request) => ({ data: { revoked: request.secret.internalData['id'] ?? null } }),
});
const certificate = defineSecretType({ type: 'certificate', defaultTtlSeconds: 30, revoke: async () => undefined });

function makeBackend(...secretTypes: SecretType[]): Backend {
  return createFrameworkBackend(
    { help: '', paths: [], secretTypes },
    { clock: new FakeClock(), logger: new TestLogger() },
  );
}

function leaseRequest(operation: 'renew' | 'revoke', internalData: JsonObject): Request {
  const secret: Secret = {
    internalData,
    leaseId: '',
    ttlSeconds: 10,
    maxTtlSeconds: 20,
    isRenewable: true,
    incrementSeconds: 5,
    issuedAt: new Date(0),
  };
  return makeRequest({ operation, path: 'creds/app', secret });
}

test('secret response: internal data carries the type, renewable as the type says', (t) => {
  t.deepEqual(
    password.response({ data: { p: 'x' }, internalData: { id: '1', secret_type: 'forged' }, ttlSeconds: 9 }),
    {
      data: { p: 'x' },
      secret: {
        internalData: { id: '1', secret_type: 'password' },
        leaseId: '',
        ttlSeconds: 9,
        maxTtlSeconds: 0,
        isRenewable: true,
        incrementSeconds: 0,
        issuedAt: undefined,
      },
    },
  );
  const { secret } = certificate.response({ data: {}, internalData: {}, maxTtlSeconds: 90 });
  t.like(secret, { ttlSeconds: 30, maxTtlSeconds: 90, isRenewable: false });
});

test('renew and revoke: dispatched by the type in the internal data', async (t) => {
  const backend = makeBackend(password, certificate);
  t.deepEqual(await backend.handleRequest(leaseRequest('revoke', { secret_type: 'password', id: '7' })), {
    data: { revoked: '7' },
  });
  t.is(await backend.handleRequest(leaseRequest('revoke', { secret_type: 'certificate' })), undefined);
  const renewed = await backend.handleRequest(leaseRequest('renew', { secret_type: 'password', id: '7' }));
  t.deepEqual(renewed, {
    secret: {
      internalData: { secret_type: 'password', id: '7' },
      leaseId: '',
      ttlSeconds: 60,
      maxTtlSeconds: 120,
      isRenewable: true,
      incrementSeconds: 0,
      issuedAt: new Date(0),
    },
  });
});

test('lease extended with new internal data: the type stays', (t) => {
  const request = leaseRequest('renew', { secret_type: 'password', id: '7' });
  const { secret } = request;
  if (secret === undefined) return t.fail();
  const terms = { ttlSeconds: 1, maxTtlSeconds: 2, internalData: { id: '8' } };
  const response = extendLease({ ...request, secret }, terms);
  return t.deepEqual(response.secret?.internalData, { id: '8', secret_type: 'password' });
});

test('renew and revoke: no secret or no known type: plain failures, which hosts try again', async (t) => {
  const backend = makeBackend(password);
  for (const operation of ['renew', 'revoke'] as const) {
    await t.throwsAsync(backend.handleRequest(makeRequest({ operation })), {
      instanceOf: InternalError,
      message: 'request has no secret',
    });
    for (const internalData of [{}, { secret_type: 'other' }, { secret_type: 5 }, { secret_type: '__proto__' }]) {
      await t.throwsAsync(backend.handleRequest(leaseRequest(operation, internalData)), {
        instanceOf: InternalError,
        message: 'secret is unsupported by this backend',
      });
    }
  }
});

test('renew: type without renewal: not supported', async (t) => {
  const renewal = makeBackend(certificate).handleRequest(leaseRequest('renew', { secret_type: 'certificate' }));
  await t.throwsAsync(renewal, { instanceOf: UnsupportedOperationError });
});

test('revoke: a failure of the type: passed on as it is', async (t) => {
  const failure = new InvalidRequestError('no such app');
  const type = defineSecretType({ type: 'x', revoke: () => Promise.reject(failure) });
  t.is(await t.throwsAsync(makeBackend(type).handleRequest(leaseRequest('revoke', { secret_type: 'x' }))), failure);
});

test('secret types with a mistake: refused at start', (t) => {
  t.throws(() => defineSecretType({ type: 'a-b', revoke: async () => undefined }), { instanceOf: InvariantError });
  t.throws(() => makeBackend(password, password), { instanceOf: InvariantError });
});
