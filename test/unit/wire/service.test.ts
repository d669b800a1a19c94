/** Services as data, against what proto-loader reads from the same files. */
import test from 'ava';
import * as health from '../../../src/wire/generated/health.ts';
import * as plugin from '../../../src/wire/generated/plugin.ts';
import * as pb from '../../../src/wire/generated/pb.ts';
import { toGrpcServiceDefinition } from '../../../src/wire/grpc-definition.ts';
import { makeServerCall } from '../../helpers/server-call.ts';
import { bindService, GrpcCode, GrpcStatusError } from '../../../src/wire/service.ts';
import { ourServices, peerServices } from '../../helpers/wire-peer.ts';

test('services have the methods, paths, streams and messages that proto-loader sees', (t) => {
  t.is(ourServices.size, peerServices.size);
  for (const [serviceName, peer] of peerServices) {
    const ours = ourServices.get(`/${serviceName}/`)!;
    const described = Object.values(ours).map(({ path, requestStream, responseStream, request, response }) => ({
      path,
      requestStream,
      responseStream,
      request: request.name.split('.').at(-1),
      response: response.name.split('.').at(-1),
    }));
    const expected = Object.values(peer).map(({ path, requestStream, responseStream, requestType, responseType }) => ({
      path,
      requestStream,
      responseStream,
      request: (requestType.type as { name: string }).name,
      response: (responseType.type as { name: string }).name,
    }));
    t.deepEqual(described, expected, serviceName);
  }
});

test('the grpc-js definition of a method speaks the same bytes as its codecs', (t) => {
  const definition = toGrpcServiceDefinition(pb.storageService);
  const get = definition['get']!;
  t.is(get.path, '/pb.Storage/Get');
  const bytes = get.requestSerialize({ key: 'config' });
  t.true(Buffer.isBuffer(bytes));
  t.deepEqual(get.requestDeserialize(bytes), { key: 'config', txn: '' });
  const reply = get.responseSerialize({ err: 'no' });
  t.deepEqual(get.responseDeserialize(reply), { entry: undefined, err: 'no' });
});

test('a bound service knows the kind of each handler', async (t) => {
  const call = makeServerCall();
  const bound = bindService(health.healthService, {
    check: async ({ service }) => ({
      status: service === 'plugin' ? health.HealthCheckResponseServingStatus.serving : 0,
    }),
    watch: async (_, _call, answers) => answers.write({ status: 1 }),
  });
  const check = bound.methods.get('check')!;
  if (check.kind !== 'unary') throw new Error('unary expected');
  t.deepEqual(await check.handle({ service: 'plugin' }, call), { status: 1 });
  const watch = bound.methods.get('watch')!;
  if (watch.kind !== 'serverStream') throw new Error('server stream expected');
  const written: object[] = [];
  await watch.handle({ service: '' }, call, { write: (message) => written.push(message) });
  t.deepEqual(written, [{ status: 1 }]);
  const broker = bindService(plugin.grpcBrokerService, { startStream: async () => undefined });
  t.is(broker.methods.get('startStream')!.kind, 'bidiStream');
});

test('a gRPC status error carries its code and text', (t) => {
  const error = new GrpcStatusError(GrpcCode.notFound, 'unknown service');
  t.is(error.grpcCode, 5);
  t.is(error.message, 'unknown service');
  t.is(error.name, 'GrpcStatusError');
});
