/**
 * A real host while Azure is slow, throttles, breaks or refuses: a credential is either handed out and works, or the
 * request says what Azure said and leaves nothing behind.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Fault } from '../emulator/index.ts';
import type { HostAnswer } from '../host/host-api.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { serveAzureHost } from './_azure-host.ts';
import type { AzureMount } from './_mount.ts';
import { assertTenantUnchanged, readTenantContent } from './_tenant.ts';

const azure = serveAzureHost(test);

/** Steps of a credential request, as faults name them. */
const STEPS = {
  application: { host: 'graph', method: 'POST', path: '/applications$' },
  principal: { host: 'graph', method: 'PATCH', path: '/servicePrincipals' },
  assignment: { host: 'arm', method: 'PUT', path: '/roleAssignments/' },
  membership: { host: 'graph', method: 'POST', path: '/members/' },
  password: { host: 'graph', method: 'POST', path: '/addPassword$' },
} as const;

/** A mount with a role of each kind. Short budget: a request that cannot succeed ends while the test waits. */
async function mountWithRoles(path: string): Promise<AzureMount> {
  const { emulator } = azure();
  const mount = await azure().mount(path, { config: { request_timeout: 10 } });
  await mount.writeRole('dynamic', {
    azure_roles: azure().azureRoles(),
    azure_groups: [{ object_id: emulator.groups[0]!.id }],
    ttl: '1h',
  });
  await mount.writeRole('existing', { application_object_id: emulator.applications[0]!.id, ttl: '1h' });
  return mount;
}

/** Unmounting works off at once what else waits for a minute tick and its deadline. */
async function assertNothingLeft(t: ExecutionContext, mount: AzureMount, before: ReturnType<typeof readTenantContent>) {
  await azure().host.api('DELETE', `sys/mounts/${mount.path}`);
  await assertTenantUnchanged(t, azure().emulator, before);
}

// Serial throughout: faults and settings belong to the one emulator, not to a mount.
test.serial.afterEach.always(() => {
  const { emulator } = azure();
  emulator.removeFaults();
  emulator.changeSettings({ latencyMs: 0, replicationMs: 0, throttling: 'off' });
});

interface Trouble {
  readonly role: 'dynamic' | 'existing';
  readonly faults: readonly Fault[];
}

/** The request succeeds all the same, once, with a credential that works. */
const survives = test.macro({
  title: (name) => `creds while ${name ?? ''}: handed out, works, and nothing stays`,
  exec: async (t, path: string, { role, faults }: Trouble) => {
    const { emulator } = azure();
    const before = readTenantContent(emulator);
    const mount = await mountWithRoles(path);
    const placed = faults.map((fault) => emulator.addFault(fault));
    const credential = await mount.creds(role);
    t.deepEqual(
      placed.map((fault) => fault.fired()),
      faults.map(({ times }) => times ?? 1),
    );
    t.true(await azure().canLogIn(credential));
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential));
    await assertNothingLeft(t, mount, before);
  },
});

const throttled = { status: 429, code: 'TooManyRequests', message: 'Too many requests', retryAfter: 1 };
const broken = { status: 500, code: 'InternalServerError', message: 'Oops' };

test.serial('Graph throttles twice', survives, 'throttled-graph', {
  role: 'dynamic',
  faults: [{ match: STEPS.application, times: 2, answer: throttled }],
});
test.serial('ARM throttles', survives, 'throttled-arm', {
  role: 'dynamic',
  faults: [{ match: STEPS.assignment, answer: throttled }],
});
test.serial('every step fails once', survives, 'every-step', {
  role: 'dynamic',
  faults: [
    { match: STEPS.application, answer: broken },
    { match: STEPS.principal, answer: { ...broken, status: 503 } },
    { match: STEPS.assignment, answer: { ...broken, status: 502 } },
    { match: STEPS.membership, answer: broken },
  ],
});
test.serial('connections break before each step', survives, 'resets', {
  role: 'dynamic',
  faults: Object.values(STEPS)
    .slice(0, 4)
    .map((match) => ({ match, answer: 'reset' as const })),
});
test.serial('the answer to each step is lost', survives, 'lost', {
  role: 'dynamic',
  faults: [STEPS.application, STEPS.principal, STEPS.assignment].map((match) => ({ match, answer: 'after' as const })),
});
test.serial('the answer with the password is lost', survives, 'lost-password', {
  role: 'existing',
  faults: [{ match: STEPS.password, answer: 'after' }],
});
test.serial('an existing application is changed by somebody else', survives, 'concurrent', {
  role: 'existing',
  faults: [
    {
      match: STEPS.password,
      times: 2,
      answer: { status: 409, code: 'Directory_ConcurrencyViolation', message: 'A concurrency violation has occurred.' },
    },
  ],
});

