/**
 * The plugin dies in the middle of credential requests, at the moments where nobody but its own records knows what
 * exists in Azure; the host's minute tick then has it removed.
 */
import test from 'ava';
import type { Fault } from '../emulator/index.ts';
import { serveAzureHost } from './_azure-host.ts';
import { assertTenantUnchanged, readTenantContent } from './_tenant.ts';

const azure = serveAzureHost(test);

/** The intents' deadline is 10 s of budget and 30 s of margin; the host ticks each minute. */
const RECOVERY_LIMIT_MS = 120_000;

/** Where the request stands when the process dies. In each case something exists and no answer of Azure tells of it. */
const MOMENTS: readonly { readonly role: string; readonly fault: Fault }[] = [
  {
    role: 'dynamic',
    fault: { match: { host: 'graph', method: 'POST', path: '/applications$' }, answer: 'hangAfter' },
  },
  { role: 'dynamic', fault: { match: { host: 'arm', method: 'PUT', path: '/roleAssignments/' }, answer: 'hangAfter' } },
  { role: 'existing', fault: { match: { host: 'graph', path: '/addPassword$' }, answer: 'hangAfter' } },
];

test('kill -9 in the middle of creds: they fail, the next are served, and a tick later no orphan is left', async (t) => {
  t.timeout(2 * RECOVERY_LIMIT_MS, 'waits for the minute tick of the host');
  const { host, emulator } = azure();
  const mount = await azure().mount('crashed', { config: { request_timeout: 10 } });
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ttl: '1h' });
  await mount.writeRole('existing', { application_object_id: emulator.applications[0]!.id, ttl: '1h' });
  const survivor = await mount.creds('dynamic');
  const before = readTenantContent(emulator);

  const requests = [];
  for (const { role, fault } of MOMENTS) {
    const placed = emulator.addFault(fault);
    requests.push(mount.request('GET', `creds/${role}`));
    await placed.whenFired();
  }
  const orphaned = readTenantContent(emulator);
  t.is(orphaned.applications.length, before.applications.length + 2);
  t.is(orphaned.roleAssignments.length, before.roleAssignments.length + 1);
  const [pid] = host.pluginPids();
  process.kill(pid!, 'SIGKILL');
  for (const { status, body } of await Promise.all(requests)) {
    // A host that sees the process end before the broken call starts a new one and asks again, by itself.
    if (status === 200) await host.api('PUT', 'sys/leases/revoke', { lease_id: body.lease_id, sync: true });
    else t.regex(body.errors[0], /rpc error: code = Unavailable/);
  }

  await mount.servesAgain();
  const fresh = [await mount.creds('dynamic'), await mount.creds('existing')];
  for (const credential of fresh) t.true(await azure().canLogIn(credential));
  for (const credential of fresh) await mount.revoke(credential);
  t.deepEqual(readTenantContent(emulator), orphaned, 'what is young may belong to a request that is still running');

  await assertTenantUnchanged(t, emulator, before, RECOVERY_LIMIT_MS);
  t.true(await azure().canLogIn(survivor));
  await mount.revoke(survivor);
});
