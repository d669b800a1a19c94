/** src/goplugin/server.ts, grpc-call.ts and serve-call.ts, host-dialer.ts, health.ts, stdio.ts, controller.ts over a real socket. */
import test, { type ExecutionContext } from 'ava';
import { credentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CancelledError, DeadlineError } from '../../../src/errors.ts';
import { createTlsIdentity } from '../../../src/goplugin/certificate.ts';
import { createControllerService } from '../../../src/goplugin/controller.ts';
import { createHealthService } from '../../../src/goplugin/health.ts';
import { createHostDialer } from '../../../src/goplugin/host-dialer.ts';
import { createPluginServer, type PluginServer } from '../../../src/goplugin/server.ts';
import { openSocket } from '../../../src/goplugin/socket.ts';
import { createStdioService } from '../../../src/goplugin/stdio.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { pluginVersionService } from '../../../src/wire/generated/logical.ts';
import { grpcBrokerService, grpcControllerService } from '../../../src/wire/generated/plugin.ts';
import { healthService } from '../../../src/wire/generated/health.ts';
import { toGrpcMethodDefinition } from '../../../src/wire/grpc-definition.ts';
import { bindService, GrpcStatusError, type BoundService, type ServerCall } from '../../../src/wire/service.ts';

const host = createTlsIdentity(new Date());
const plugin = createTlsIdentity(new Date());

interface Started {
  readonly server: PluginServer;
  readonly socketPath: string;
  readonly hostConnection: Client;
}

async function start(t: ExecutionContext, services: readonly BoundService[]): Promise<Started> {
  const folder = mkdtempSync(path.join(tmpdir(), 'server-test-'));
  const server = createPluginServer(services, plugin, host.certificatePem, systemClock);
  const socket = await openSocket(folder, undefined);
  socket.serve(server.accept);
  const socketPath = socket.path;
  // The dialer is symmetric: here it plays the host.
  const dial = createHostDialer(host, plugin.certificatePem, systemClock);
  const hostConnection = await dial({ network: 'unix', address: socketPath });
  t.teardown(() => {
    hostConnection.close();
    server.close();
    socket.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { server, socketPath, hostConnection };
}

interface CallOptions {
  readonly metadata?: Metadata;
  readonly onCall?: (cancel: () => void) => void;
}

function callVersion(hostConnection: Client, options: CallOptions = {}): Promise<string> {
  const method = toGrpcMethodDefinition(pluginVersionService.version);
  return new Promise((resolve, reject) => {
    const call = hostConnection.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      {},
      options.metadata ?? new Metadata(),
      (error, reply) => {
        if (error === null) resolve((reply as { pluginVersion: string }).pluginVersion);
        else reject(error);
      },
    );
    options.onCall?.(() => call.cancel());
  });
}

const versionService = (handle: (call: ServerCall) => Promise<{ pluginVersion: string }>): BoundService =>
  bindService(pluginVersionService, { version: async (_request, call) => handle(call) });

test('unary call, answered, carries metadata in and the message out', async (t) => {
  const { hostConnection } = await start(t, [
    versionService(async ({ metadata, deadline }) => ({
      pluginVersion: JSON.stringify([metadata.get('multiplex_id'), metadata.get('raw-bin'), deadline ?? null]),
    })),
  ]);
  const metadata = new Metadata();
  metadata.add('multiplex_id', 'a');
  metadata.add('raw-bin', Buffer.from([1]));
  t.deepEqual(JSON.parse(await callVersion(hostConnection, { metadata })), [['a'], null, null]);
});

test('unary call, deadline set, reaches the handler and ends its signal with DeadlineError', async (t) => {
  let reason: unknown;
  let remainingMs = Infinity;
  const { hostConnection } = await start(t, [
    versionService(
      async ({ signal, deadline }) =>
        new Promise(() => {
          remainingMs = Number(deadline) - Date.now();
          signal.addEventListener('abort', () => (reason = signal.reason));
        }),
    ),
  ]);
  // As a header and not as the caller's own deadline: only the server's timer is under test.
  const metadata = new Metadata();
  metadata.set('grpc-timeout', '300m');
  const error = await t.throwsAsync<ServiceError>(callVersion(hostConnection, { metadata }));
  t.is(error.code, 4);
  await until(() => reason !== undefined);
  t.true(reason instanceof DeadlineError);
  t.true(remainingMs <= 300);
});

test('unary call, cancelled by the host, ends its signal with CancelledError', async (t) => {
  let reason: unknown;
  let cancel = (): void => undefined;
  const { hostConnection } = await start(t, [
    versionService(
      async ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (reason = signal.reason));
          cancel();
        }),
    ),
  ]);
  const error = await t.throwsAsync<ServiceError>(
    callVersion(hostConnection, { onCall: (cancelCall) => (cancel = cancelCall) }),
  );
  t.is(error.code, 1);
  await until(() => reason !== undefined);
  t.true(reason instanceof CancelledError);
});

