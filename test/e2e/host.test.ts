/** The test host itself, proven with the official Go plugin: what these helpers promise, every other e2e test relies on. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { findTool } from '../host/find-tool.ts';
import { HostApiError } from '../host/host-api.ts';
import { GO_PLUGIN } from '../host/host-tools.ts';
import { isProcessAlive } from '../helpers/process-children.ts';
import { mountPlugin, readPluginFile } from '../host/register-plugin.ts';
import { startVault } from '../host/start-vault.ts';
import type { RunningVault, VaultOptions } from '../host/start-vault.ts';

const CONFIG = {
  tenant_id: '11111111-2222-4333-8444-555555555555',
  subscription_id: '66666666-7777-4888-9999-000000000000',
  client_id: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
  client_secret: 'a secret that no read gives back',
};

async function startWithGoPlugin(t: ExecutionContext, options: VaultOptions): Promise<RunningVault> {
  const host = await startVault(options);
  t.teardown(() => host.stop());
  await mountPlugin(host, await readPluginFile(await findTool(GO_PLUGIN)), { name: 'azure-go' });
  await host.api('POST', 'azure-go/config', CONFIG);
  return host;
}

const readTenant = async (host: RunningVault): Promise<unknown> =>
  (await host.api('GET', 'azure-go/config')).data.tenant_id;

test('host, storage in memory: mounts a plugin, answers by API and command, seals and unseals', async (t) => {
  const host = await startWithGoPlugin(t, {});
  t.is(await readTenant(host), CONFIG.tenant_id);

  const refused = await t.throwsAsync(host.api('GET', 'azure-go/roles/none/x'), { instanceOf: HostApiError });
  t.is(refused.status, 404);
  const anonymous = await host.request('GET', 'azure-go/config', undefined, { token: '' });
  t.is(anonymous.status, 403);

  const listed = await host.cli(['secrets', 'list', '-format=json']);
  t.is(listed.code, 0, listed.stderr);
  t.is(JSON.parse(listed.stdout)['azure-go/'].type, 'azure-go');
  const wrong = await host.cli(['read', 'azure-go/roles/none']);
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /No value found/);

  t.is(host.pluginPids().length, 1);
  await host.seal();
  t.is((await host.request('GET', 'sys/health')).status, 503);
  await host.unseal();
  t.is(await readTenant(host), CONFIG.tenant_id);
  t.regex(host.logs(), /vault is unsealed/);
});

test('host, storage raft: a restart and a kill keep what was written, and nothing outlives the stop', async (t) => {
  const host = await startWithGoPlugin(t, { storage: 'raft' });
  const firstPid = host.pid;
  await host.restart();
  t.not(host.pid, firstPid);
  t.is(await readTenant(host), CONFIG.tenant_id);

  const orphans = host.pluginPids();
  t.is(orphans.length, 1);
  await host.kill9();
  await host.restart();
  t.is(await readTenant(host), CONFIG.tenant_id);

  const everything = [host.pid, ...host.pluginPids(), ...orphans];
  await host.stop();
  t.deepEqual(everything.filter(isProcessAlive), []);
});

test('host, a setting it cannot start with: the error carries its last output', async (t) => {
  const error = await t.throwsAsync(startVault({ config: { storage: { nothing: {} } } }));
  t.regex(error.message, /it ended[^]*Unknown storage type nothing/);
});
