/** The life of credentials under a real host's lease manager: whatever ends a lease ends the access to Azure. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { waitUntil } from '../helpers/wait-until.ts';
import { serveAzureHost } from './_azure-host.ts';
import { readCredential } from './_mount.ts';
import type { AzureMount, LeasedCredential } from './_mount.ts';

// At its most talkative: what the log must not hold is looked for at the end.
const azure = serveAzureHost(test, { logLevel: 'trace' });

/** A mount with one role of each kind. */
async function mountWithRoles(path: string, terms: object = { ttl: '1h' }): Promise<AzureMount> {
  const mount = await azure().mount(path);
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ...terms });
  await mount.writeRole('existing', { application_object_id: azure().emulator.applications[0]!.id, ...terms });
  return mount;
}

/** One credential of each role, both proven to work. */
async function issueBoth(t: ExecutionContext, mount: AzureMount): Promise<LeasedCredential[]> {
  const credentials: LeasedCredential[] = [];
  for (const role of ['dynamic', 'existing']) {
    const credential = await mount.creds(role);
    t.true(await azure().canLogIn(credential));
    credentials.push(credential);
  }
  return credentials;
}

async function assertLogins(t: ExecutionContext, credentials: readonly LeasedCredential[], isAccepted: boolean) {
  for (const credential of credentials) t.is(await azure().canLogIn(credential), isAccepted, credential.leaseId);
}

/** Nothing in the tenant carries the credentials any more, and Entra refuses them. */
async function assertEndsSoon(t: ExecutionContext, credentials: readonly LeasedCredential[]) {
  await waitUntil(
    'the credentials have ended',
    async () => (await Promise.all(credentials.map((credential) => azure().canLogIn(credential)))).every((is) => !is),
    20_000,
  );
  await assertLogins(t, credentials, false);
}

test('a lease that runs out: the host revokes it by itself', async (t) => {
  const mount = await mountWithRoles('expiring');
  const credentials = await issueBoth(t, mount);
  for (const { leaseId } of credentials) {
    const renewed = await azure().host.api('PUT', 'sys/leases/renew', { lease_id: leaseId, increment: 1 });
    t.is(renewed.lease_duration, 1);
  }
  await mount.writeRole('dynamic', { ttl: '1s' });
  const short = await mount.creds('dynamic');
  t.is(short.leaseSeconds, 1);
  await assertEndsSoon(t, [...credentials, short]);
});

test('renewals: extend the lease up to the maximum of its role and no further', async (t) => {
  const { host } = azure();
  const mount = await mountWithRoles('renewing', { ttl: '1h', max_ttl: '90m' });
  for (const credential of await issueBoth(t, mount)) {
    const renew = (increment: number) =>
      host.request('PUT', 'sys/leases/renew', { lease_id: credential.leaseId, increment });
    const first = await renew(4000);
    t.deepEqual([first.status, first.body.warnings, first.body.lease_duration], [200, null, 4000]);
    const capped = await renew(6000);
    t.is(capped.status, 200);
    t.true(capped.body.lease_duration <= 5400 && capped.body.lease_duration > 5300);
    t.regex(capped.body.warnings[0], /exceeded the effective max_ttl .* TTL value is capped accordingly/);
    const lookedUp = await host.api('PUT', 'sys/leases/lookup', { lease_id: credential.leaseId });
    t.true(lookedUp.data.renewable);
    await mount.revoke(credential);
    const afterEnd = await renew(60);
    t.deepEqual([afterEnd.status, afterEnd.body.errors], [400, ['lease not found']]);
  }
});

test('explicit_max_ttl: the secret in Azure ends with the longest possible lease', async (t) => {
  const { host, emulator } = azure();
  const mount = await mountWithRoles('explicit', { ttl: '1h', explicit_max_ttl: '2h' });
  const [dynamic, existing] = await issueBoth(t, mount);
  const keys = emulator.tenant({ secrets: true }).applications.flatMap(({ passwords }) => passwords);
  for (const credential of [dynamic!, existing!]) {
    const key = keys.find(({ secretText }) => secretText === credential.clientSecret)!;
    const hours = (Date.parse(key.endDateTime) - Date.parse(key.startDateTime)) / 3_600_000;
    t.true(Math.abs(hours - 2) < 0.01, `${hours} hours`);
    const renewed = await host.api('PUT', 'sys/leases/renew', { lease_id: credential.leaseId, increment: 9000 });
    t.true(renewed.lease_duration <= 7200 && renewed.lease_duration > 7100);
    await mount.revoke(credential);
  }
});

test('a role without ttl: the mount says how long', async (t) => {
  const mount = await azure().mount('tuned');
  await azure().host.api('POST', 'sys/mounts/tuned/tune', { default_lease_ttl: '11m', max_lease_ttl: '22m' });
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles() });
  const credential = await mount.creds('dynamic');
  t.is(credential.leaseSeconds, 660);
  const renewed = await azure().host.api('PUT', 'sys/leases/renew', { lease_id: credential.leaseId, increment: 7200 });
  t.true(renewed.lease_duration <= 1320 && renewed.lease_duration > 1300);
  await mount.revoke(credential);
});

