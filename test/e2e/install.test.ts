/** What an operator does with the plugin file on a real host: register, enable more than once, get it wrong, upgrade. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { readBuiltPlugin, readPluginFile } from '../host/register-plugin.ts';
import type { PluginFile } from '../host/register-plugin.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { REPOSITORY_ROOT } from '../helpers/repository.ts';
import { serveAzureHost } from './_azure-host.ts';
import { addOperator } from './_operator.ts';

const azure = serveAzureHost(test);

/** The package's, with the `v` that catalogs want. */
const { version } = JSON.parse(readFileSync(path.join(REPOSITORY_ROOT, 'package.json'), 'utf8')) as { version: string };
const VERSION = `v${version}`;
const NEXT_VERSION = 'v1000.2.3';

function makeFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'install-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Puts the file into the plugin directory under the name and registers it by command. */
async function register(t: ExecutionContext, name: string, args: readonly string[] = [], plugin = readBuiltPlugin()) {
  const { host } = azure();
  host.installPlugin(name, plugin.file);
  const result = await host.cli(['plugin', 'register', `-sha256=${plugin.sha256}`, ...args, 'secret', name]);
  t.deepEqual([result.code, result.stderr], [0, ''], result.stderr);
  t.is(result.stdout, `Success! Registered plugin: ${name}\n`);
}

/** `secrets enable` fails, and neither a mount nor a process is there afterwards. */
async function assertNotEnabled(t: ExecutionContext, name: string): Promise<string> {
  const { host } = azure();
  const before = host.pluginPids();
  const enabled = await host.cli(['secrets', 'enable', name]);
  t.is(enabled.code, 2);
  t.false(`${name}/` in (await host.api('GET', 'sys/mounts')).data);
  await waitUntil('the failed process is gone', () => host.pluginPids().every((pid) => before.includes(pid)));
  return enabled.stderr;
}

// Serial: counts the host's plugin processes.
test.serial('register and enable twice: one process, two mounts that share nothing', async (t) => {
  const { host, emulator } = azure();
  await register(t, 'twice');
  const listed = await host.cli(['plugin', 'list', 'secret']);
  t.regex(listed.stdout, new RegExp(`^twice +${VERSION}$`, 'm'));
  const processes = host.pluginPids().length;
  const [first, second] = [addOperator(t, emulator, 'first-team'), addOperator(t, emulator, 'second-team')];
  const teams = [];
  for (const [name, operator] of [
    ['team-one', first],
    ['team-two', second],
  ] as const) {
    const { clientId: client_id, clientSecret: client_secret } = operator;
    teams.push(await azure().mount(`${name}/azure`, { plugin: 'twice', config: { client_id, client_secret } }));
  }
  const [one, two] = teams as [(typeof teams)[number], (typeof teams)[number]];
  t.is(host.pluginPids().length, processes + 1);

  await one.writeRole('shared-name', { azure_roles: azure().azureRoles('Reader'), ttl: '1h' });
  t.is((await two.request('GET', 'roles/shared-name')).status, 404);
  await two.writeRole('shared-name', { azure_roles: azure().azureRoles('Contributor'), ttl: '2h' });
  t.is((await one.api('GET', 'config')).data.client_id, first.clientId);
  t.is((await two.api('GET', 'config')).data.client_id, second.clientId);
  t.is((await one.api('GET', 'roles/shared-name')).data.azure_roles[0].role_name, 'Reader');
  t.is((await two.api('GET', 'roles/shared-name')).data.azure_roles[0].role_name, 'Contributor');

  const [ofOne, ofTwo] = [await one.creds('shared-name'), await two.creds('shared-name')];
  t.deepEqual([ofOne.leaseSeconds, ofTwo.leaseSeconds], [3600, 7200]);
  const readMark = (clientId: string): string | undefined =>
    emulator
      .tenant()
      .applications.find(({ appId }) => appId === clientId)
      ?.tags.find((tag) => tag.startsWith('vault-mount:'));
  t.truthy(readMark(ofOne.clientId));
  t.not(readMark(ofOne.clientId), readMark(ofTwo.clientId));

  await host.api('DELETE', 'sys/mounts/team-one/azure');
  t.false(await azure().canLogIn(ofOne));
  t.true(await azure().canLogIn(ofTwo));
  t.is(host.pluginPids().length, processes + 1);
  await two.revoke(ofTwo);
  await host.api('DELETE', 'sys/mounts/team-two/azure');
  await waitUntil('the process ends with its last mount', () => host.pluginPids().length === processes);
});

test.serial('a wrong checksum, or a file that changed after registration: refused, nothing mounted', async (t) => {
  const { host } = azure();
  const { file, sha256 } = readBuiltPlugin();
  host.installPlugin('checked', file);
  const wrong = await host.cli(['plugin', 'register', `-sha256=${'0'.repeat(64)}`, 'secret', 'checked']);
  t.is(wrong.code, 0);
  t.regex(await assertNotEnabled(t, 'checked'), /checksums did not match/);

  await register(t, 'changed');
  const changed = path.join(makeFolder(t), 'changed');
  writeFileSync(changed, `${readFileSync(file, 'utf8')}\n`);
  host.installPlugin('changed', changed);
  t.regex(await assertNotEnabled(t, 'changed'), /checksums did not match/);

  const mismatch = await host.cli(['plugin', 'register', `-sha256=${sha256}`, '-version=v9.9.9', 'secret', 'checked']);
  t.is(mismatch.code, 2);
  t.true(
    mismatch.stderr.includes(
      `plugin version mismatch: checked reported version (${VERSION}) did not match requested version (v9.9.9)`,
    ),
    mismatch.stderr,
  );
});