test('unary call, answered, does not abort its signal afterwards', async (t) => {
  let signal: AbortSignal | undefined;
  const { hostConnection } = await start(t, [
    versionService(async (call) => {
      signal = call.signal;
      return { pluginVersion: 'v1.0.0' };
    }),
  ]);
  await callVersion(hostConnection);
  hostConnection.close();
  await callVersionTwiceLater();
  t.false(signal?.aborted);
});

/** Gives the end of a finished stream time to be noticed: two turns of the loop after the connection's close. */
async function callVersionTwiceLater(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

for (const [title, thrown, code, details] of [
  ['plain error', new Error('broken'), 2, 'broken'],
  ['status error', new GrpcStatusError(12, 'not here'), 12, 'not here'],
  ['text with an unpaired surrogate', new Error('a\ud800b'), 2, 'a\ufffdb'],
  ['long text', new Error('x'.repeat(1_000_000)), 2, `${'x'.repeat(8_192)}…[cut]`],
] as const) {
  test(`unary call, handler throws ${title}, becomes a status`, async (t) => {
    const { hostConnection } = await start(t, [versionService(() => Promise.reject(thrown))]);
    const error = await t.throwsAsync<ServiceError>(callVersion(hostConnection));
    t.is(error.code, code);
    t.is(error.details, details);
  });
}

test('unary call, handler throws before its promise, becomes a status', async (t) => {
  const { hostConnection } = await start(t, [
    versionService(() => {
      throw new Error('at once');
    }),
  ]);
  t.is((await t.throwsAsync<ServiceError>(callVersion(hostConnection))).details, 'at once');
});

test('unary call, more in the metadata than a text, reads as absent', async (t) => {
  const { hostConnection } = await start(t, [
    versionService(async ({ metadata }) => ({ pluginVersion: JSON.stringify(metadata.get('not-there') ?? 'absent') })),
  ]);
  t.is(await callVersion(hostConnection), '"absent"');
});

test('unary call, deadline that is none, is refused', async (t) => {
  const { hostConnection } = await start(t, [versionService(async () => ({ pluginVersion: 'v1' }))]);
  const metadata = new Metadata();
  metadata.set('grpc-timeout', 'soon');
  const error = await t.throwsAsync<ServiceError>(callVersion(hostConnection, { metadata }));
  t.is(error.code, 13);
  t.is(error.details, 'invalid grpc-timeout "soon"');
});

test('unary call, method that nobody serves, is refused and leaves the connection usable', async (t) => {
  const { hostConnection } = await start(t, [versionService(async () => ({ pluginVersion: 'v1' }))]);
  const method = toGrpcMethodDefinition(healthService.check);
  const call = (): Promise<never> =>
    new Promise((_, reject) => {
      hostConnection.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        { service: 'x'.repeat(100_000) },
        (error) => reject(error ?? new Error('answered')),
      );
    });
  // More bytes than the connection's window: unread ones would stop it.
  for (let round = 0; round < 3; round += 1) t.is((await t.throwsAsync<ServiceError>(call())).code, 12);
  t.is(await callVersion(hostConnection), 'v1');
});

test('unary call, message that cannot be read, is refused', async (t) => {
  const { hostConnection } = await start(t, [createHealthService()]);
  const error = await new Promise<ServiceError | null>((resolve) => {
    hostConnection.makeUnaryRequest(
      healthService.check.path,
      () => Buffer.from([0x0a, 0x7f, 0x01]),
      () => ({}),
      {},
      (failure) => resolve(failure),
    );
  });
  t.is(error?.code, 13);
  t.is(error?.details, 'the message cannot be read');
});

test('unary call, answer that does not fit its message, becomes a status', async (t) => {
  const { hostConnection } = await start(t, [
    versionService(async () => ({ pluginVersion: Symbol('no text') as unknown as string })),
  ]);
  const error = await t.throwsAsync<ServiceError>(callVersion(hostConnection));
  t.is(error.code, 2);
  t.regex(error.details, /cannot encode/);
});

test('pending calls, failed, are answered and their late answers ignored', async (t) => {
  let answer = undefined as ((reply: { pluginVersion: string }) => void) | undefined;
  const { hostConnection, server } = await start(t, [
    versionService(
      async () =>
        new Promise((resolve) => {
          answer = resolve;
          setImmediate(() => server.failPendingCalls({ code: 13, details: 'plugin crashed: boom' }));
        }),
    ),
  ]);
  const error = await t.throwsAsync<ServiceError>(callVersion(hostConnection));
  t.is(error.code, 13);
  t.is(error.details, 'plugin crashed: boom');
  t.notThrows(() => answer?.({ pluginVersion: 'late' }));
});

