/** The mount through the life of its server: reload, seal, restart, and violent ends of the server and of the plugin. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { isProcessAlive } from '../helpers/process-children.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { serveAzureHost } from './_azure-host.ts';
import type { AzureMount, LeasedCredential } from './_mount.ts';

const azure = serveAzureHost(test, { storage: 'raft' });

/** How long an orphaned plugin may live. */
const ORPHAN_LIMIT_MS = 10_000;

interface Inhabitants {
  readonly mount: AzureMount;
  readonly credentials: readonly LeasedCredential[];
}

/** A mount with a role of each kind and a live credential of each. */
async function inhabit(path: string): Promise<Inhabitants> {
  const mount = await azure().mount(path);
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ttl: '1h' });
  await mount.writeRole('existing', { application_object_id: azure().emulator.applications[0]!.id, ttl: '1h' });
  return { mount, credentials: [await mount.creds('dynamic'), await mount.creds('existing')] };
}

/** Config, roles and leases are as they were, and everything can be done with them. */
async function assertAllSurvived(t: ExecutionContext, { mount, credentials }: Inhabitants): Promise<void> {
  t.is((await mount.api('GET', 'config')).data.client_id, azure().emulator.clientId);
  t.deepEqual((await mount.api('LIST', 'roles')).data.keys, ['dynamic', 'existing']);
  const fresh = await mount.creds('dynamic');
  for (const credential of [...credentials, fresh]) {
    t.true(await azure().canLogIn(credential));
    const renewed = await azure().host.api('PUT', 'sys/leases/renew', {
      lease_id: credential.leaseId,
      increment: 1800,
    });
    t.is(renewed.lease_duration, 1800);
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential));
  }
}

/** The one plugin process of the host. */
function pluginPid(t: ExecutionContext): number {
  const [pid, ...others] = azure().host.pluginPids();
  t.deepEqual(others, []);
  return pid!;
}

// Serial throughout: each test ends processes that all mounts of the file share.
test.serial('plugin reload: a new process, and everything as before', async (t) => {
  const inhabitants = await inhabit('reloaded');
  const pid = pluginPid(t);
  const reloaded = await azure().host.cli(['plugin', 'reload', '-plugin', 'azure']);
  t.is(reloaded.code, 0, reloaded.stderr);
  await assertAllSurvived(t, inhabitants);
  t.not(pluginPid(t), pid);
  await waitUntil('the old process is gone', () => !isProcessAlive(pid));
});

test.serial('seal and unseal: no plugin while sealed, everything as before afterwards', async (t) => {
  const { host } = azure();
  const inhabitants = await inhabit('sealed');
  const pid = pluginPid(t);
  await host.seal();
  await waitUntil('the plugin is gone', () => !isProcessAlive(pid));
  await host.unseal();
  await assertAllSurvived(t, inhabitants);
});

test.serial(
  'restart: config, roles and leases are in storage; a lease that ran out meanwhile is revoked',
  async (t) => {
    const { host } = azure();
    const inhabitants = await inhabit('restarted');
    await inhabitants.mount.writeRole('short', { azure_roles: azure().azureRoles(), ttl: '1s' });
    const pid = pluginPid(t);
    const short = await inhabitants.mount.creds('short');
    process.kill(host.pid, 'SIGTERM');
    await waitUntil('the server is gone', () => !isProcessAlive(host.pid));
    await waitUntil('the plugin is gone with it', () => !isProcessAlive(pid), 1_000);
    await host.restart();
    await waitUntil('the lease that ran out is revoked', async () => !(await azure().canLogIn(short)));
    await inhabitants.mount.api('DELETE', 'roles/short');
    await assertAllSurvived(t, inhabitants);
  },
);

test.serial('kill -9 of the plugin between requests: a new one serves as soon as the host has noticed', async (t) => {
  const inhabitants = await inhabit('killed');
  const pid = pluginPid(t);
  process.kill(pid, 'SIGKILL');
  await inhabitants.mount.servesAgain();
  await assertAllSurvived(t, inhabitants);
  t.not(pluginPid(t), pid);
});

test.serial('kill -9 of the server: the plugin notices and ends, and the next server finds everything', async (t) => {
  const { host } = azure();
  const inhabitants = await inhabit('orphaned');
  const pid = pluginPid(t);
  await host.kill9();
  await waitUntil('the plugin has ended by itself', () => !isProcessAlive(pid), ORPHAN_LIMIT_MS);
  await host.restart();
  await assertAllSurvived(t, inhabitants);
});
