/** The services of a mount, driven as a host drives them: many ids, replacement, errors, the end of a call. */
import test, { type ExecutionContext } from 'ava';
import { createBackendService } from '../../../src/bridge/backend-service.ts';
import type { HostConnection } from '../../../src/bridge/unary-caller.ts';
import {
  CancelledError,
  DeadlineError,
  HandshakeError,
  InvalidRequestError,
  InvariantError,
  StorageError,
  UnsupportedOperationError,
} from '../../../src/errors.ts';
import type { Backend, BackendDependencies, Request } from '../../../src/logical/index.ts';
import type { PartialMessage } from '../../../src/wire/codec.ts';
import { pluginVersionService } from '../../../src/wire/generated/logical.ts';
import { pluginMultiplexingService } from '../../../src/wire/generated/multiplexing.ts';
import { backendService, storageService, type Request as WireRequest } from '../../../src/wire/generated/pb.ts';
import { GrpcStatusError, type ServerCall, type UnaryMethodData } from '../../../src/wire/service.ts';
import { FakeClock, nextTurn } from '../../helpers/fake-clock.ts';
import { FakeHost, untilAborted } from '../../helpers/fake-host.ts';
import { FakeRandom } from '../../helpers/fake-random.ts';
import { makeServerCall } from '../../helpers/server-call.ts';
import { TestLogger } from '../../helpers/test-logger.ts';

/** An engine whose methods a test may exchange. */
class TestEngine implements Backend {
  readonly specialPaths = {
    root: ['rotate-root'],
    unauthenticated: [],
    localStorage: ['wal/'],
    sealWrapStorage: ['config'],
  };
  readonly dependencies: BackendDependencies;
  readonly invalidated: string[] = [];
  cleanupCount = 0;
  constructor(dependencies: BackendDependencies) {
    this.dependencies = dependencies;
  }
  initialize: Backend['initialize'] = async () => undefined;
  handleRequest: Backend['handleRequest'] = async () => undefined;
  handleExistenceCheck: Backend['handleExistenceCheck'] = async () => ({ isCheckFound: true, exists: false });
  invalidateKey(storageKey: string): void {
    this.invalidated.push(storageKey);
  }
  cleanup: Backend['cleanup'] = async () => {
    this.cleanupCount += 1;
  };
}

interface CallOptions {
  readonly ids?: readonly string[];
  readonly signal?: AbortSignal;
  readonly deadline?: Date;
  readonly snapshotId?: string;
}

function makeCall({ ids = ['m1'], signal, deadline, snapshotId }: CallOptions = {}): ServerCall {
  const metadata = new Map([['multiplex_id', ids]]);
  if (snapshotId !== undefined) metadata.set('snapshot_id', [snapshotId]);
  return makeServerCall({ metadata, deadline, ...(signal === undefined ? {} : { signal }) });
}

/** The services of one process, and a way to call them over their bytes. */
class Plugin {
  readonly logger = new TestLogger();
  readonly clock = new FakeClock();
  readonly engines: TestEngine[] = [];
  readonly hosts = new Map<number, FakeHost>();
  makeEngine = (dependencies: BackendDependencies): TestEngine => new TestEngine(dependencies);
  dialBroker = async (brokerId: number): Promise<HostConnection> => {
    const host = new FakeHost();
    this.hosts.set(brokerId, host);
    return host;
  };
  readonly service = createBackendService({
    factory: (dependencies) => {
      const engine = this.makeEngine(dependencies);
      this.engines.push(engine);
      return engine;
    },
    version: 'v1.2.3',
    dialBroker: (brokerId) => this.dialBroker(brokerId),
    logger: this.logger,
    clock: this.clock,
    random: new FakeRandom(),
  });

  async call<Req, Res>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    call: ServerCall = makeCall(),
  ): Promise<Res> {
    for (const bound of this.service.services) {
      for (const served of bound.methods.values()) {
        if (served.data.path !== method.path || served.kind !== 'unary') continue;
        const answer = await served.handle(method.request.decode(method.request.encode(request)), call);
        return method.response.decode(method.response.encode(answer as PartialMessage<Res>));
      }
    }
    throw new Error(`${method.path} is not served`);
  }

  setUp(call?: ServerCall, brokerId = 1): Promise<{ err: string }> {
    const config = new Map([['plugin_name', 'azure']]);
    return this.call(backendService.setup, { brokerId, config, backendUuid: 'uuid' }, call);
  }

  request(request: PartialMessage<WireRequest>, call?: ServerCall) {
    return this.call(backendService.handleRequest, { request }, call);
  }

  get engine(): TestEngine {
    return this.engines.at(-1)!;
  }
}

