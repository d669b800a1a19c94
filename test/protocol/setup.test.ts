/** Setup, the broker, and many mounts in one process. */
import test from 'ava';
import type { ServiceError } from '@grpc/grpc-js';
import { buildFixture } from './_fixture.ts';
import { openHost } from './_host.ts';

const bundlePath = await buildFixture();

test('multiplexing, asked without an id, is supported', async (t) => {
  t.true(await (await openHost(t, { bundlePath })).isMultiplexingSupported());
});

for (const announce of ['before', 'after'] as const) {
  test(`setup, socket announced ${announce} it, succeeds and makes no call to the host`, async (t) => {
    const mount = (await openHost(t, { bundlePath })).mount();
    t.is(await mount.setup({ announce }), '');
    t.is(await mount.type(), 1);
    await mount.specialPaths();
    t.deepEqual(mount.calls, []);
    t.is(await mount.initialize(), null);
    t.deepEqual(
      mount.calls.map(({ method }) => method),
      ['Storage/Get', 'Storage/Put'],
    );
  });
}

// Serial: it measures a limit of the protocol, which the others' load would stretch.
test.serial('setup, socket never announced, fails after five seconds with the text that hosts know', async (t) => {
  const mount = (await openHost(t, { bundlePath })).mount();
  const startedAt = performance.now();
  t.is(await mount.setup({ announce: 'never' }), 'timeout waiting for connection info');
  const elapsedMs = performance.now() - startedAt;
  t.true(elapsedMs > 4_900 && elapsedMs < 8_000, `${elapsedMs} ms`);
});

test('setup, failed once, can be tried again for the same mount', async (t) => {
  const host = await openHost(t, { bundlePath });
  const failed = host.mount({ multiplexId: 'sameid0001' });
  t.not(await failed.setup({ announce: 'never' }), '');
  await host.mount({ multiplexId: 'sameid0001' }).enable();
});

for (const [title, options] of [
  ['real', {}],
  ['fixture', { bundlePath }],
] as const) {
  test(`registration, ${title} plugin, answers Setup and Version though nothing is behind the broker`, async (t) => {
    const host = await openHost(t, options);
    t.true(await host.isMultiplexingSupported());
    const mount = host.mount();
    t.is(await mount.setup({ isRegistration: true }), '');
    t.regex(await mount.version(), /^v\d+\.\d+\.\d+$/);
    t.deepEqual(mount.calls, [], 'Vault 1.12 dies of a call here');
    const { isGraceful, code } = await host.stop();
    t.true(isGraceful);
    t.is(code, 0);
  });
}

test('type, special paths and version, no mount set up, answer all the same', async (t) => {
  const mount = (await openHost(t, { bundlePath })).mount();
  t.is(await mount.type(), 1);
  t.truthy(await mount.specialPaths());
  t.regex(await mount.version(), /^v/);
});

test('special paths, of a mount, reach the host', async (t) => {
  const mount = await (await openHost(t, { bundlePath })).mount().enable();
  t.like(await mount.specialPaths(), {
    root: ['admin/*'],
    unauthenticated: ['login'],
    local_storage: ['wal/'],
    seal_wrap_storage: ['config'],
  });
});

test('setup, config and uuid, reach the backend', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount({ config: { region: 'eu' }, backendUuid: 'uuid-1' }).enable();
  const { data } = await mount.read('mount');
  t.deepEqual(data?.['config'], { plugin_name: 'wire', plugin_type: 'secret', plugin_version: '', region: 'eu' });
  t.is(data?.['backend_uuid'], 'uuid-1');
});

test('two mounts, one process, share neither storage nor state, and one outlives the other', async (t) => {
  const host = await openHost(t, { bundlePath });
  const first = await host.mount().enable();
  const second = await host.mount().enable();
  await first.write('storage/key', { value: Buffer.from('first').toString('base64') });
  t.is((await second.read('storage/key')).status, 404);
  t.is((await first.read('mount')).data?.['calls'], 2);
  t.is((await second.read('mount')).data?.['calls'], 2);

  await first.cleanup();
  t.is((await second.read('mount')).data?.['calls'], 3);
  const gone = await t.throwsAsync<ServiceError>(first.read('mount'));
  t.is(gone.code, 2);
  t.is(gone.details, 'no backend instance found');
});