test.serial('creds while the directory replicates slowly: handed out, works', async (t) => {
  const { emulator } = azure();
  const before = readTenantContent(emulator);
  const mount = await mountWithRoles('slow');
  emulator.changeSettings({ replicationMs: 1500 });
  const credential = await mount.creds('dynamic');
  await waitUntil('the credential is known everywhere', () => azure().canLogIn(credential));
  await mount.revoke(credential);
  await assertNothingLeft(t, mount, before);
});

test.serial('twelve requests at once into a small write budget: all are served', async (t) => {
  const { emulator } = azure();
  const before = readTenantContent(emulator);
  const mount = await mountWithRoles('crowded');
  await mount.api('POST', 'config', { request_timeout: 50 });
  emulator.changeSettings({ throttling: { graphWrites: { capacity: 10, refillPerSecond: 10 } } });
  const roles = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? 'existing' : 'dynamic'));
  const credentials = await Promise.all(roles.map((role) => mount.creds(role)));
  t.is(new Set(credentials.map(({ clientSecret }) => clientSecret)).size, 12);
  t.true(emulator.calls().some(({ status }) => status === 429));
  emulator.changeSettings({ throttling: 'off' });
  t.deepEqual(
    await Promise.all(credentials.map((credential) => azure().canLogIn(credential))),
    roles.map(() => true),
  );
  await assertNothingLeft(t, mount, before);
});

/** The one text of a failed answer, without the host's frame around it. */
function readFailure(t: ExecutionContext, answer: HostAnswer): string {
  t.is(answer.status, 500);
  t.is(answer.body.errors.length, 1);
  return /^1 error occurred:\n\t\* (.*)\n\n$/s.exec(answer.body.errors[0])?.[1] ?? '';
}

/** The request fails with Azure's reason; what was begun is taken back at once, not at the next tick. */
const fails = test.macro({
  title: (name) => `creds while ${name ?? ''}: fails with the reason, and nothing stays`,
  exec: async (t, path: string, { role, faults }: Trouble, expected: RegExp) => {
    const { emulator } = azure();
    const mount = await mountWithRoles(path);
    const before = readTenantContent(emulator);
    for (const fault of faults) emulator.addFault(fault);
    const callsBefore = emulator.calls().length;
    const failure = readFailure(t, await mount.request('GET', `creds/${role}`));
    t.regex(failure, expected);
    const [, requestId] = /\(request id ([^)]+)\)/.exec(failure) ?? [];
    const refusals = emulator.calls(callsBefore).filter(({ fault }) => fault !== '');
    const isAnswered = faults.every(({ answer }) => answer !== 'hang');
    t.is(
      refusals.some((call) => call.requestId === requestId),
      isAnswered,
      failure,
    );
    emulator.removeFaults();
    await assertTenantUnchanged(t, emulator, before);
    const leases = await azure().host.request('LIST', `sys/leases/lookup/${path}/creds/${role}`);
    t.is(leases.status, 404);
    await assertNothingLeft(t, mount, before);
  },
});

const denied = {
  status: 403,
  code: 'Authorization_RequestDenied',
  message: 'Insufficient privileges to complete the operation.',
};

