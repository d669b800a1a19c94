/** The request algorithm: what of a request reaches a handler, and what becomes of its answer. */
import test from 'ava';
import {
  InternalError,
  InvalidRequestError,
  NotSupportedByHostError,
  StorageError,
  UnsupportedOperationError,
  UnsupportedPathError,
} from '../../../src/errors.ts';
import { createFrameworkBackend, type BackendSpec } from '../../../src/framework/backend.ts';
import { field } from '../../../src/framework/field-schema.ts';
import { definePath, genericNameRegex, type Path } from '../../../src/framework/path.ts';
import { ReplicationState, type Backend, type Response } from '../../../src/logical/index.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { FakeSystemView } from '../../helpers/fake-system-view.ts';
import { makeRequest } from '../../helpers/requests.ts';
import { TestLogger } from '../../helpers/test-logger.ts';

function makeBackend(spec: Partial<BackendSpec>, logger = new TestLogger()): Backend {
  return createFrameworkBackend({ help: 'An engine.', paths: [], ...spec }, { clock: new FakeClock(), logger });
}

/** A path whose every operation answers `answer`. */
function rolePath(answer: Response | undefined, overrides: { takesArbitraryInput?: boolean } = {}): Path {
  const operation = { summary: 's', handler: async () => answer };
  return definePath({
    pattern: `roles/${genericNameRegex('name')}`,
    fields: { name: field.string({ description: '' }), ttl: field.durationSecond({ description: '' }) },
    synopsis: '',
    description: '',
    existenceCheck: async (request) => request.fields.name === 'there',
    operations: { create: operation, read: operation, update: operation, delete: operation, patch: operation },
    ...overrides,
  });
}

const ignoredWarning = 'Endpoint ignored these unrecognized parameters: [abc tll zzz]';
const replacedWarning =
  "Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [name]";
const sloppyData: JsonObject = { tll: 5, zzz: null, name: 'other', abc: 1, ttl: 6 };

test("request: unknown and replaced names: told after the response's own warnings", async (t) => {
  const backend = makeBackend({ paths: [rolePath({ data: { a: 1 }, warnings: ['own'] })] });
  const response = await backend.handleRequest(
    makeRequest({ operation: 'update', path: 'roles/app', data: sloppyData }),
  );
  t.deepEqual(response, { data: { a: 1 }, warnings: ['own', ignoredWarning, replacedWarning] });
});

test('request: nothing unknown or replaced: no warnings at all', async (t) => {
  const backend = makeBackend({ paths: [rolePath({ data: { a: 1 } })] });
  const request = makeRequest({ operation: 'update', path: 'roles/app', data: { ttl: 1, name: null } });
  t.deepEqual(await backend.handleRequest(request), { data: { a: 1 } });
});

test('request: unknown names, and the handler has nothing to say: a write answers with the warning', async (t) => {
  const backend = makeBackend({ paths: [rolePath(undefined)] });
  for (const operation of ['create', 'update', 'patch']) {
    const response = await backend.handleRequest(makeRequest({ operation, path: 'roles/app', data: sloppyData }));
    t.deepEqual(response, { warnings: [ignoredWarning, replacedWarning] }, operation);
  }
  for (const operation of ['read', 'delete']) {
    const response = await backend.handleRequest(makeRequest({ operation, path: 'roles/app', data: sloppyData }));
    t.is(response, undefined, operation);
  }
});

test('request: only replaced names, and the handler has nothing to say: nothing', async (t) => {
  const backend = makeBackend({ paths: [rolePath(undefined)] });
  const request = makeRequest({ operation: 'update', path: 'roles/app', data: { name: 'other' } });
  t.is(await backend.handleRequest(request), undefined);
});

test('request: path that takes arbitrary input: no name is unknown', async (t) => {
  const backend = makeBackend({ paths: [rolePath({ data: {} }, { takesArbitraryInput: true })] });
  const request = makeRequest({ operation: 'update', path: 'roles/app', data: { anything: 1 } });
  t.deepEqual(await backend.handleRequest(request), { data: {} });
});

