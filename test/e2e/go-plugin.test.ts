/**
 * The official Go plugin and this one side by side on one host and one emulator, doing the same. It shows that the
 * emulator is no friend of ours only: the official plugin lives from it as well, and leaves as little behind.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { findTool } from '../host/find-tool.ts';
import { GO_PLUGIN } from '../host/host-tools.ts';
import { readPluginFile, registerPlugin } from '../host/register-plugin.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { PLUGIN, serveAzureHost } from './_azure-host.ts';
import { readCredential } from './_mount.ts';
import type { AzureMount } from './_mount.ts';
import { addOperator } from './_operator.ts';
import type { Operator } from './_operator.ts';

const azure = serveAzureHost(test);
const OFFICIAL = 'azure-go';

/** The official plugin puts a rotated secret into force at the first minute tick that finds it a minute old. */
const PROMOTION_LIMIT_MS = 150_000;

let registered: Promise<void> | undefined;

async function registerOfficial(): Promise<void> {
  const { file, sha256 } = await readPluginFile(await findTool(GO_PLUGIN));
  azure().host.installPlugin(OFFICIAL, file);
  await registerPlugin(azure().host, { name: OFFICIAL, sha256 });
}

/** One mount of each, `ours-NAME` and `official-NAME`, each with an operator of its own. */
async function mountBoth(t: ExecutionContext, name: string): Promise<{ mount: AzureMount; operator: Operator }[]> {
  registered ??= registerOfficial();
  await registered;
  const mountOne = async (path: string, plugin: string) => {
    const operator = addOperator(t, azure().emulator, path);
    const { clientId: client_id, clientSecret: client_secret } = operator;
    return { mount: await azure().mount(path, { plugin, config: { client_id, client_secret } }), operator };
  };
  return [await mountOne(`ours-${name}`, PLUGIN), await mountOne(`official-${name}`, OFFICIAL)];
}

/** What clients see of a mount's life, without what differs each time: statuses, and data that must be equal. */
async function live(t: ExecutionContext, mount: AzureMount, clientId: string): Promise<Record<string, unknown>> {
  const { host, emulator, scope } = azure();
  const [group] = emulator.groups;
  const seen: Record<string, unknown> = {};
  const call = async (what: string, method: string, path: string, body?: object) => {
    const answer = await mount.request(method, path, body);
    seen[what] = [answer.status, answer.body?.data, answer.body?.errors];
    return answer.body;
  };

  const { data: config } = await mount.api('GET', 'config');
  // The official plugin does not tell how it logs in.
  seen['config'] = { ...config, client_id: config.client_id === clientId, auth_method: undefined };
  await call('a list of no roles', 'LIST', 'roles');
  await call('a role that is not there', 'GET', 'roles/dynamic');
  await call('creds of it', 'GET', 'creds/dynamic');
  await call('a role with nothing in it', 'POST', 'roles/dynamic', { ttl: 60 });
  await call('a role with bad terms', 'POST', 'roles/dynamic', { ttl: 60, max_ttl: 30 });
  await call('a role write', 'POST', 'roles/dynamic', {
    azure_roles: JSON.stringify([{ role_name: 'reader', scope }]),
    azure_groups: JSON.stringify([{ group_name: group!.displayName }]),
    ttl: '1h',
    max_ttl: '2h',
    tags: 'one,two',
    sign_in_audience: 'AzureADMyOrg',
  });
  await call('its read', 'GET', 'roles/dynamic');
  const application_object_id = emulator.applications[0]!.id;
  await call('another role write', 'POST', 'roles/existing', {
    application_object_id,
    ttl: '1h',
    explicit_max_ttl: '2h',
  });
  await call('the read of that one', 'GET', 'roles/existing');
  await call('a list', 'LIST', 'roles');

  for (const role of ['dynamic', 'existing']) {
    const answer = await mount.api('GET', `creds/${role}`);
    const credential = readCredential(answer);
    seen[`creds of ${role}`] = {
      ...answer,
      request_id: '',
      lease_id: '',
      data: Object.keys(answer.data),
      mount_type: '',
    };
    const application = emulator.tenant().applications.find(({ appId }) => appId === credential.clientId);
    seen[`application of ${role}`] = application?.displayName.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'GUID');
    t.true(await azure().canLogIn(credential));
    const renewed = await host.api('PUT', 'sys/leases/renew', { lease_id: credential.leaseId, increment: 1800 });
    seen[`renewal of ${role}`] = [renewed.lease_duration, renewed.renewable, renewed.warnings];
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential));
  }
  await call('a delete', 'DELETE', 'roles/existing');
  await call('a second delete', 'DELETE', 'roles/existing');
  await call('a config delete', 'DELETE', 'config');
  await call('creds without a config', 'GET', 'creds/dynamic');
  return seen;
}

test('config, roles, creds, renew, revoke: both answer alike, both credentials work and end', async (t) => {
  const [ours, official] = await mountBoth(t, 'life');
  t.deepEqual(
    await live(t, ours!.mount, ours!.operator.clientId),
    await live(t, official!.mount, official!.operator.clientId),
  );
});

test('rotate-root: both end with one new secret that works', async (t) => {
  t.timeout(2 * PROMOTION_LIMIT_MS, 'waits for the minute tick of the host');
  const { emulator } = azure();
  const mounted = await mountBoth(t, 'root');
  const rotations = mounted.map(async ({ mount, operator }) => {
    await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ttl: '1h' });
    const readPasswords = () =>
      emulator.tenant().applications.find(({ id }) => id === operator.applicationObjectId)!.passwords;
    const [old] = readPasswords();
    await mount.api('POST', 'rotate-root');
    await waitUntil(
      'the new secret is in force',
      () => readPasswords().length === 1 && readPasswords()[0]!.keyId !== old!.keyId,
      PROMOTION_LIMIT_MS,
    );
    t.false(await azure().canLogIn(operator), mount.path);
    t.truthy((await mount.api('GET', 'config')).data.root_password_expiration_date, mount.path);
    const credential = await mount.creds('dynamic');
    t.true(await azure().canLogIn(credential), mount.path);
    await mount.revoke(credential);
    t.false(await azure().canLogIn(credential), mount.path);
  });
  await Promise.all(rotations);
});