test.serial(
  'Graph refuses the application',
  fails,
  'refused-application',
  { role: 'dynamic', faults: [{ match: STEPS.application, answer: denied }] },
  /^create application: 403 Authorization_RequestDenied: Insufficient privileges to complete the operation; grant .* permission .*\(request id [\w-]+\)$/,
);
test.serial(
  'ARM refuses the assignment',
  fails,
  'refused-assignment',
  {
    role: 'dynamic',
    faults: [{ match: STEPS.assignment, answer: { status: 403, code: 'AuthorizationFailed', message: 'No rights.' } }],
  },
  /^assign role Reader at \/subscriptions\/.*: 403 AuthorizationFailed: No rights; grant .* Owner or User Access Administrator .*\(request id [\w-]+\)$/,
);
test.serial(
  'Graph refuses the password',
  fails,
  'refused-password',
  { role: 'existing', faults: [{ match: STEPS.password, answer: denied }] },
  /^add password: 403 Authorization_RequestDenied: .*\(request id [\w-]+\)$/,
);
test.serial(
  'Azure asks for more patience than there is',
  fails,
  'patience',
  { role: 'dynamic', faults: [{ match: STEPS.principal, times: null, answer: { ...throttled, retryAfter: 3600 } }] },
  /^create service principal: 429 TooManyRequests: Too many requests \(request id [\w-]+\); Azure asks to wait 3600 s, more than is left of the request's budget of 10 s$/,
);
test.serial(
  'one step fails for good',
  fails,
  'for-good',
  { role: 'dynamic', faults: [{ match: STEPS.assignment, times: null, answer: broken }] },
  /^assign role Reader .*: 500 InternalServerError: Oops \(request id [\w-]+\); still so at the end of the request's budget of 10 s$/,
);
test.serial(
  'one step is never answered',
  fails,
  'silence',
  { role: 'dynamic', faults: [{ match: STEPS.assignment, times: null, answer: 'hang' }] },
  /^assign role Reader at \/subscriptions\/.*: the request's budget of 10 s is used up$/,
);

test.serial('creds, the caller goes away in the middle: what was begun is taken back', async (t) => {
  const { emulator, host } = azure();
  const mount = await mountWithRoles('gone');
  const before = readTenantContent(emulator);
  const fault = emulator.addFault({ match: STEPS.assignment, answer: 'hang' });
  const caller = new AbortController();
  const asked = fetch(`${host.address}/v1/gone/creds/dynamic`, {
    headers: { 'X-Vault-Token': host.rootToken },
    signal: caller.signal,
  });
  await fault.whenFired();
  t.notDeepEqual(readTenantContent(emulator), before);
  caller.abort();
  await t.throwsAsync(asked, { any: true });
  await assertTenantUnchanged(t, emulator, before);
  await assertNothingLeft(t, mount, before);
});

test.serial('a config with a wrong secret: creds says what Entra says, and what to do', async (t) => {
  const mount = await mountWithRoles('wrong-secret');
  await mount.api('POST', 'config', { client_secret: 'not the secret' });
  for (const role of ['dynamic', 'existing']) {
    const failure = readFailure(t, await mount.request('GET', `creds/${role}`));
    t.regex(
      failure,
      /: 401 AADSTS7000215: Invalid client secret provided; write a valid client_secret to config \(request id /,
    );
    t.false(failure.includes('not the secret'));
  }
});

test.serial('revoke while Azure refuses: fails with the reason, the lease stays, and later it succeeds', async (t) => {
  const { emulator, host } = azure();
  const before = readTenantContent(emulator);
  const mount = await mountWithRoles('revoking');
  const credentials = [await mount.creds('dynamic'), await mount.creds('existing')];
  emulator.addFault({
    match: { host: 'graph', method: 'DELETE', path: '/applications/' },
    times: null,
    answer: denied,
  });
  emulator.addFault({ match: { host: 'graph', path: '/removePassword$' }, times: null, answer: denied });
  for (const { leaseId } of credentials) {
    const refused = await host.request('PUT', 'sys/leases/revoke', { lease_id: leaseId, sync: true });
    t.is(refused.status, 400);
    t.regex(refused.body.errors[0], /403 Authorization_RequestDenied: Insufficient privileges .*\(request id /);
    t.is((await host.request('PUT', 'sys/leases/lookup', { lease_id: leaseId })).status, 200);
  }
  emulator.removeFaults();
  emulator.addFault({ match: { host: 'graph', method: 'DELETE', path: '/applications/' }, answer: 'after' });
  emulator.addFault({ match: { host: 'graph', path: '/removePassword$' }, answer: broken });
  for (const credential of credentials) {
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential));
  }
  await assertNothingLeft(t, mount, before);
});