test('request: names of a prototype in the body: unknown like any other', async (t) => {
  const backend = makeBackend({ paths: [rolePath({ data: {} })] });
  const data = JSON.parse('{"__proto__":{"ttl":"x"},"constructor":1,"toString":2}') as JsonObject;
  const response = await backend.handleRequest(makeRequest({ operation: 'update', path: 'roles/app', data }));
  t.deepEqual(response?.warnings, ['Endpoint ignored these unrecognized parameters: [__proto__ constructor toString]']);
});

test('request: no such path, or no such operation: told apart', async (t) => {
  const backend = makeBackend({ paths: [rolePath(undefined)] });
  for (const operation of ['read', 'create', 'help', 'alias-lookahead']) {
    await t.throwsAsync(backend.handleRequest(makeRequest({ operation, path: 'nowhere' })), {
      instanceOf: UnsupportedPathError,
    });
  }
  for (const operation of ['list', 'scan', 'header', 'recover', 'something-new', 'toString']) {
    await t.throwsAsync(backend.handleRequest(makeRequest({ operation, path: 'roles/app' })), {
      instanceOf: UnsupportedOperationError,
    });
  }
});

test("request: a field that does not fit: the user's mistake", async (t) => {
  const backend = makeBackend({ paths: [rolePath(undefined)] });
  const request = makeRequest({ operation: 'update', path: 'roles/app', data: { ttl: -1 } });
  await t.throwsAsync(backend.handleRequest(request), {
    instanceOf: InvalidRequestError,
    message: 'Field validation failed: error converting input for field "ttl": cannot provide negative value \'-1\'',
  });
});

test('existence check: found, not found, none defined', async (t) => {
  const unchecked = definePath({ pattern: 'x', fields: {}, synopsis: '', description: '', operations: {} });
  const backend = makeBackend({ paths: [rolePath(undefined), unchecked] });
  const check = async (path: string): Promise<unknown> =>
    backend.handleExistenceCheck(makeRequest({ operation: 'update', path, data: { name: 'ignored' } }));
  t.deepEqual(await check('roles/there'), { isCheckFound: true, exists: true });
  t.deepEqual(await check('roles/away'), { isCheckFound: true, exists: false });
  t.deepEqual(await check('x'), { isCheckFound: false, exists: false });
});

test('existence check: no path, bad field, wrong operation: each its own failure', async (t) => {
  const backend = makeBackend({ paths: [rolePath(undefined)] });
  await t.throwsAsync(backend.handleExistenceCheck(makeRequest({ operation: 'create', path: 'nowhere' })), {
    instanceOf: UnsupportedPathError,
  });
  const request = makeRequest({ operation: 'create', path: 'roles/a', data: { ttl: 'x' } });
  await t.throwsAsync(backend.handleExistenceCheck(request), {
    instanceOf: InvalidRequestError,
    message: 'error converting input for field "ttl": time: invalid duration "x"',
  });
  await t.throwsAsync(backend.handleExistenceCheck(makeRequest({ operation: 'read', path: 'roles/a' })), {
    instanceOf: InternalError,
    message: 'incorrect operation type read for an existence check',
  });
});

