/** Leased secrets: their terms on the wire, renewal and revocation. */
import test, { type ExecutionContext } from 'ava';
import type { Secret } from './_definitions.ts';
import { buildFixture } from './_fixture.ts';
import { openHost } from './_host.ts';
import type { FakeMount } from './_mount.ts';

const bundlePath = await buildFixture();

const enable = async (t: ExecutionContext): Promise<FakeMount> => (await openHost(t, { bundlePath })).mount().enable();

const HOUR_NS = 3_600_000_000_000n;

/** As the host stores it and hands it back: what came with the credential, an issue time, a blank lease id. */
async function issue(mount: FakeMount): Promise<Secret> {
  const { wire } = await mount.read('creds/app');
  const secret = wire.response?.secret;
  if (!secret?.lease_options) throw new Error('no lease');
  const issue_time = { seconds: '1768000000', nanos: 123_456_789 };
  return { ...secret, lease_id: '', lease_options: { ...secret.lease_options, issue_time } };
}

test('credential, read, has its terms in nanoseconds and an issue time', async (t) => {
  const { wire, data } = await (await enable(t)).read('creds/app');
  t.deepEqual(data, { password: 'hunter2' });
  const lease = wire.response?.secret?.lease_options;
  t.is(lease?.TTL, String(HOUR_NS));
  t.is(lease?.MaxTTL, String(24n * HOUR_NS));
  t.true(lease?.renewable);
  t.truthy(lease?.issue_time, 'without one the host fails after the credential was made');
  t.deepEqual(JSON.parse(wire.response?.secret?.internal_data ?? ''), {
    secret_type: 'wire',
    path: 'creds/app',
    nested: { list: [1, 'two', null] },
  });
});

test('renewal, stored secret, arrives whole and goes back with its internal data', async (t) => {
  const mount = await enable(t);
  const secret = await issue(mount);
  const lease_options = { ...secret.lease_options!, increment: String(2n * HOUR_NS) };
  const seen = await mount.request({
    operation: 'renew',
    path: 'echo/renew',
    data: { password: 'hunter2' },
    secret: { ...secret, lease_options },
  });
  t.like(seen.data?.['secret'], {
    ttlSeconds: 3600,
    maxTtlSeconds: 86_400,
    isRenewable: true,
    incrementSeconds: 7200,
    issuedAt: '2026-01-09T23:06:40.123Z',
    leaseId: '',
  });

  const { wire } = await mount.request({ operation: 'renew', path: 'creds/app', secret: { ...secret, lease_options } });
  t.is(wire.response?.secret?.lease_options?.TTL, String(2n * HOUR_NS));
  t.truthy(wire.response?.secret?.lease_options?.issue_time);
  t.deepEqual(JSON.parse(wire.response?.secret?.internal_data ?? ''), JSON.parse(secret.internal_data));
});

test('revocation, with and without a lease id, and again, succeeds with nothing', async (t) => {
  const mount = await enable(t);
  const secret = await issue(mount);
  for (const lease_id of ['', 'wire/creds/app/abc', '']) {
    const reply = await mount.request({ operation: 'revoke', path: 'creds/app', secret: { ...secret, lease_id } });
    t.is(reply.err, null);
    t.is(reply.wire.response, null);
  }
});

test('revocation, secret of a type that nobody knows, is tried again and not given up', async (t) => {
  const mount = await enable(t);
  const secret = { ...(await issue(mount)), internal_data: '{"secret_type":"other"}' };
  const { err } = await mount.request({ operation: 'revoke', path: 'creds/app', secret });
  t.is(err?.err_type, 0);
});

test('renewal, internal data unreadable, is an error and not a crash', async (t) => {
  const mount = await enable(t);
  const secret = { ...(await issue(mount)), internal_data: '{"secret_type":' };
  const { err } = await mount.request({ operation: 'renew', path: 'creds/app', secret });
  t.not(err, null);
  t.is((await mount.read('echo')).status, 200);
});

test('revocation, no internal data and no lease options, reaches the backend', async (t) => {
  const mount = await enable(t);
  const { err } = await mount.request({
    operation: 'revoke',
    path: 'creds/app',
    secret: { internal_data: '', lease_id: '' },
  });
  t.is(err?.err_type, 0);
});