async function makeMounted(): Promise<{ plugin: Plugin; engine: TestEngine; host: FakeHost }> {
  const plugin = new Plugin();
  await plugin.setUp();
  return { plugin, engine: plugin.engine, host: plugin.hosts.get(1)! };
}

async function throwsUnknown(t: ExecutionContext, promise: Promise<unknown>, message: string): Promise<void> {
  const error = await t.throwsAsync(promise, { instanceOf: GrpcStatusError, message });
  t.is(error.grpcCode, 2);
}

test('setup makes an engine with what the host says, and calls nothing', async (t) => {
  const plugin = new Plugin();
  t.deepEqual(await plugin.setUp(), { err: '' });
  t.deepEqual(plugin.engine.dependencies.config, new Map([['plugin_name', 'azure']]));
  t.is(plugin.engine.dependencies.backendUuid, 'uuid');
  t.is(plugin.hosts.get(1)!.calls.length, 0);
});

test("an engine's log lines name the mount", async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.dependencies.logger.info('hello');
  t.deepEqual(plugin.logger.lines.at(-1)?.fields, { mount: 'uuid' });
});

test('setup, the host cannot be reached: the error as text, no mount', async (t) => {
  const plugin = new Plugin();
  plugin.dialBroker = async () => {
    throw new HandshakeError('timeout waiting for connection info');
  };
  t.deepEqual(await plugin.setUp(), { err: 'timeout waiting for connection info' });
  await throwsUnknown(t, plugin.request({}), 'no backend instance found');
});

test('setup, the engine cannot be made: the error as text, the connection closed', async (t) => {
  const plugin = new Plugin();
  plugin.makeEngine = () => {
    throw new InvariantError('bad pattern');
  };
  t.deepEqual(await plugin.setUp(), { err: 'bad pattern' });
  t.is(plugin.hosts.get(1)!.closeCount, 1);
});

test('setup without an id: the error as text', async (t) => {
  t.deepEqual(await new Plugin().setUp(makeCall({ ids: [] })), { err: 'no multiplexing ID found' });
});

test('setup again under the same id: the new mount takes over, the old one is closed', async (t) => {
  const plugin = new Plugin();
  await plugin.setUp(makeCall(), 1);
  await plugin.setUp(makeCall(), 2);
  await nextTurn();
  t.is(plugin.engines.length, 2);
  t.is(plugin.engines[0]?.cleanupCount, 1);
  t.is(plugin.hosts.get(1)!.closeCount, 1);
  t.is(plugin.hosts.get(2)!.closeCount, 0);
  plugin.engine.handleRequest = async () => ({ data: { which: 2 } });
  t.is((await plugin.request({})).response?.data, '{"which":2}');
});

test('cleanup while setup connects: no mount is left, the connection is closed', async (t) => {
  const plugin = new Plugin();
  const host = new FakeHost();
  let connect: (connection: HostConnection) => void = () => undefined;
  plugin.dialBroker = () => new Promise((resolve) => (connect = resolve));
  const setup = plugin.setUp();
  await plugin.call(backendService.cleanup, {});
  connect(host);
  t.deepEqual(await setup, { err: 'the mount was closed while it was being set up' });
  t.is(host.closeCount, 1);
  t.is(plugin.engines.length, 0);
});

test('two mounts in one process: each has its own engine and storage, and the end of one leaves the other', async (t) => {
  const plugin = new Plugin();
  await plugin.setUp(makeCall({ ids: ['a'] }), 1);
  await plugin.setUp(makeCall({ ids: ['b'] }), 2);
  const [a, b] = plugin.engines;
  const write = async (request: Request): Promise<undefined> => {
    await request.storage.put({ storageKey: request.path, value: new Uint8Array() });
  };
  a!.handleRequest = write;
  b!.handleRequest = write;
  await plugin.request({ path: 'from-a' }, makeCall({ ids: ['a'] }));
  await plugin.request({ path: 'from-b' }, makeCall({ ids: ['b'] }));
  t.deepEqual([...plugin.hosts.get(1)!.values.keys()], ['from-a']);
  t.deepEqual([...plugin.hosts.get(2)!.values.keys()], ['from-b']);
  await plugin.call(backendService.cleanup, {}, makeCall({ ids: ['a'] }));
  await throwsUnknown(t, plugin.request({}, makeCall({ ids: ['a'] })), 'no backend instance found');
  await plugin.request({ path: 'again' }, makeCall({ ids: ['b'] }));
  t.true(plugin.hosts.get(2)!.values.has('again'));
});

