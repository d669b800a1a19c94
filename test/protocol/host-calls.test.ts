/** Calls of the plugin to the host: storage and system view, their failures, deadlines and cancellation. */
import test, { type ExecutionContext } from 'ava';
import type { ServiceError } from '@grpc/grpc-js';
import { StatusError, untilCancelled, type HostCall } from './_brokered-server.ts';
import { buildFixture } from './_fixture.ts';
import { openHost } from './_host.ts';
import type { FakeMount, MountOptions } from './_mount.ts';
import { waitUntil } from './_processes.ts';

const bundlePath = await buildFixture();

const enable = async (t: ExecutionContext, options: MountOptions = {}): Promise<FakeMount> =>
  (await openHost(t, { bundlePath })).mount(options).enable();

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

test('storage, written, read, listed and deleted, holds the very bytes', async (t) => {
  const mount = await enable(t);
  const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
  t.is((await mount.write('storage/a/b', { value: base64(bytes) })).status, 204);
  t.deepEqual(mount.storage.get('a/b'), Buffer.from(bytes));
  t.is((await mount.read('storage/a/b')).data?.['value'], base64(bytes));

  mount.storage.set('a/c/d', Buffer.from('x'));
  mount.storage.set('top', Buffer.from('x'));
  t.deepEqual((await mount.request({ operation: 'list', path: 'storage/a/' })).data?.['keys'], ['b', 'c/']);
  t.deepEqual((await mount.request({ operation: 'list', path: 'storage/' })).data?.['keys'], [
    'a/',
    'initialized',
    'top',
  ]);
  t.deepEqual((await mount.request({ operation: 'list', path: 'storage/none/' })).data?.['keys'], []);

  await mount.request({ operation: 'delete', path: 'storage/a/b' });
  await mount.request({ operation: 'delete', path: 'storage/a/b' });
  t.is((await mount.read('storage/a/b')).status, 404);
});

test('storage, empty value, is a value', async (t) => {
  const mount = await enable(t);
  await mount.write('storage/empty', { value: '' });
  t.is(mount.storage.get('empty')?.length, 0);
  t.is((await mount.read('storage/empty')).data?.['value'], '');
});

test('storage, value far above four MiB, passes both ways', async (t) => {
  const mount = await enable(t);
  const bytes = Buffer.alloc(12 * 1024 * 1024, 7);
  await mount.write('storage/big', { value: base64(bytes) });
  t.true(mount.storage.get('big')?.equals(bytes));
  t.is(((await mount.read('storage/big')).data?.['value'] as string).length, base64(bytes).length);
});

test('storage, read-only, keeps the text that makes hosts forward, as a plain error', async (t) => {
  const mount = await enable(t);
  mount.storageMode = 'readOnly';
  const reply = await mount.write('storage/key', { value: 'eA==' });
  t.is(reply.wire.response, null);
  t.is(reply.err?.err_type, 0);
  t.true(reply.err?.err_msg.includes('cannot write to readonly storage'));
});

for (const text of [
  'cannot write to readonly storage',
  'please forward to the active node',
  'put failed due to value being too large',
]) {
  test(`storage, refused by status with "${text}", keeps the text`, async (t) => {
    let isRefusing = false;
    const mount = await enable(t, {
      onCall: () => {
        if (isRefusing) throw new StatusError(2, text);
      },
    });
    isRefusing = true;
    const { err, status } = await mount.write('storage/key', { value: 'eA==' });
    t.true(err?.err_msg.includes(text));
    t.is(err?.err_type, 0);
    t.is(status, 500);
  });
}

for (const [method, data, value] of [
  ['default-lease-ttl', {}, 2_764_800],
  ['max-lease-ttl', {}, 2_764_800],
  ['tainted', {}, false],
  ['caching-disabled', {}, false],
  ['replication-state', {}, 12_288],
  ['mlock', {}, true],
  ['local-mount', {}, false],
  ['entity', { text: 'e-1' }, { id: 'e-1', name: 'bob', aliases: 1 }],
  ['groups', { text: 'e-1' }, ['ops']],
  ['plugin-environment', {}, { hostVersion: '1.21.0', hostVersionPrerelease: '', hostVersionMetadata: '' }],
  ['password', { text: 'default' }, 'p4ss'],
  ['cluster-id', {}, 'c-1'],
] as const) {
  test(`system view, ${method}, arrives in our units`, async (t) => {
    t.deepEqual((await (await enable(t)).read(`system/${method}`, data)).data?.['value'], value);
  });
}

test('system view, wrapped data, is JSON text on the wire and its terms arrive', async (t) => {
  const mount = await enable(t);
  const { data } = await mount.read('system/wrap', { text: 'secret', number: 60 });
  t.like(data?.['value'], { ttlSeconds: 60, hostToken: 'hvs.x', createdAt: '1970-01-01T00:00:01.000Z' });
  const call = mount.calls.find(({ method }) => method === 'SystemView/ResponseWrapData');
  t.like(call?.message, { data: '{"text":"secret"}', TTL: '60000000000', JWT: false });
});

