/** Requests and their answers: what arrives, what comes back, and what the user of the host gets to see. */
import test from 'ava';
import type { ServiceError } from '@grpc/grpc-js';
import { buildFixture } from './_fixture.ts';
import { openHost } from './_host.ts';
import type { FakeMount } from './_mount.ts';
import type { ExecutionContext } from 'ava';

const bundlePath = await buildFixture();

const enable = async (t: ExecutionContext): Promise<FakeMount> => (await openHost(t, { bundlePath })).mount().enable();

test('request, every field, arrives', async (t) => {
  const mount = await enable(t);
  const { data } = await mount.request({
    operation: 'update',
    path: 'echo/a b/ü',
    id: 'req-1',
    data: { text: 'x', number: 1.5, list: ['a'], nested: { b: null }, flag: true },
    headers: { 'X-Trace': { header: ['one', 'two'] } },
    client_token: 'salted-hash',
    client_token_accessor: 'accessor-1',
    display_name: 'userpass-bob',
    entity_id: 'e-1',
    mount_point: 'team/wire/',
    mount_type: 'wire',
    mount_accessor: 'wire_12',
    connection: { remote_addr: '10.0.0.7', remote_port: 0 },
  });
  t.deepEqual(data, {
    id: 'req-1',
    operation: 'update',
    path: 'echo/a b/ü',
    data: { text: 'x', number: 1.5, list: ['a'], nested: { b: null }, flag: true },
    headers: { 'X-Trace': ['one', 'two'] },
    host_token_hash: 'salted-hash',
    host_token_accessor: 'accessor-1',
    display_name: 'userpass-bob',
    entity_id: 'e-1',
    mount_point: 'team/wire/',
    mount_type: 'wire',
    mount_accessor: 'wire_12',
    remote_address: '10.0.0.7',
    deadline: null,
    secret: null,
  });
});

for (const text of ['null', '{}', '']) {
  test(`request, data ${JSON.stringify(text)}, is the empty object`, async (t) => {
    const mount = await enable(t);
    const { response } = await mount.requestRaw({ operation: 'read', path: 'echo', data: text });
    t.deepEqual((JSON.parse(response?.data ?? '') as { data: unknown }).data, {});
  });
}

test('request, data that tries to reach prototypes, stays plain data', async (t) => {
  const mount = await enable(t);
  const text = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":"x"}';
  const { response } = await mount.requestRaw({ operation: 'update', path: 'echo', data: text });
  const echoed = JSON.parse(response?.data ?? '') as { data: Record<string, unknown> };
  t.deepEqual(Object.keys(echoed.data).sort(), ['__proto__', 'constructor', 'toString']);
  t.is((await mount.read('echo')).data?.['polluted'], undefined);
});

for (const [operation, status] of [
  ['read', 404],
  ['list', 404],
  ['update', 204],
  ['delete', 204],
] as const) {
  test(`request, ${operation} answered with nothing, is ${status}`, async (t) => {
    const mount = await enable(t);
    const reply = await mount.request({ operation, path: 'nothing' });
    t.is(reply.wire.response, null);
    t.is(reply.wire.err, null);
    t.is(reply.status, status);
  });
}

test('request, answered without data, has null for data and no empty error', async (t) => {
  const reply = await (await enable(t)).read('empty');
  t.is(reply.data, null);
  t.is(reply.err, null);
  t.is(reply.status, 200);
});

test('request, warnings and headers, reach the host', async (t) => {
  const { wire } = await (await enable(t)).read('warn');
  t.deepEqual(wire.response?.warnings, ['first warning', 'second warning']);
  t.deepEqual(wire.response?.headers, { 'X-Answer': { header: ['a', 'b'] } });
});

test('request, operation that nobody knows yet, reaches the backend', async (t) => {
  t.is((await (await enable(t)).request({ operation: 'hibernate', path: 'echo' })).data?.['operation'], 'hibernate');
});

