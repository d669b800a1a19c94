/** The host connection on a real grpc-js client and server, on loopback. */
import grpc from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { openHostConnection } from '../../../src/bridge/grpc-unary-caller.ts';
import type { HostConnection, UnaryCallOptions } from '../../../src/bridge/unary-caller.ts';
import { CancelledError } from '../../../src/errors.ts';
import { storageService, type StorageGetArgs } from '../../../src/wire/generated/pb.ts';
import { toGrpcServiceDefinition } from '../../../src/wire/grpc-definition.ts';
import { GrpcStatusError } from '../../../src/wire/service.ts';

type GetHandler = grpc.handleUnaryCall<StorageGetArgs, object>;

async function connect(t: ExecutionContext, get: GetHandler): Promise<HostConnection> {
  const server = new grpc.Server();
  server.addService(toGrpcServiceDefinition(storageService), { get });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const connection = openHostConnection(new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure()));
  t.teardown(() => {
    connection.close();
    server.forceShutdown();
  });
  return connection;
}

function optionsOf(overrides: Partial<UnaryCallOptions> = {}): UnaryCallOptions {
  return { signal: new AbortController().signal, deadline: undefined, metadata: new Map(), ...overrides };
}

test('a call and its answer, with metadata and deadline', async (t) => {
  const deadline = new Date(Date.now() + 60_000);
  const connection = await connect(t, (call, callback) => {
    t.deepEqual(call.metadata.get('snapshot_id'), ['s1']);
    t.true(Math.abs(Number(call.getDeadline()) - deadline.getTime()) < 5_000);
    callback(null, { entry: { key: call.request.key, value: Buffer.from('v') } });
  });
  const reply = await connection.caller.call(
    storageService.get,
    { key: 'config' },
    optionsOf({ deadline, metadata: new Map([['snapshot_id', ['s1']]]) }),
  );
  t.is(reply.entry?.key, 'config');
  t.is(Buffer.from(reply.entry?.value ?? []).toString(), 'v');
});

test('without a deadline the host sees none', async (t) => {
  const connection = await connect(t, (call, callback) => {
    t.is(call.getDeadline(), Infinity);
    callback(null, {});
  });
  await connection.caller.call(storageService.get, {}, optionsOf());
});

test("a status: its code and the host's text", async (t) => {
  const connection = await connect(t, (_, callback) =>
    callback({ code: grpc.status.UNKNOWN, details: 'missing storage implementation' }),
  );
  const error = await t.throwsAsync(connection.caller.call(storageService.get, {}, optionsOf()), {
    instanceOf: GrpcStatusError,
    message: 'missing storage implementation',
  });
  t.is(error.grpcCode, 2);
});

test('a method that the host lacks: status UNIMPLEMENTED', async (t) => {
  const connection = await connect(t, (_, callback) => callback(null, {}));
  const error = await t.throwsAsync(connection.caller.call(storageService.listPage, {}, optionsOf()), {
    instanceOf: GrpcStatusError,
  });
  t.is(error.grpcCode, 12);
});

test('cancelled on the way: the host sees it, and the reason comes back', async (t) => {
  const controller = new AbortController();
  const reason = new CancelledError('the mount is closing');
  let seen: () => void = () => undefined;
  const cancelled = new Promise<void>((resolve) => (seen = resolve));
  const connection = await connect(t, (call) => {
    call.on('cancelled', seen);
    controller.abort(reason);
  });
  const error = await t.throwsAsync(
    connection.caller.call(storageService.get, {}, optionsOf({ signal: controller.signal })),
  );
  t.is(error, reason);
  await cancelled;
});

test('cancelled before: the host is not called', async (t) => {
  const connection = await connect(t, () => t.fail());
  const reason = new CancelledError();
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(connection.caller.call(storageService.get, {}, optionsOf({ signal }))), reason);
});

test('the deadline passes: status DEADLINE_EXCEEDED', async (t) => {
  const connection = await connect(t, () => undefined);
  const deadline = new Date(Date.now() + 50);
  const error = await t.throwsAsync(connection.caller.call(storageService.get, {}, optionsOf({ deadline })), {
    instanceOf: GrpcStatusError,
  });
  t.is(error.grpcCode, 4);
});

test('closed, also twice: further calls fail', async (t) => {
  const connection = await connect(t, (_, callback) => callback(null, {}));
  await connection.caller.call(storageService.get, {}, optionsOf());
  connection.close();
  connection.close();
  await t.throwsAsync(connection.caller.call(storageService.get, {}, optionsOf()));
});