test('system view, Enterprise answers, arrive', async (t) => {
  const mount = await enable(t, {
    systemView: {
      GenerateIdentityToken: { token: 'jwt', ttl: '3600' },
      RegisterRotationJob: { rotation_id: 'rot-1' },
      DeregisterRotationJob: {},
    },
  });
  const identityToken = await mount.read('system/identity-token', { text: 'api://x', number: 3600 });
  t.deepEqual(identityToken.data?.['value'], { identityToken: 'jwt', ttlSeconds: 3600 });
  t.is((await mount.read('system/register-rotation', { text: 'config', number: 60 })).data?.['value'], 'rot-1');
  t.is((await mount.read('system/deregister-rotation', { text: 'config' })).data?.['value'], true);
});

test('system view, rotation calls, never leave out the message whose absence kills Vault', async (t) => {
  const mount = await enable(t);
  await mount.read('system/register-rotation', { number: 0 });
  await mount.read('system/deregister-rotation', {});
  const jobs = mount.calls.filter(({ method }) => method.includes('RotationJob'));
  t.is(jobs.length, 2);
  for (const { message } of jobs) t.truthy(message['job'] ?? message['req']);
});

for (const [title, systemView] of [
  ['refuses what only Enterprise has', {}],
  ['does not know the method, as OpenBao', { GenerateIdentityToken: new StatusError(12, 'unknown method') }],
] as const) {
  test(`system view, host ${title}, is an error of that request and nothing else`, async (t) => {
    const mount = await enable(t, { systemView });
    const { status, text } = await mount.read('system/identity-token', { text: 'a', number: 1 });
    t.is(status, 500);
    t.regex(text, /not supported|unknown method/);
    t.is((await mount.read('system/tainted')).status, 200);
  });
}

test('system view, host says why inside the reply, keeps the text', async (t) => {
  const mount = await enable(t, { systemView: { EntityInfo: { err: 'no such entity' } } });
  t.true((await mount.read('system/entity', { text: 'x' })).text.includes('no such entity'));
});

test('deadline of a request, is carried to the storage call made for it', async (t) => {
  let remainingMs = Infinity;
  const mount = await enable(t, { onCall: ({ deadline }) => void (remainingMs = deadline - Date.now()) });
  await mount.request({ operation: 'read', path: 'storage/key' }, { timeoutMs: 60_000 });
  t.true(remainingMs > 0 && remainingMs <= 60_000, `${remainingMs} ms`);
});

test('request without a deadline, makes storage calls without one', async (t) => {
  const mount = await enable(t);
  await mount.read('storage/key');
  t.is(mount.calls.at(-1)?.deadline, Infinity);
});

test('deadline of a request, passed during a storage call, ends both', async (t) => {
  const { mount, stuck } = await enableStuck(t);
  // The host's timer, or the plugin's answer that the storage call took too long: both run off at the same time.
  const request = mount.request({ operation: 'read', path: 'storage/stuck' }, { timeoutMs: 500 });
  const [end] = await Promise.allSettled([request]);
  t.regex(end.status === 'fulfilled' ? end.value.text : String(end.reason), /deadline/i);
  await waitUntil('the end of the storage call', () => stuck()?.signal.aborted === true);
});

test('cancellation of a request, during a storage call, cancels that call and leaves the mount well', async (t) => {
  const { mount, stuck } = await enableStuck(t);
  const controller = new AbortController();
  const request = t.throwsAsync<ServiceError>(
    mount.request({ operation: 'read', path: 'storage/stuck' }, { signal: controller.signal }),
  );
  await waitUntil('the storage call', () => stuck() !== undefined);
  controller.abort();
  t.is((await request).code, 1);
  await waitUntil('the end of the storage call', () => stuck()?.signal.aborted === true);
  t.is((await mount.read('echo')).status, 200);
});

test('cancellation of a request, is seen by the backend, which can still use its storage', async (t) => {
  const mount = await enable(t);
  const controller = new AbortController();
  const request = t.throwsAsync(mount.request({ operation: 'read', path: 'late' }, { signal: controller.signal }));
  await waitUntil('the start', () => mount.storage.has('slow-started'));
  controller.abort();
  await request;
  await waitUntil('the mark of what compensates', () => mount.storage.has('ended-by'));
  t.is(mount.storage.get('ended-by')?.toString(), 'CancelledError');
});

test('snapshot id of a request, is handed on with storage calls and no other metadata is', async (t) => {
  const mount = await enable(t);
  const metadata = { snapshot_id: 'snap-1', index_state_local: '5', other: 'x' };
  await mount.request({ operation: 'read', path: 'storage/key' }, { metadata });
  const seen = mount.calls.at(-1)?.metadata ?? {};
  t.is(seen['snapshot_id'], 'snap-1');
  for (const name of ['index_state_local', 'other', 'multiplex_id']) t.is(seen[name], undefined);
});

test("host's end of a mount gone, fails that mount's requests and no other's", async (t) => {
  const host = await openHost(t, { bundlePath });
  const [first, second] = [await host.mount().enable(), await host.mount().enable()];
  first.cutOff();
  const { err } = await first.read('storage/key');
  t.is(err?.err_type, 0);
  t.not(err?.err_msg, 'connection is shut down');
  t.is((await second.read('storage/key')).status, 404);
});

/** A mount whose reads of the key `stuck` are never answered. */
async function enableStuck(t: ExecutionContext): Promise<{ mount: FakeMount; stuck: () => HostCall | undefined }> {
  let stuck: HostCall | undefined;
  const mount = await enable(t, {
    onCall: async (call) => {
      if (call.message['key'] !== 'stuck') return;
      stuck = call;
      await untilCancelled(call);
    },
  });
  return { mount, stuck: () => stuck };
}