test('lease revoke -prefix: every credential of the role, and of no other', async (t) => {
  const mount = await mountWithRoles('prefix');
  const several = [await mount.creds('dynamic'), await mount.creds('dynamic'), await mount.creds('dynamic')];
  const other = await mount.creds('existing');
  const revoked = await azure().host.cli(['lease', 'revoke', '-sync', '-prefix', 'prefix/creds/dynamic']);
  t.deepEqual([revoked.code, revoked.stderr], [0, '']);
  await assertLogins(t, several, false);
  await assertLogins(t, [other], true);
  const all = await azure().host.cli(['lease', 'revoke', '-sync', '-prefix', 'prefix/']);
  t.is(all.code, 0, all.stderr);
  await assertLogins(t, [other], false);
});

test('a token that is revoked takes its credentials along', async (t) => {
  const { host } = azure();
  const mount = await mountWithRoles('token');
  await host.api('PUT', 'sys/policies/acl/token-creds', { policy: 'path "token/creds/*" { capabilities = ["read"] }' });
  const { auth } = await host.api('POST', 'auth/token/create', { policies: ['token-creds'] });
  const credentials = [];
  for (const role of ['dynamic', 'existing']) {
    const answer = await host.request('GET', `${mount.path}/creds/${role}`, undefined, { token: auth.client_token });
    t.is(answer.status, 200);
    credentials.push(readCredential(answer.body));
  }
  await assertLogins(t, credentials, true);
  await host.api('PUT', 'auth/token/revoke', { token: auth.client_token });
  await assertEndsSoon(t, credentials);
});

test('secrets disable: with live leases, nothing of the mount is left in the tenant', async (t) => {
  const { host, emulator } = azure();
  const mount = await mountWithRoles('disabled');
  const credentials = [...(await issueBoth(t, mount)), ...(await issueBoth(t, mount))];
  const disabled = await host.cli(['secrets', 'disable', 'disabled']);
  t.is(disabled.code, 0, disabled.stderr);
  await assertLogins(t, credentials, false);
  const { applications, servicePrincipals, roleAssignments } = emulator.tenant();
  const [dynamic] = credentials;
  t.false(applications.some(({ appId }) => appId === dynamic!.clientId));
  t.false(servicePrincipals.some(({ appId }) => appId === dynamic!.clientId));
  const principals = new Set(servicePrincipals.map(({ id }) => id));
  t.true(roleAssignments.every(({ principalId }) => principals.has(principalId)));
});

test('response wrapping: the credential comes out of the wrapping, once', async (t) => {
  const { host } = azure();
  const mount = await mountWithRoles('wrapped');
  for (const role of ['dynamic', 'existing']) {
    const wrapped = await host.cli(['read', '-format=json', '-wrap-ttl=60s', `wrapped/creds/${role}`]);
    t.is(wrapped.code, 0, wrapped.stderr);
    const answer = JSON.parse(wrapped.stdout);
    t.is(answer.data, null);
    t.is(answer.wrap_info.creation_path, `wrapped/creds/${role}`);
    const unwrapped = await host.cli(['unwrap', '-format=json', answer.wrap_info.token]);
    t.is(unwrapped.code, 0, unwrapped.stderr);
    const credential = readCredential(JSON.parse(unwrapped.stdout));
    t.true(await azure().canLogIn(credential));
    const again = await host.cli(['unwrap', answer.wrap_info.token]);
    t.is(again.code, 2);
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential));
  }
});

test('a deleted role: its leases live on unextended, and the warning names the command that ends them', async (t) => {
  const { host } = azure();
  const mount = await mountWithRoles('roleless');
  const credentials = await issueBoth(t, mount);
  const deleted = await mount.request('DELETE', 'roles/dynamic');
  t.is(deleted.status, 200);
  const [warning, ...more] = deleted.body.warnings;
  t.deepEqual(more, []);
  const [, count, command] = /^(\d+) credentials? of this role (?:is|are) still valid; .*: vault (.*)$/.exec(warning)!;
  t.is(count, '1');
  await mount.api('DELETE', 'roles/existing');
  await assertLogins(t, credentials, true);
  for (const { leaseId } of credentials) {
    const renewed = await host.request('PUT', 'sys/leases/renew', { lease_id: leaseId, increment: 7200 });
    t.is(renewed.status, 204);
    const lookedUp = await host.api('PUT', 'sys/leases/lookup', { lease_id: leaseId });
    t.true(lookedUp.data.ttl <= 3600);
  }
  const revoked = await host.cli(command!.split(' '));
  t.is(revoked.code, 0, revoked.stderr);
  await assertEndsSoon(t, credentials.slice(0, 1));
  await mount.revoke(credentials[1]!);
});