test('mounts, twenty set up at once, all get their own connection', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mounts = Array.from({ length: 20 }, (_, index) =>
    host.mount({ storage: new Map([['who', Buffer.from(String(index))]]) }),
  );
  const errors = await Promise.all(
    mounts.map((mount, index) => mount.setup({ announce: index % 2 === 0 ? 'before' : 'after' })),
  );
  t.deepEqual(new Set(errors), new Set(['']));
  const owners = await Promise.all(
    mounts.map(async (mount) => Buffer.from((await mount.read('storage/who')).data?.['value'] as string, 'base64')),
  );
  t.deepEqual(
    owners.map(String),
    Array.from({ length: 20 }, (_, index) => String(index)),
  );
  await Promise.all(mounts.map((mount) => mount.cleanup()));
});

test('cleanup, twice and of a mount never set up, is no error', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  await mount.cleanup();
  await t.notThrowsAsync(mount.cleanup());
  await t.notThrowsAsync(host.mount().cleanup());
});

test('cleanup, a request running, ends it and lets go of the connection', async (t) => {
  const host = await openHost(t, { bundlePath });
  let startSlow = (): void => undefined;
  const isSlow = new Promise<void>((resolve) => (startSlow = resolve));
  const mount = await host
    .mount({ onCall: ({ method }) => (method === 'Storage/Put' ? startSlow() : undefined) })
    .enable();
  const slow = t.throwsAsync<ServiceError>(mount.read('slow'));
  await isSlow;
  await mount.cleanup();
  t.is((await slow).code, 1);
});

test('setup, same id again, replaces the mount and lets go of the old connection', async (t) => {
  const host = await openHost(t, { bundlePath });
  const first = await host.mount({ multiplexId: 'sameid0001' }).enable();
  await first.write('storage/key', { value: 'Zmlyc3Q=' });
  const second = await host.mount({ multiplexId: 'sameid0001' }).enable();
  t.is((await second.read('storage/key')).status, 404);
  t.is(first.storage.get('key')?.toString(), 'first');
});

for (const [title, metadata, details] of [
  ['no id', { multiplex_id: undefined }, 'no multiplexing ID found'],
  ['an empty id', { multiplex_id: '' }, 'empty multiplex ID in metadata'],
  ['an unknown id', { multiplex_id: 'unknown' }, 'no backend instance found'],
] as const) {
  test(`request, ${title}, is refused with the text that Go plugins have`, async (t) => {
    const host = await openHost(t, { bundlePath });
    await host.mount().enable();
    const request = { operation: 'read', path: 'echo', data: 'null' };
    const error = await t.throwsAsync<ServiceError>(
      host.unary(
        'pb.Backend',
        'HandleRequest',
        { request },
        metadata.multiplex_id === undefined ? {} : { metadata: { multiplex_id: metadata.multiplex_id } },
      ),
    );
    t.is(error.code, 2);
    t.is(error.details, details);
  });
}

test('initialize, backend refuses, tells the host in the reply', async (t) => {
  const mount = (await openHost(t, { bundlePath })).mount({
    storage: new Map([['fail-initialize', Buffer.from('not today')]]),
  });
  t.is(await mount.setup(), '');
  const err = await mount.initialize();
  t.is(err?.err_msg, 'not today');
  t.is(err?.err_type, 0);
});

test('initialize, storage read-only as on a standby, tells the text that makes hosts forward', async (t) => {
  const mount = (await openHost(t, { bundlePath })).mount();
  t.is(await mount.setup(), '');
  mount.storageMode = 'readOnly';
  t.true((await mount.initialize())?.err_msg.includes('cannot write to readonly storage'));
});

test('invalidation, any key and even a failing backend, never throws', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  await mount.invalidateKey('config');
  await mount.invalidateKey('throw');
  await t.notThrowsAsync(host.mount().invalidateKey('config'));
  const { fields } = await host.waitForLog('invalidated', ({ message }) => message === 'invalidated');
  t.is(fields['storage_key'], 'config');
});

test('health, asked by a ping, is serving', async (t) => {
  const host = await openHost(t, { bundlePath });
  const check = (service: string): Promise<{ status: string }> =>
    host.unary('grpc.health.v1.Health', 'Check', { service });
  t.is((await check('plugin')).status, 'SERVING');
  t.is((await check('')).status, 'SERVING');
  t.is((await t.throwsAsync<ServiceError>(check('nonsense'))).code, 5);
});
