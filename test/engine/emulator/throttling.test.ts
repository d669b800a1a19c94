/** Throttling: buckets, their refusals and their headers. */
import test from 'ava';
import { startEmulatorWorld } from '../../helpers/emulator-world.ts';

test('off by default: any number of calls passes', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  for (let call = 0; call < 50; call += 1) t.is((await graph('GET', '/groups')).status, 200);
});

test('Graph writes: refused when the bucket is empty, with Retry-After and the documented headers; refilled', async (t) => {
  const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
  const { graph, emulator } = await startEmulatorWorld(t, {
    clock,
    settings: { throttling: { graphWrites: { capacity: 2, refillPerSecond: 0.1 } } },
  });
  const create = (): ReturnType<typeof graph> => graph('POST', '/applications', { body: { displayName: 'x' } });
  t.is((await create()).status, 201);
  t.is((await create()).headers['x-ms-throttle-limit-percentage'], '1.0');
  const before = emulator.tenant().applications.length;
  const refused = await create();
  t.is(refused.status, 429);
  t.is(refused.body.error.code, 'TooManyRequests');
  t.is(refused.headers['retry-after'], '10');
  t.is(refused.headers['x-ms-throttle-information'], 'WriteLimitExceeded');
  t.regex(String(refused.headers['x-ms-throttle-scope']), /^Tenant_Application\/ReadWrite\//);
  t.is(emulator.tenant().applications.length, before, 'nothing done');
  t.is((await graph('GET', '/groups')).status, 200, 'reads have a bucket of their own');
  emulator.clock.advance(10_000);
  t.is((await create()).status, 201);
  t.is((await create()).status, 429);
});

test('Graph resource units: lists cost by kind, less with $select and a small $top', async (t) => {
  const { graph, emulator } = await startEmulatorWorld(t);
  const cost = async (path: string): Promise<unknown> => (await graph('GET', path)).headers['x-ms-resource-unit'];
  t.is(await cost('/applications'), '2');
  t.is(await cost('/applications?$select=id'), '1');
  t.is(await cost(`/groups/${emulator.groups[0]!.id}/members`), '3');
  t.is(await cost(`/groups/${emulator.groups[0]!.id}/members?$select=id&$top=5`), '1');
  t.is(await cost('/groups'), '1');
});

test('applications with personal accounts: a bucket of their own', async (t) => {
  const { graph } = await startEmulatorWorld(t, {
    settings: { throttling: { graphPersonalWrites: { capacity: 1, refillPerSecond: 0 } } },
  });
  const { body } = await graph('POST', '/applications', {
    body: { displayName: 'x', signInAudience: 'AzureADandPersonalMicrosoftAccount' },
  });
  const path = `/applications/${String(body.id)}/addPassword`;
  t.is((await graph('POST', path, { body: {} })).status, 200);
  t.is((await graph('POST', path, { body: {} })).status, 429);
  t.is((await graph('POST', '/applications', { body: { displayName: 'y' } })).status, 201);
});

test('ARM: reads, writes and deletes apart, remaining calls in the headers', async (t) => {
  const { arm, groupScope } = await startEmulatorWorld(t, {
    settings: { throttling: { armDeletes: { capacity: 1, refillPerSecond: 0 } } },
  });
  const path = `${groupScope}/providers/Microsoft.Authorization/roleAssignments/5c1c0d30-6a2c-4b3f-8a7e-111111111111`;
  const first = await arm('DELETE', path);
  t.is(first.status, 204);
  t.is(first.headers['x-ms-ratelimit-remaining-subscription-deletes'], '0');
  const second = await arm('DELETE', path);
  t.is(second.status, 429);
  t.is(second.body.error.code, 'SubscriptionRequestsThrottled');
  t.is(second.headers['retry-after'], '60');
  t.is((await arm('GET', groupScope)).status, 200);
  t.truthy((await arm('GET', '/tenants')).headers['x-ms-ratelimit-remaining-tenant-reads']);
});

test('logins: per application', async (t) => {
  const { logIn, createPrincipal } = await startEmulatorWorld(t, {
    settings: { throttling: { login: { capacity: 1, refillPerSecond: 0 } } },
  });
  const created = await createPrincipal();
  const refused = await logIn();
  t.is(refused.status, 429);
  t.deepEqual(refused.body.error_codes, [90055]);
  t.is((await logIn({ client_id: created.clientId, client_secret: created.clientSecret })).status, 200);
});

test('azure: the documented sizes', async (t) => {
  const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
  const { arm } = await startEmulatorWorld(t, { clock, settings: { throttling: 'azure' } });
  for (let call = 0; call < 250; call += 1) t.is((await arm('GET', '/subscriptions')).status, 200);
  const refused = await arm('GET', '/subscriptions');
  t.is(refused.status, 429);
  t.is(refused.headers['retry-after'], '1');
});