for (const [name, status, text] of [
  ['invalid-request', 400, 'ttl must not be negative'],
  ['unsupported-path', 404, 'unsupported path'],
  ['unsupported-operation', 405, 'unsupported operation'],
  ['permission-denied', 403, 'not with this role'],
  ['coded', 409, 'role is in use'],
  ['internal', 500, 'azure is down'],
  ['multi', 500, '2 errors occurred:\n\t* first\n\t* second\n\n'],
  ['invariant', 500, 'cannot happen'],
  ['surrogate', 500, 'half a \ufffd pair'],
] as const) {
  test(`error, ${name}, is ${status} with its text for the user`, async (t) => {
    const reply = await (await enable(t)).write(`error/${name}`);
    t.is(reply.status, status);
    t.is(reply.text, text);
  });
}

for (const name of ['foreign', 'text', 'nothing', 'long']) {
  test(`error, ${name}, is 500 with some text`, async (t) => {
    const reply = await (await enable(t)).write(`error/${name}`);
    t.is(reply.status, 500);
    t.not(reply.text, '');
  });
}

test('error, cancelled, is a gRPC status', async (t) => {
  const mount = await enable(t);
  t.is((await t.throwsAsync<ServiceError>(mount.read('error/cancelled'))).code, 1);
});

test('error, any, has no text that makes the host reload the plugin', async (t) => {
  const mount = await enable(t);
  for (const name of ['internal', 'foreign', 'multi', 'nothing']) {
    t.not((await mount.write(`error/${name}`)).text, 'connection is shut down');
  }
});

test('revocation, every kind of error, is never one that ends the retries', async (t) => {
  const mount = await enable(t);
  const names = [
    'invalid-request',
    'unsupported-path',
    'unsupported-operation',
    'permission-denied',
    'coded',
    'internal',
  ];
  for (const name of names) {
    const { err } = await mount.request({ operation: 'revoke', path: `error/${name}` });
    t.is(err?.err_type, 0, name);
    t.not(err?.err_msg, '');
  }
});

test('rollback, failing, is told as an error and not as a response, which hosts drop', async (t) => {
  const reply = await (await enable(t)).request({ operation: 'rollback', path: 'error/invalid-request' });
  t.is(reply.wire.response, null);
  t.is(reply.err?.err_msg, 'ttl must not be negative');
});

test('rollback, nothing to do, is answered with nothing', async (t) => {
  const reply = await (await enable(t)).request({ operation: 'rollback', path: '' });
  t.is(reply.wire.response, null);
  t.is(reply.err, null);
});

test('existence check, absent and present, is found and told', async (t) => {
  const mount = await enable(t);
  t.like(await mount.existenceCheck('storage/key'), { check_found: true, exists: false, err: null });
  mount.storage.set('key', Buffer.from('x'));
  t.like(await mount.existenceCheck('storage/key'), { check_found: true, exists: true, err: null });
});

test('existence check, path without one, is not found', async (t) => {
  t.like(await (await enable(t)).existenceCheck('echo'), { check_found: false, exists: false, err: null });
});

for (const [name, type] of [
  ['invalid-request', 1],
  ['unsupported-path', 6],
  ['internal', 0],
] as const) {
  test(`existence check, ${name}, is error type ${type}`, async (t) => {
    const { err } = await (await enable(t)).existenceCheck(`error/${name}`);
    t.is(err?.err_type, type);
    t.not(err?.err_msg, '');
  });
}

test('help of the root, asked for every mount by the API explorer, decodes', async (t) => {
  const { data } = await (
    await enable(t)
  ).request({
    operation: 'help',
    path: '',
    mount_point: '',
    id: '',
    client_token: '',
    data: { requestResponsePrefix: 'wire' },
  });
  t.is(data?.['help'], 'wire');
});

test('payload, far above four MiB, passes both ways', async (t) => {
  const mount = await enable(t);
  const size = 24 * 1024 * 1024;
  t.is((await mount.write('size', { payload: 'x'.repeat(size) })).data?.['length'], size);
  t.is(((await mount.read('big', { size })).data?.['payload'] as string).length, size);
});

test('requests, many at once, are all answered', async (t) => {
  const mount = await enable(t);
  const replies = await Promise.all(Array.from({ length: 500 }, (_, index) => mount.read(`echo/${index}`)));
  t.deepEqual(
    replies.map(({ data }) => data?.['path']),
    Array.from({ length: 500 }, (_, index) => `echo/${index}`),
  );
});