test('a deleted config: leases stay until there is one again', async (t) => {
  const { host, emulator } = azure();
  const mount = await mountWithRoles('configless');
  const credentials = await issueBoth(t, mount);
  await mount.api('DELETE', 'config');
  for (const { leaseId } of credentials) {
    const refused = await host.request('PUT', 'sys/leases/revoke', { lease_id: leaseId, sync: true });
    t.is(refused.status, 400);
    t.regex(refused.body.errors[0], /error during revoke: subscription_id is required/);
  }
  await assertLogins(t, credentials, true);
  const { subscriptionId, tenantId, clientId, clientSecret } = emulator;
  await mount.api('POST', 'config', {
    subscription_id: subscriptionId,
    tenant_id: tenantId,
    client_id: clientId,
    client_secret: clientSecret,
  });
  for (const credential of credentials) await mount.revoke(credential);
  await assertLogins(t, credentials, false);
});

test('permanently_delete: the application leaves the recycle bin as well', async (t) => {
  const { emulator } = azure();
  const mount = await mountWithRoles('purged');
  await mount.writeRole('kept', { azure_roles: azure().azureRoles() });
  await mount.writeRole('purged', { azure_roles: azure().azureRoles(), permanently_delete: true });
  const [kept, purged] = [await mount.creds('kept'), await mount.creds('purged')];
  for (const credential of [kept, purged]) await mount.revoke(credential);
  const isInBin = ({ clientId }: LeasedCredential) =>
    emulator.tenant().deletedItems.some(({ appId }) => appId === clientId);
  t.true(isInBin(kept));
  t.false(isInBin(purged));
});

test('secrets disable while Azure refuses all but the credentials: it ends, and the log names what remains', async (t) => {
  const { host, emulator } = azure();
  const mount = await azure().mount('refused');
  const [, group] = emulator.groups;
  await mount.writeRole('locked', {
    azure_roles: [{ role_name: 'Reader', scope: azure().scope.replace(/[^/]+$/, 'second-resource-group') }],
    azure_groups: [{ object_id: group!.id }],
    permanently_delete: true,
  });
  const credentials = [await mount.creds('locked'), await mount.creds('locked')];
  const isTheirs = ({ appId }: { appId: string }) => credentials.some(({ clientId }) => clientId === appId);
  const principals = emulator.tenant().servicePrincipals.filter(isTheirs);
  const objects = [...principals, ...emulator.tenant().applications.filter(isTheirs)];
  const refused = { status: 403, code: 'Authorization_RequestDenied', message: 'No.' };
  const faults = ['second-resource-group/.*/roleAssignments/', ...objects.map(({ id }) => `/deletedItems/${id}`)].map(
    (path) => emulator.addFault({ match: { method: 'DELETE', path }, times: null, answer: refused }),
  );
  const disabled = await host.cli(['secrets', 'disable', 'refused']);
  t.is(disabled.code, 0, disabled.stderr);
  t.false(Object.keys((await host.api('GET', 'sys/mounts')).data).includes('refused/'));
  await assertLogins(t, credentials, false);
  for (const fault of faults) {
    t.true(fault.fired() > 0);
    fault.remove();
  }
  const orphans = emulator.tenant().roleAssignments.filter(({ scope }) => scope.endsWith('second-resource-group'));
  t.deepEqual(orphans.map(({ principalId }) => principalId).sort(), principals.map(({ id }) => id).sort());
  for (const { name } of orphans) t.regex(host.logs(), new RegExp(`could not be removed.*${name}`));
  for (const { id } of objects) t.regex(host.logs(), new RegExp(`could not be removed.*${id} in the recycle bin`));
  for (const principal of principals) {
    for (const role of emulator.state().roleAssignments.listByPrincipal(principal.id)) {
      emulator.state().roleAssignments.remove(role);
    }
  }
});

test('secrets disable while Azure does not let go of a credential: it fails, and a later one ends', async (t) => {
  const { host, emulator } = azure();
  const mount = await mountWithRoles('stuck');
  const credentials = await issueBoth(t, mount);
  const application = emulator.tenant().applications.find(({ appId }) => appId === credentials[0]!.clientId);
  const fault = emulator.addFault({
    match: { method: 'DELETE', path: `/applications/${application!.id}` },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  const refused = await host.cli(['secrets', 'disable', 'stuck']);
  t.is(refused.code, 2);
  t.regex(refused.stderr, /delete application: 403 Authorization_RequestDenied/);
  t.true(emulator.tenant().applications.some(({ id }) => id === application!.id));
  fault.remove();
  const disabled = await host.cli(['secrets', 'disable', 'stuck']);
  t.is(disabled.code, 0, disabled.stderr);
  await assertLogins(t, credentials, false);
});
