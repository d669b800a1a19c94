/** Scheduled root rotation against a host with a rotation manager, and one without: what it is told, and what it asks. */
import test, { type ExecutionContext } from 'ava';
import { startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { StatusError } from './_brokered-server.ts';
import { openHost } from './_host.ts';
import type { FakeMount, MountOptions } from './_mount.ts';
import type { HostReply } from './_reply.ts';

const WITH_MANAGER = { RegisterRotationJob: { rotation_id: 'rot-1' }, DeregisterRotationJob: {} };
const SECRET = /^[A-Za-z0-9~._-]+$/;

interface World {
  readonly emulator: StartedEmulator;
  readonly mount: FakeMount;
}

async function open(t: ExecutionContext, systemView: MountOptions['systemView']): Promise<World> {
  const emulator = await startEmulator();
  t.teardown(() => emulator.stop());
  const env = { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile };
  const host = await openHost(t, { env });
  const mount = await host.mount(systemView === undefined ? {} : { systemView }).enable();
  const { subscriptionId, tenantId, clientId, clientSecret } = emulator;
  await writeConfig(mount, {
    subscription_id: subscriptionId,
    tenant_id: tenantId,
    client_id: clientId,
    client_secret: clientSecret,
  });
  mount.calls.length = 0;
  return { emulator, mount };
}

function writeConfig(mount: FakeMount, data: Readonly<Record<string, unknown>>): Promise<HostReply> {
  return mount.request({ operation: 'update', path: 'config', data, mount_point: 'team/azure/' });
}

function rotationCalls(mount: FakeMount): unknown[] {
  return mount.calls
    .filter(({ method }) => method.includes('RotationJob'))
    .map(({ method, message }) => [method, message]);
}

function rootSecrets(emulator: StartedEmulator): (string | undefined)[] {
  const { applications } = emulator.tenant({ secrets: true });
  return (applications.find(({ appId }) => appId === emulator.clientId)?.passwords ?? []).map(
    ({ secretText }) => secretText,
  );
}

test('rotation job, schedule and window written, is registered in seconds under the mount and path', async (t) => {
  const { mount } = await open(t, WITH_MANAGER);
  t.is((await writeConfig(mount, { rotation_schedule: '0 0 * * SAT', rotation_window: '2h' })).status, 204);
  t.deepEqual(rotationCalls(mount), [
    [
      'SystemView/RegisterRotationJob',
      {
        job: {
          name: '',
          mount_point: 'team/azure/',
          path: 'config',
          rotation_schedule: '0 0 * * SAT',
          rotation_window: '7200',
          rotation_period: '0',
        },
      },
    ],
  ]);
});

for (const [title, change] of [
  ['disabled', (mount: FakeMount) => writeConfig(mount, { disable_automated_rotation: true })],
  ['cleared', (mount: FakeMount) => writeConfig(mount, { rotation_period: 0 })],
  [
    'deleted with the config',
    (mount: FakeMount) => mount.request({ operation: 'delete', path: 'config', mount_point: 'team/azure/' }),
  ],
] as const) {
  test(`rotation job, ${title}, is taken back`, async (t) => {
    const { mount } = await open(t, WITH_MANAGER);
    await writeConfig(mount, { rotation_period: '1h' });
    mount.calls.length = 0;
    t.is((await change(mount)).status, 204);
    t.deepEqual(rotationCalls(mount), [
      ['SystemView/DeregisterRotationJob', { req: { mount_point: 'team/azure/', req_path: 'config' } }],
    ]);
  });
}

test('rotate, from the host for its job, makes a new secret and answers with an empty response', async (t) => {
  const { emulator, mount } = await open(t, WITH_MANAGER);
  await writeConfig(mount, { rotation_period: '1h' });
  const reply = await mount.request({ operation: 'rotate', path: 'config', mount_point: 'team/azure/' });
  t.is(reply.err, null);
  t.truthy(reply.wire.response);
  t.is(reply.data, null);
  const [secret, ...others] = rootSecrets(emulator);
  t.deepEqual(others, []);
  t.regex(secret ?? '', SECRET);
  t.not(secret, emulator.clientSecret);
});

test('rotate, failing, is told as an error with its text and not as a response', async (t) => {
  const { emulator, mount } = await open(t, WITH_MANAGER);
  await writeConfig(mount, { rotation_period: '1h' });
  emulator.addFault({
    match: { method: 'POST', path: 'addPassword' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  const reply = await mount.request({ operation: 'rotate', path: 'config', mount_point: 'team/azure/' });
  t.is(reply.wire.response, null);
  t.is(reply.err?.err_type, 0);
  t.regex(reply.err?.err_msg ?? '', /^add the new root password: 403 /);
});

test('rotate, for another path or without a schedule, is refused', async (t) => {
  const { emulator, mount } = await open(t, WITH_MANAGER);
  t.is((await mount.request({ operation: 'rotate', path: 'roles/app' })).err?.err_type, 6);
  const { err } = await mount.request({ operation: 'rotate', path: 'config', mount_point: 'team/azure/' });
  t.is(err?.err_msg, 'config asks for no automated rotation of the root secret');
  t.deepEqual(rootSecrets(emulator), [emulator.clientSecret]);
});

for (const [title, systemView] of [
  ['without a rotation manager, as Community', {}],
  [
    'that does not know the calls, as OpenBao',
    {
      RegisterRotationJob: new StatusError(12, 'unknown method'),
      DeregisterRotationJob: new StatusError(12, 'unknown method'),
    },
  ],
] as const) {
  test(`host ${title}, takes a schedule all the same: the plugin keeps the time`, async (t) => {
    const { mount } = await open(t, systemView);
    t.is((await writeConfig(mount, { rotation_period: '1h' })).status, 204);
    const { data } = await mount.read('config');
    t.is(data?.['rotation_manager'], 'plugin');
    t.regex(data?.['next_vault_rotation'] as string, /^\d{4}-.*Z$/);
    t.is((await mount.request({ operation: 'delete', path: 'config', mount_point: 'team/azure/' })).status, 204);
    t.deepEqual([...mount.storage.keys()], []);
  });
}
