/** Storage over the brokered connection: every operation, and what the host's failures become. */
import test from 'ava';
import type { CallScope } from '../../../src/bridge/host-call.ts';
import { bindStorage } from '../../../src/bridge/host-storage.ts';
import { CancelledError, DeadlineError, NotSupportedByHostError, StorageError } from '../../../src/errors.ts';
import { storageService } from '../../../src/wire/generated/pb.ts';
import { GrpcCode, GrpcStatusError } from '../../../src/wire/service.ts';
import { FakeHost, untilAborted } from '../../helpers/fake-host.ts';

const READ_ONLY = 'cannot write to readonly storage';

function scopeOf(overrides: Partial<CallScope> = {}): CallScope {
  return { signal: new AbortController().signal, deadline: undefined, metadata: new Map(), ...overrides };
}

test('an entry is written, read, listed and deleted', async (t) => {
  const host = new FakeHost();
  const storage = bindStorage(host, scopeOf());
  await storage.put({ storageKey: 'roles/b', value: Buffer.from('{}') });
  await storage.put({ storageKey: 'roles/a', value: new Uint8Array() });
  const entry = await storage.get('roles/b');
  t.is(entry?.storageKey, 'roles/b');
  t.is(Buffer.from(entry?.value ?? []).toString(), '{}');
  t.deepEqual(await storage.list('roles/'), ['a', 'b']);
  await storage.delete('roles/b');
  t.is(await storage.get('roles/b'), undefined);
  t.deepEqual(await storage.list('none/'), []);
});

test('put: the entry is always set, without seal wrap and transaction', async (t) => {
  const host = new FakeHost();
  await bindStorage(host, scopeOf()).put({ storageKey: 'config', value: new Uint8Array() });
  t.deepEqual(host.calls[0]?.request, {
    entry: { key: 'config', value: new Uint8Array(), sealWrap: false },
    txn: '',
  });
});

test("a failure inside the reply: a storage error with the host's text", async (t) => {
  const host = new FakeHost();
  host.answer(storageService.get, async () => ({ err: 'relative paths not supported' }));
  host.answer(storageService.put, async () => ({ err: READ_ONLY }));
  host.answer(storageService.delete, async () => ({ err: READ_ONLY }));
  host.answer(storageService.list, async () => ({ err: 'no' }));
  const storage = bindStorage(host, scopeOf());
  await t.throwsAsync(storage.get('a'), { instanceOf: StorageError, message: 'relative paths not supported' });
  await t.throwsAsync(storage.put({ storageKey: 'a', value: new Uint8Array() }), {
    instanceOf: StorageError,
    message: READ_ONLY,
  });
  await t.throwsAsync(storage.delete('a'), { instanceOf: StorageError, message: READ_ONLY });
  await t.throwsAsync(storage.list(''), { instanceOf: StorageError, message: 'no' });
});

const statuses: readonly [number, string, new (...args: never[]) => Error, string][] = [
  [GrpcCode.unknown, READ_ONLY, StorageError, READ_ONLY],
  [GrpcCode.unavailable, 'host is going away', StorageError, 'host is going away'],
  [GrpcCode.unavailable, '', StorageError, 'storage put failed with gRPC status 14'],
  [GrpcCode.cancelled, 'x', CancelledError, 'storage put was cancelled'],
  [GrpcCode.deadlineExceeded, 'x', DeadlineError, "storage put did not finish before the request's deadline"],
  [GrpcCode.unimplemented, 'x', NotSupportedByHostError, 'storage put is not supported by this host: x'],
];
for (const [code, text, instanceOf, message] of statuses) {
  test(`gRPC status ${code} with text "${text}": ${instanceOf.name}`, async (t) => {
    const host = new FakeHost();
    host.answer(storageService.put, async () => {
      throw new GrpcStatusError(code, text);
    });
    const put = bindStorage(host, scopeOf()).put({ storageKey: 'a', value: new Uint8Array() });
    const error = await t.throwsAsync(put, { instanceOf, message });
    t.true(error.cause instanceof GrpcStatusError);
  });
}

test('the connection itself throws: a storage error that names the step', async (t) => {
  const host = new FakeHost();
  host.answer(storageService.get, async () => {
    throw new Error('Channel has been shut down');
  });
  await t.throwsAsync(bindStorage(host, scopeOf()).get('a'), {
    instanceOf: StorageError,
    message: 'storage get: Channel has been shut down',
  });
});

test('the call is cancelled while storage works: the reason of the cancellation', async (t) => {
  const host = new FakeHost();
  const controller = new AbortController();
  const reason = new CancelledError('the mount is closing');
  host.answer(storageService.get, async (_, { signal }) => {
    controller.abort(reason);
    return untilAborted(signal);
  });
  const error = await t.throwsAsync(bindStorage(host, scopeOf({ signal: controller.signal })).get('a'));
  t.is(error, reason);
});

test('the call is cancelled while storage fails: the reason wins over the failure', async (t) => {
  const host = new FakeHost();
  const controller = new AbortController();
  const reason = new DeadlineError('late');
  host.answer(storageService.get, async () => {
    controller.abort(reason);
    throw new GrpcStatusError(GrpcCode.unavailable, 'gone');
  });
  const error = await t.throwsAsync(bindStorage(host, scopeOf({ signal: controller.signal })).get('a'));
  t.is(error, reason);
});

test('the call is cancelled before: the host is not called', async (t) => {
  const host = new FakeHost();
  const signal = AbortSignal.abort(new CancelledError());
  await t.throwsAsync(bindStorage(host, scopeOf({ signal })).get('a'), { instanceOf: CancelledError });
  t.is(host.calls.length, 0);
});

test('deadline and metadata of the scope go with each call', async (t) => {
  const host = new FakeHost();
  const scope = scopeOf({ deadline: new Date(1), metadata: new Map([['snapshot_id', ['s1']]]) });
  await bindStorage(host, scope).get('a');
  t.deepEqual(host.calls[0]?.options.deadline, new Date(1));
  t.deepEqual(host.calls[0]?.options.metadata, new Map([['snapshot_id', ['s1']]]));
});