test('pending calls, failed with a text too long for a header, are answered and leave the connection usable', async (t) => {
  const { hostConnection, server } = await start(t, [
    versionService(async ({ metadata }) => {
      if (metadata.get('quick') !== undefined) return { pluginVersion: 'v1' };
      setImmediate(() => server.failPendingCalls({ code: 13, details: `plugin crashed: ${'"'.repeat(100_000)}` }));
      return new Promise(() => undefined);
    }),
  ]);
  const error = await t.throwsAsync<ServiceError>(callVersion(hostConnection));
  t.is(error.code, 13);
  t.regex(error.details, /^plugin crashed: "+…\[cut\]$/);
  const metadata = new Metadata();
  metadata.set('quick', 'yes');
  t.is(await callVersion(hostConnection, { metadata }), 'v1');
});

test('server, closed, breaks the connection', async (t) => {
  let isCalled = false;
  const { server, hostConnection } = await start(t, [
    versionService(async () => {
      isCalled = true;
      return new Promise(() => undefined);
    }),
  ]);
  const call = t.throwsAsync<ServiceError>(callVersion(hostConnection));
  await until(() => isCalled);
  server.close();
  t.is((await call).code, 14);
});

test('server, caller without or with a foreign certificate, is refused', async (t) => {
  const { socketPath } = await start(t, [versionService(async () => ({ pluginVersion: 'v1' }))]);
  const stranger = createTlsIdentity(new Date());
  const root = Buffer.from(plugin.certificatePem);
  for (const channelCredentials of [
    credentials.createSsl(root),
    credentials.createSsl(root, Buffer.from(stranger.privateKeyPem), Buffer.from(stranger.certificatePem)),
    credentials.createInsecure(),
  ]) {
    const connection = new Client(`unix:${socketPath}`, channelCredentials);
    t.teardown(() => connection.close());
    t.is((await t.throwsAsync<ServiceError>(callVersion(connection))).code, 14);
  }
});

test('dialer, host serves a foreign certificate, fails within the limit', async (t) => {
  const { socketPath } = await start(t, []);
  const stranger = createTlsIdentity(new Date());
  const dial = createHostDialer(host, stranger.certificatePem, systemClock);
  await t.throwsAsync(dial({ network: 'unix', address: socketPath }), { message: /cannot reach the host/ });
});

test('dialer, unknown network, is refused by name', async (t) => {
  const dial = createHostDialer(host, plugin.certificatePem, systemClock);
  await t.throwsAsync(dial({ network: 'udp', address: 'x' }), { message: /unknown address type: udp/ });
});

test('health, known and unknown services, are told apart', async (t) => {
  const { hostConnection } = await start(t, [createHealthService()]);
  const method = toGrpcMethodDefinition(healthService.check);
  const check = (service: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      hostConnection.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        { service },
        (error, reply) => (error === null ? resolve(reply) : reject(error)),
      );
    });
  t.deepEqual(await check('plugin'), { status: 1 });
  t.deepEqual(await check(''), { status: 1 });
  t.is((await t.throwsAsync<ServiceError>(check('other') as Promise<never>)).code, 5);
});

test('health, watched, tells once and stays open until the host ends it', async (t) => {
  const { hostConnection } = await start(t, [createHealthService()]);
  const method = toGrpcMethodDefinition(healthService.watch);
  const stream = hostConnection.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    { service: 'plugin' },
  );
  const answers: object[] = [];
  stream.on('data', (answer: object) => answers.push(answer));
  const ended = new Promise<ServiceError>((resolve) => stream.on('error', (error: ServiceError) => resolve(error)));
  await until(() => answers.length > 0);
  stream.cancel();
  t.is((await ended).code, 1);
  t.deepEqual(answers, [{ status: 1 }]);
});

for (const [title, thrown, code] of [
  ['ends', undefined, 0],
  ['fails', new GrpcStatusError(5, 'gone'), 5],
] as const) {
  test(`stream of both sides, handler ${title} after its answers, sends them and then its status`, async (t) => {
    const received: number[] = [];
    const { hostConnection } = await start(t, [
      bindService(grpcBrokerService, {
        startStream: async (requests, _call, answers) => {
          for await (const { serviceId } of requests) {
            received.push(serviceId);
            answers.write({ serviceId: serviceId + 1 });
          }
          if (thrown !== undefined) throw thrown;
        },
      }),
    ]);
    const method = toGrpcMethodDefinition(grpcBrokerService.startStream);
    const stream = hostConnection.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
    );
    const answers: object[] = [];
    stream.on('data', (answer: object) => answers.push(answer));
    stream.on('error', () => undefined);
    const status = new Promise<number>((resolve) => stream.on('status', ({ code: ended }) => resolve(ended)));
    stream.write({ serviceId: 1 });
    stream.write({ serviceId: 7 });
    stream.end();
    t.is(await status, code);
    t.deepEqual(received, [1, 7]);
    t.deepEqual(
      answers.map((answer) => (answer as { serviceId: number }).serviceId),
      [2, 8],
    );
  });
}

test('shutdown, asked for, is answered', async (t) => {
  let calls = 0;
  const { hostConnection } = await start(t, [createControllerService(() => (calls += 1)), createStdioService()]);
  const method = toGrpcMethodDefinition(grpcControllerService.shutdown);
  await new Promise<void>((resolve, reject) => {
    hostConnection.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, {}, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  t.is(calls, 1);
});

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
}