test('calls without exactly one id end in a status', async (t) => {
  const { plugin } = await makeMounted();
  await throwsUnknown(t, plugin.request({}, makeCall({ ids: [] })), 'no multiplexing ID found');
  await throwsUnknown(
    t,
    plugin.request({}, makeCall({ ids: ['a', 'b'] })),
    'unexpected number of IDs in metadata: (2)',
  );
  await throwsUnknown(t, plugin.request({}, makeCall({ ids: [''] })), 'empty multiplex ID in metadata');
  await throwsUnknown(
    t,
    plugin.call(backendService.initialize, {}, makeCall({ ids: ['x'] })),
    'no backend instance found',
  );
});

test('type, special paths, version and multiplexing are answered without a mount too', async (t) => {
  const plugin = new Plugin();
  const call = makeCall({ ids: [] });
  t.deepEqual(await plugin.call(backendService.type, {}, call), { type: 1 });
  t.deepEqual((await plugin.call(backendService.specialPaths, {}, call)).paths?.root, []);
  t.deepEqual(await plugin.call(pluginVersionService.version, {}, call), { pluginVersion: 'v1.2.3' });
  t.deepEqual(await plugin.call(pluginMultiplexingService.multiplexingSupport, {}, call), { supported: true });
});

test("special paths are the engine's, for an unknown id those of any mount", async (t) => {
  const { plugin } = await makeMounted();
  for (const ids of [['m1'], ['unknown'], []]) {
    const { paths } = await plugin.call(backendService.specialPaths, {}, makeCall({ ids }));
    t.deepEqual(paths?.root, ['rotate-root']);
    t.deepEqual(paths?.sealWrapStorage, ['config']);
    t.deepEqual(paths?.localStorage, ['wal/']);
  }
});

test('a request reaches the engine, and its answer the host', async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.handleRequest = async (request) => ({ data: { path: request.path, ...request.data } });
  const reply = await plugin.request({ operation: 'update', path: 'roles/a', data: '{"ttl":"1h"}' });
  t.is(reply.response?.data, '{"path":"roles/a","ttl":"1h"}');
  t.is(reply.err, undefined);
});

test('an engine with nothing to say: no response, no error', async (t) => {
  const { plugin } = await makeMounted();
  t.deepEqual(await plugin.request({ operation: 'read' }), { response: undefined, err: undefined });
});

test('a call without its request: status INVALID_ARGUMENT', async (t) => {
  const { plugin } = await makeMounted();
  const error = await t.throwsAsync(plugin.call(backendService.handleRequest, {}), { instanceOf: GrpcStatusError });
  t.is(error.grpcCode, 3);
});

test("the user's mistake: type 7 and the text in a response; nothing in the log", async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.handleRequest = async () => {
    throw new InvalidRequestError('no role');
  };
  const { err, response } = await plugin.request({ operation: 'read' });
  t.deepEqual(err, { errType: 7, errMsg: 'no role', errCode: 0n });
  t.is(response?.data, '{"error":"no role"}');
  t.deepEqual(plugin.logger.lines, []);
});

test('on revoke the same mistake is type 0 without a response, and in the log', async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.handleRequest = async () => {
    throw new InvalidRequestError('no role');
  };
  t.deepEqual(await plugin.request({ operation: 'revoke', path: 'creds/a' }), {
    response: undefined,
    err: { errType: 0, errMsg: 'no role', errCode: 0n },
  });
  t.deepEqual(plugin.logger.lines.at(-1), {
    level: 'error',
    message: 'request failed',
    fields: { operation: 'revoke', path: 'creds/a', error: 'no role', code: 'ERR_INVALID_REQUEST' },
  });
});

test('an engine throws at once, not by its promise: answered like any other', async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.handleRequest = () => {
    throw new UnsupportedOperationError();
  };
  t.is((await plugin.request({})).err?.errType, 5);
});

test('data that is not JSON: answered, the engine not called', async (t) => {
  const { plugin } = await makeMounted();
  const { err } = await plugin.request({ data: '{"password":"hunter2"' });
  t.is(err?.errMsg, 'the host sent data that is not a JSON object');
  t.false(plugin.logger.text().includes('hunter2'));
});

test('an error that is not ours: the log has its name and places, neither log nor answer its text', async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.handleRequest = async () => {
    throw new TypeError('cannot use hunter2');
  };
  const { err } = await plugin.request({ operation: 'read' });
  t.is(err?.errMsg, 'internal error of the plugin; its log has more');
  t.is(plugin.logger.lines.at(-1)?.fields['error'], 'TypeError');
  t.true(String(plugin.logger.lines.at(-1)?.fields['stack']).includes('backend-service.test'));
  t.false(plugin.logger.text().includes('hunter2'));
});

