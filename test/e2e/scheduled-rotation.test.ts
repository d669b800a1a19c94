/**
 * Scheduled root rotation where the host has no rotation manager: the plugin keeps the time, looked at once a minute,
 * when the host ticks.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { waitFor, waitUntil } from '../helpers/wait-until.ts';
import type { Untyped } from '../host/host-api.ts';
import { serveAzureHost } from './_azure-host.ts';
import type { AzureMount } from './_mount.ts';
import { addOperator } from './_operator.ts';

const azure = serveAzureHost(test, { storage: 'raft' });

/** Two ticks of the host, and time for the proof of the new secret. */
const ROTATION_LIMIT_MS = 150_000;
const EXCLUSIVE =
  'mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided';

/** A mount with an operator of its own: its secret is going to be replaced. */
async function mountApart(t: ExecutionContext, path: string, config: object = {}) {
  const operator = addOperator(t, azure().emulator, path);
  azure().secrets.add(operator.clientSecret);
  const { clientId: client_id, clientSecret: client_secret } = operator;
  const mount = await azure().mount(path, { config: { client_id, client_secret, ...config } });
  return { operator, mount };
}

const readConfig = async (mount: AzureMount): Promise<Untyped> => (await mount.api('GET', 'config')).data;

/** `vault write <path> <pair>…` is refused with 400 and that text. */
async function assertRefused(t: ExecutionContext, path: string, pairs: readonly string[], text: string) {
  const { code, stderr } = await azure().host.cli(['write', path, ...pairs]);
  const what = pairs.join(' ');
  t.is(code, 2, what);
  t.regex(stderr, /Code: 400\. Errors:/, what);
  t.true(stderr.endsWith(`* ${text}\n`), `${what}: ${stderr}`);
}

// Serial: before those that would miss the server.
test.serial('schedule, after a restart of the host: comes due when it would have without', async (t) => {
  const { host, emulator } = azure();
  const mount = await azure().mount('restarted', { config: { rotation_period: '720h' } });
  const before = await readConfig(mount);
  t.true(Date.parse(before.next_vault_rotation) > Date.now() + 719 * 3600_000);
  await host.restart();
  t.deepEqual(await readConfig(mount), before);
  t.is(before.client_id, emulator.clientId);
});

test('period over: the key id in config changes, the old secret is gone, credentials work', async (t) => {
  t.timeout(3 * ROTATION_LIMIT_MS, 'waits for minute ticks of the host');
  const { host, emulator } = azure();
  const { operator, mount } = await mountApart(t, 'by-period');
  await mount.writeRole('dynamic', { azure_roles: azure().azureRoles(), ttl: '1h' });
  const written = await host.cli(['write', `${mount.path}/config`, 'rotation_period=10s']);
  t.is(written.code, 0, written.stderr);
  t.like(await readConfig(mount), { rotation_period: 10, rotation_state: 'scheduled', rotation_manager: 'plugin' });

  const config = await waitFor(
    'the root secret is rotated',
    async () => {
      const read = await readConfig(mount);
      return read.root_password_key_id === undefined ? undefined : read;
    },
    ROTATION_LIMIT_MS,
  );
  await host.cli(['write', `${mount.path}/config`, 'rotation_period=720h']);
  const passwords = (): readonly { keyId: string }[] =>
    emulator.tenant().applications.find(({ id }) => id === operator.applicationObjectId)!.passwords;
  await waitUntil('the old password is removed', () => passwords().length === 1);
  t.true(Date.parse(config.last_vault_rotation) > 0);
  t.false(await azure().canLogIn(operator));
  const credential = await mount.creds('dynamic');
  t.true(await azure().canLogIn(credential));
  await mount.revoke(credential);
});