/** A `node` that runs the real one and says that it is another version. */
function makeOldNode(folder: string): string {
  const shim = path.join(folder, 'shim.cjs');
  writeFileSync(
    shim,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });\n",
  );
  const node = path.join(folder, 'node');
  writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' --require '${shim}' "$@"\n`);
  chmodSync(node, 0o755);
  return folder;
}

/** The plugin does not start, and the answer to the operator says why. */
const refusesToStart = test.macro({
  title: (name) => `a start ${name ?? ''}: the answer to the operator has the reason`,
  exec: async (t, name: string, makeArgument: (folder: string) => string, expected: string) => {
    await register(t, name, [makeArgument(makeFolder(t))]);
    const answer = await assertNotEnabled(t, name);
    t.true(answer.includes(`Unrecognized remote plugin message: vault-plugin-azure: ${expected}`), answer);
  },
});

test.serial(
  'with a Node that is too old',
  refusesToStart,
  'old-node',
  (folder) => `-env=PATH=${makeOldNode(folder)}:/usr/bin:/bin`,
  'Node 20.19 or newer is needed; this is 18.20.4.',
);
test.serial(
  'without a place for its socket',
  refusesToStart,
  'no-folder',
  (folder) => `-env=TMPDIR=${folder}/missing`,
  'the plugin cannot start: cannot listen on ',
);
test.serial(
  'with an engine that does not exist',
  refusesToStart,
  'no-engine',
  () => '-args=--engine=azur',
  'unknown engine "azur"; known are azure, keymgmt, sync.',
);
test.serial(
  'with an unknown argument',
  refusesToStart,
  'no-argument',
  () => '-args=--engin=azure',
  "Unknown option '--engin'.",
);

test.serial('a start without node on the PATH: the answer names the file', async (t) => {
  await register(t, 'no-node', ['-env=PATH=/nonexistent']);
  const answer = await assertNotEnabled(t, 'no-node');
  t.regex(answer, /Failed to read any lines from plugin's stdout/);
  t.true(answer.includes(path.join(azure().host.pluginDirectory, 'no-node')), answer);
});

/** The same plugin with another version in it. */
async function makeNextVersion(folder: string): Promise<PluginFile> {
  const parts = readFileSync(readBuiltPlugin().file, 'utf8').split(VERSION);
  if (parts.length !== 2) throw new Error(`the bundle names its version ${parts.length - 1} times`);
  const file = path.join(folder, 'next');
  writeFileSync(file, parts.join(NEXT_VERSION));
  return readPluginFile(file);
}

test.serial('upgrade: live leases, config and roles survive it, only the upgraded mount changes', async (t) => {
  const { host } = azure();
  await register(t, 'upgraded');
  const mount = await azure().mount('live', { plugin: 'upgraded' });
  const neighbour = await azure().mount('neighbour', { plugin: 'upgraded' });
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ttl: '1h', max_ttl: '2h' });
  await mount.writeRole('existing', { application_object_id: azure().emulator.applications[0]!.id, ttl: '1h' });
  const credentials = [await mount.creds('dynamic'), await mount.creds('existing')];

  const next = await makeNextVersion(makeFolder(t));
  host.installPlugin('upgraded-next', next.file);
  const registered = await host.cli([
    ...['plugin', 'register', `-sha256=${next.sha256}`, `-version=${NEXT_VERSION}`],
    ...['-command=upgraded-next', 'secret', 'upgraded'],
  ]);
  t.is(registered.code, 0, registered.stderr);
  const readMount = async (name: string) => (await host.api('GET', 'sys/mounts')).data[`${name}/`];
  t.is((await readMount('live')).running_plugin_version, VERSION);

  const tuned = await host.cli(['secrets', 'tune', `-plugin-version=${NEXT_VERSION}`, 'live/']);
  t.is(tuned.code, 0, tuned.stderr);
  const reloaded = await host.cli(['write', '-f', 'sys/plugins/reload/backend', 'mounts=live/']);
  t.is(reloaded.code, 0, reloaded.stderr);
  t.like(await readMount('live'), { running_plugin_version: NEXT_VERSION, running_sha256: next.sha256 });
  t.like(await readMount('neighbour'), { running_plugin_version: VERSION, running_sha256: readBuiltPlugin().sha256 });

  t.is((await mount.api('GET', 'config')).data.client_id, azure().emulator.clientId);
  t.deepEqual((await mount.api('LIST', 'roles')).data.keys, ['dynamic', 'existing']);
  t.is((await neighbour.api('GET', 'config')).data.client_id, azure().emulator.clientId);
  for (const credential of credentials) {
    t.true(await azure().canLogIn(credential));
    const renewed = await host.api('PUT', 'sys/leases/renew', { lease_id: credential.leaseId, increment: 1800 });
    t.is(renewed.lease_duration, 1800);
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential));
  }
  const fresh = await mount.creds('dynamic');
  t.true(await azure().canLogIn(fresh));
  await mount.revoke(fresh);
});