test('an answer that cannot be told is answered as a failure', async (t) => {
  const { plugin, engine } = await makeMounted();
  engine.handleRequest = async () => ({ data: { error: 'x' } });
  const { err, response } = await plugin.request({ operation: 'read' });
  t.is(err?.errType, 0);
  t.is(response, undefined);
});

test("storage refuses a write: the host's text, type 0, no response, and no error in the log", async (t) => {
  const { plugin, engine, host } = await makeMounted();
  host.answer(storageService.put, async () => ({ err: 'cannot write to readonly storage' }));
  engine.handleRequest = async ({ storage }) => {
    await storage.put({ storageKey: 'config', value: new Uint8Array() });
    return undefined;
  };
  t.deepEqual(await plugin.request({ operation: 'update' }), {
    response: undefined,
    err: { errType: 0, errMsg: 'cannot write to readonly storage', errCode: 0n },
  });
  t.deepEqual(plugin.logger.messages('error'), []);
});

test('deadline and snapshot id of a call go on to storage', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  engine.handleRequest = async (request) => {
    t.deepEqual(request.deadline, new Date(7));
    await request.storage.get('config');
    return undefined;
  };
  await plugin.request({}, makeCall({ deadline: new Date(7), snapshotId: 's1' }));
  const { options } = host.calls[0]!;
  t.deepEqual(options.deadline, new Date(7));
  t.deepEqual(options.metadata, new Map([['snapshot_id', ['s1']]]));
});

test('a call without a deadline: none for the engine, none for storage', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  engine.handleRequest = async (request) => {
    t.is(request.deadline, undefined);
    await request.storage.get('config');
    return undefined;
  };
  await plugin.request({});
  t.is(host.calls[0]?.options.deadline, undefined);
  t.is(host.calls[0]?.options.metadata.size, 0);
});

test('the caller goes away: engine and storage are cancelled, the answer is status CANCELLED', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  const controller = new AbortController();
  host.answer(storageService.get, async (_, { signal }) => {
    controller.abort(new CancelledError());
    return untilAborted(signal);
  });
  engine.handleRequest = async (request) => {
    const error = await t.throwsAsync(request.storage.get('config'), { instanceOf: CancelledError });
    t.true(request.signal.aborted);
    throw error;
  };
  const error = await t.throwsAsync(plugin.request({}, makeCall({ signal: controller.signal })), {
    instanceOf: GrpcStatusError,
  });
  t.is(error.grpcCode, 1);
});

test('the deadline passes: the engine sees a deadline error, the answer is type 0', async (t) => {
  const { plugin, engine } = await makeMounted();
  const controller = new AbortController();
  engine.handleRequest = async ({ signal }) => {
    controller.abort(new DeadlineError('too late'));
    return untilAborted(signal);
  };
  const { err } = await plugin.request({}, makeCall({ signal: controller.signal }));
  t.deepEqual(err, { errType: 0, errMsg: 'too late', errCode: 0n });
});

test('a call that was answered is not cancelled by the end of its connection', async (t) => {
  const { plugin, engine } = await makeMounted();
  const controller = new AbortController();
  let signal: AbortSignal | undefined;
  engine.handleRequest = async (request) => {
    signal = request.signal;
    return undefined;
  };
  await plugin.request({}, makeCall({ signal: controller.signal }));
  controller.abort(new CancelledError());
  t.false(signal?.aborted);
});

test('storage outside of a call works until the mount ends, also when a call was cancelled', async (t) => {
  const { plugin, engine } = await makeMounted();
  const controller = new AbortController();
  engine.handleRequest = async ({ signal }) => {
    controller.abort(new CancelledError());
    await t.throwsAsync(untilAborted(signal));
    await engine.dependencies.storage.put({ storageKey: 'wal/1', value: new Uint8Array() });
    return undefined;
  };
  await plugin.request({}, makeCall({ signal: controller.signal }));
  await plugin.call(backendService.cleanup, {});
  await t.throwsAsync(engine.dependencies.storage.get('wal/1'), { instanceOf: CancelledError });
});

test('initialize reaches the engine with storage and view, failures are type 0', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  engine.initialize = async ({ storage, systemView }) => {
    t.is(await systemView.defaultLeaseTtlSeconds(), 3600);
    await storage.put({ storageKey: 'config', value: new Uint8Array() });
  };
  t.deepEqual(await plugin.call(backendService.initialize, {}), { err: undefined });
  t.true(host.values.has('config'));
  engine.initialize = async () => {
    throw new StorageError('cannot write to readonly storage');
  };
  const { err } = await plugin.call(backendService.initialize, {});
  t.deepEqual(err, { errType: 0, errMsg: 'cannot write to readonly storage', errCode: 0n });
});