test('a rotation that Azure refuses: told in config, tried again later, the old secret in force until then', async (t) => {
  t.timeout(3 * ROTATION_LIMIT_MS, 'waits for minute ticks of the host');
  const { emulator } = azure();
  const { operator, mount } = await mountApart(t, 'refused');
  const fault = emulator.addFault({
    match: { method: 'POST', path: `/applications/${operator.applicationObjectId}/addPassword` },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' },
  });
  await mount.api('POST', 'config', { rotation_period: 10 });
  const failing = await waitFor(
    'the failure is told',
    async () => {
      const read = await readConfig(mount);
      return read.last_error === undefined ? undefined : read;
    },
    ROTATION_LIMIT_MS,
  );
  t.is(failing.rotation_state, 'failing');
  t.regex(failing.last_error, /^add the new root password: 403 Authorization_RequestDenied: Insufficient privileges/);
  t.true(await azure().canLogIn(operator));
  fault.remove();
  await waitUntil(
    'the root secret is rotated',
    async () => (await readConfig(mount)).root_password_key_id !== undefined,
    ROTATION_LIMIT_MS,
  );
  await mount.api('POST', 'config', { disable_automated_rotation: true });
  const read = await readConfig(mount);
  t.is(read.rotation_state, 'suspended');
  t.is(read.last_error, undefined);
  await waitUntil('the old secret is gone', async () => !(await azure().canLogIn(operator)));
});

test('wrong schedules, by command: refused with the texts that Vault has, and nothing is changed', async (t) => {
  const { host } = azure();
  const { mount } = await mountApart(t, 'wrong');
  const before = await readConfig(mount);
  const path = `${mount.path}/config`;
  await assertRefused(t, path, ['rotation_schedule=0 0 * * SAT', 'rotation_period=60'], EXCLUSIVE);
  await assertRefused(
    t,
    path,
    ['rotation_schedule=every sunday'],
    'failed to parse provided rotation_schedule: expected exactly 5 fields, found 2: [every sunday]',
  );
  await assertRefused(
    t,
    path,
    ['rotation_schedule=\\@daily'],
    'failed to parse provided rotation_schedule: parser does not accept descriptors: @daily',
  );
  await assertRefused(
    t,
    path,
    ['rotation_schedule=0 0 31 2 *'],
    'failed to parse provided rotation_schedule: the schedule never comes due',
  );
  await assertRefused(
    t,
    path,
    ['rotation_window=1h', 'rotation_period=60'],
    'rotation_window does not apply to period',
  );
  await assertRefused(t, path, ['rotation_window=1h'], 'cannot use rotation_window without rotation_schedule');
  await assertRefused(t, path, ['rotation_period=9'], 'rotation_period must be 10 seconds or more');
  await assertRefused(
    t,
    path,
    ['rotation_schedule=0 0 * * SAT', 'rotation_window=10m'],
    'rotation_window must be 3600 seconds or more',
  );
  await assertRefused(
    t,
    path,
    ['client_secret=', 'rotation_period=60'],
    'nothing to rotate: no client_secret is in use, the plugin logs in with a managed identity, whose secret the platform keeps; without rotation_schedule and rotation_period, or with disable_automated_rotation=true, it can be stored',
  );
  t.deepEqual(await readConfig(mount), before);

  t.is((await host.cli(['write', path, 'rotation_schedule=0 0 * * SAT', 'rotation_window=2h'])).code, 0);
  const scheduled = await readConfig(mount);
  t.like(scheduled, { rotation_schedule: '0 0 * * SAT', rotation_window: 7200, rotation_state: 'scheduled' });
  t.is(new Date(scheduled.next_vault_rotation).getUTCDay(), 6);
  await assertRefused(
    t,
    path,
    ['rotation_period=60'],
    `${EXCLUSIVE}: clear the stored one in the same write, rotation_schedule=""`,
  );
  t.is((await host.cli(['write', path, 'rotation_schedule=', 'rotation_period=720h'])).code, 0);
  await assertRefused(
    t,
    path,
    ['rotation_schedule=0 0 * * SAT'],
    `${EXCLUSIVE}: clear the stored one in the same write, rotation_period=0`,
  );
  t.is((await host.cli(['write', path, 'rotation_period=0'])).code, 0);
  t.deepEqual(await readConfig(mount), before);
});