test('forwarding: flagged operation on a standby or secondary: refused before the handler runs', async (t) => {
  let calls = 0;
  const path = definePath({
    pattern: 'creds',
    fields: { n: field.int({ description: '' }) },
    synopsis: '',
    description: '',
    operations: {
      read: {
        summary: '',
        forwardPerformanceStandby: true,
        forwardPerformanceSecondary: true,
        handler: async () => void (calls += 1),
      },
      update: { summary: '', handler: async () => void (calls += 1) },
    },
  });
  const backend = makeBackend({ paths: [path] });
  const { performanceStandby, performanceSecondary, performancePrimary } = ReplicationState;
  const table: readonly (readonly [operation: string, bits: number, isLocal: boolean, isForwarded: boolean])[] = [
    ['read', performanceStandby, false, true],
    ['read', performanceSecondary, false, true],
    ['read', performanceSecondary, true, false],
    ['read', performanceSecondary | performanceStandby, true, true],
    ['read', performancePrimary, false, false],
    ['read', 0, false, false],
    ['update', performanceStandby, false, false],
    ['update', performanceSecondary, false, false],
  ];
  for (const [operation, bits, isLocal, isForwarded] of table) {
    calls = 0;
    const systemView = new FakeSystemView();
    systemView.replication = bits;
    systemView.localMount = isLocal;
    const answer = backend.handleRequest(makeRequest({ operation, path: 'creds', systemView }));
    if (isForwarded) {
      await t.throwsAsync(answer, { instanceOf: StorageError, message: 'cannot write to readonly storage' });
    } else await t.notThrowsAsync(answer);
    t.is(calls, isForwarded ? 0 : 1);
  }
});

test('forwarding: host does not tell its state: handled here; host fails: so does the request', async (t) => {
  const path = definePath({
    pattern: 'creds',
    fields: {},
    synopsis: '',
    description: '',
    operations: { read: { summary: '', forwardPerformanceStandby: true, handler: async () => ({ data: {} }) } },
  });
  const backend = makeBackend({ paths: [path] });
  const systemView = new FakeSystemView();
  systemView.failure = new NotSupportedByHostError('no');
  t.deepEqual(await backend.handleRequest(makeRequest({ path: 'creds', systemView })), { data: {} });
  systemView.failure = new InternalError('gone');
  await t.throwsAsync(backend.handleRequest(makeRequest({ path: 'creds', systemView })), { message: 'gone' });
});

test('rotate: with and without a rotation of the engine', async (t) => {
  const paths: string[] = [];
  const backend = makeBackend({ rotate: async (request) => void paths.push(request.path) });
  t.deepEqual(await backend.handleRequest(makeRequest({ operation: 'rotate', path: 'static-roles/a' })), {});
  t.deepEqual(paths, ['static-roles/a']);
  await t.throwsAsync(makeBackend({}).handleRequest(makeRequest({ operation: 'rotate', path: 'x' })), {
    instanceOf: UnsupportedOperationError,
  });
});

test('life: initialize, invalidate, cleanup: handed on; cleanup once; a failing invalidation only logged', async (t) => {
  const events: string[] = [];
  const logger = new TestLogger();
  const backend = makeBackend(
    {
      initialize: async () => void events.push('initialize'),
      invalidate: (storageKey) => {
        events.push(`invalidate ${storageKey}`);
        throw new Error('broken');
      },
      cleanup: () => void events.push('cleanup'),
    },
    logger,
  );
  const { storage, systemView, signal, deadline } = makeRequest();
  await backend.initialize({ storage, systemView, signal, deadline });
  backend.invalidateKey('config');
  await Promise.all([backend.cleanup(), backend.cleanup()]);
  await backend.cleanup();
  t.deepEqual(events, ['initialize', 'invalidate config', 'cleanup']);
  t.deepEqual(logger.messages('error'), ['invalidation failed']);
});

test('life: an engine with none of it: nothing happens', async (t) => {
  const backend = makeBackend({});
  const { storage, systemView, signal, deadline } = makeRequest();
  await backend.initialize({ storage, systemView, signal, deadline });
  backend.invalidateKey('config');
  await backend.cleanup();
  t.deepEqual(backend.specialPaths, { root: [], unauthenticated: [], localStorage: [], sealWrapStorage: [] });
  t.is(await backend.handleRequest(makeRequest({ operation: 'rollback' })), undefined);
});

test('special paths: partly given: the rest is empty', (t) => {
  const { specialPaths } = makeBackend({ specialPaths: { localStorage: ['wal/'] } });
  t.deepEqual(specialPaths, { root: [], unauthenticated: [], localStorage: ['wal/'], sealWrapStorage: [] });
});