test('existence check: found or not, and its own error types', async (t) => {
  const { plugin, engine } = await makeMounted();
  const check = () => plugin.call(backendService.handleExistenceCheck, { request: { operation: 'update', path: 'a' } });
  engine.handleExistenceCheck = async () => ({ isCheckFound: true, exists: true });
  t.deepEqual(await check(), { checkFound: true, exists: true, err: undefined });
  engine.handleExistenceCheck = async () => ({ isCheckFound: false, exists: false });
  t.deepEqual(await check(), { checkFound: false, exists: false, err: undefined });
  engine.handleExistenceCheck = async () => {
    throw new InvalidRequestError('bad name');
  };
  t.deepEqual((await check()).err, { errType: 1, errMsg: 'bad name', errCode: 0n });
});

test('invalidate key reaches the engine; it never fails', async (t) => {
  const { plugin, engine } = await makeMounted();
  t.deepEqual(await plugin.call(backendService.invalidateKey, { key: 'config' }), {});
  t.deepEqual(engine.invalidated, ['config']);
  engine.invalidateKey = () => {
    throw new Error('odd');
  };
  t.deepEqual(await plugin.call(backendService.invalidateKey, { key: 'config' }), {});
  t.deepEqual(await plugin.call(backendService.invalidateKey, { key: 'x' }, makeCall({ ids: ['unknown'] })), {});
  t.is(plugin.logger.messages('warn').length, 2);
});

test('cleanup, twice and for an unknown id, is answered; the engine and the connection end once', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  t.deepEqual(await plugin.call(backendService.cleanup, {}), {});
  t.deepEqual(await plugin.call(backendService.cleanup, {}), {});
  t.deepEqual(await plugin.call(backendService.cleanup, {}, makeCall({ ids: ['unknown'] })), {});
  t.is(engine.cleanupCount, 1);
  t.is(host.closeCount, 1);
});

test('cleanup aborts running calls, waits for them, and closes the connection last', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  engine.handleRequest = async ({ signal }) => {
    await t.throwsAsync(untilAborted(signal), { instanceOf: CancelledError, message: 'the mount is closing' });
    t.is(host.closeCount, 0);
    await engine.dependencies.storage.put({ storageKey: 'wal/1', value: new Uint8Array() });
    throw signal.reason as Error;
  };
  const request = plugin.request({});
  await nextTurn();
  await plugin.call(backendService.cleanup, {});
  t.is(host.closeCount, 1);
  t.true(host.values.has('wal/1'));
  const error = await t.throwsAsync(request, { instanceOf: GrpcStatusError });
  t.is(error.grpcCode, 1);
});

test('cleanup does not wait more than two seconds for an engine that hangs', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  engine.cleanup = () => new Promise(() => undefined);
  const cleanup = plugin.call(backendService.cleanup, {});
  await plugin.clock.advance(1999);
  t.is(host.closeCount, 0);
  await plugin.clock.advance(1);
  await cleanup;
  t.is(host.closeCount, 1);
  t.is(plugin.clock.pendingCount, 0);
});

test('cleanup of an engine that fails is answered all the same', async (t) => {
  const { plugin, engine, host } = await makeMounted();
  engine.cleanup = async () => {
    throw new Error('hunter2');
  };
  t.deepEqual(await plugin.call(backendService.cleanup, {}), {});
  t.is(host.closeCount, 1);
  t.deepEqual(plugin.logger.messages('warn'), ['cleanup failed']);
  t.false(plugin.logger.text().includes('hunter2'));
});

test('close ends every mount and refuses further ones', async (t) => {
  const plugin = new Plugin();
  await plugin.setUp(makeCall({ ids: ['a'] }), 1);
  await plugin.setUp(makeCall({ ids: ['b'] }), 2);
  await plugin.service.close();
  t.deepEqual([plugin.hosts.get(1)!.closeCount, plugin.hosts.get(2)!.closeCount], [1, 1]);
  t.not((await plugin.setUp(makeCall({ ids: ['c'] }), 3)).err, '');
  t.false(plugin.hosts.has(3));
});

test('a hundred calls at a time leave no listener behind', async (t) => {
  const { plugin, engine } = await makeMounted();
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  engine.handleRequest = async ({ storage }) => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => storage.get(`k${index}`)));
    return undefined;
  };
  await Promise.all(Array.from({ length: 100 }, () => plugin.request({})));
  await nextTurn();
  t.deepEqual(warnings, []);
});
