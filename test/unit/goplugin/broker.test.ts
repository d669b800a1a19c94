/** src/goplugin/broker.ts: announcements and claims in either order. */
import test from 'ava';
import { InternalError } from '../../../src/errors.ts';
import { createBroker, type Broker } from '../../../src/goplugin/broker.ts';
import { createMessageQueue } from '../../../src/goplugin/message-queue.ts';
import { FakeClock, nextTurn } from '../../helpers/fake-clock.ts';
import { makeServerCall } from '../../helpers/server-call.ts';

function openBroker(): {
  broker: Broker;
  clock: FakeClock;
  announce: (serviceId: number, address: string) => Promise<void>;
  endStream: () => Promise<void>;
  countEnds: () => number;
} {
  const clock = new FakeClock();
  let ends = 0;
  const broker = createBroker(clock, () => (ends += 1));
  const method = broker.boundService.methods.get('startStream');
  if (method?.kind !== 'bidiStream') throw new Error('startStream is a stream both ways');
  const requests = createMessageQueue<unknown>();
  void method.handle(requests, makeServerCall(), { write: () => undefined });
  return {
    broker,
    clock,
    announce: async (serviceId, address) => {
      requests.push({ serviceId, network: 'unix', address, knock: undefined });
      await nextTurn();
    },
    endStream: async () => {
      requests.end();
      await nextTurn();
    },
    countEnds: () => ends,
  };
}

test('broker, announced before the claim, answers at once', async (t) => {
  const { broker, announce, clock } = openBroker();
  await announce(1, '/tmp/a');
  t.deepEqual(await broker.takeConnectionInfo(1), { network: 'unix', address: '/tmp/a' });
  t.is(clock.pendingCount, 0);
});

test('broker, claimed before the announcement, waits for its own id', async (t) => {
  const { broker, announce, clock } = openBroker();
  const claim = broker.takeConnectionInfo(2);
  await announce(1, '/tmp/a');
  await announce(2, '/tmp/b');
  t.deepEqual(await claim, { network: 'unix', address: '/tmp/b' });
  t.is(clock.pendingCount, 0);
});

test('broker, no announcement within five seconds, fails with the text that hosts know', async (t) => {
  const { broker, clock } = openBroker();
  const claim = t.throwsAsync(broker.takeConnectionInfo(1), {
    instanceOf: InternalError,
    message: 'timeout waiting for connection info',
  });
  await clock.advance(4_999);
  t.is(clock.pendingCount, 1);
  await clock.advance(1);
  await claim;
});

test('broker, announcement after the limit, serves a second claim', async (t) => {
  const { broker, clock, announce } = openBroker();
  const claim = t.throwsAsync(broker.takeConnectionInfo(1));
  await clock.advance(5_000);
  await claim;
  await announce(1, '/tmp/late');
  t.is((await broker.takeConnectionInfo(1)).address, '/tmp/late');
});

test('broker, one announcement, is used up by one claim', async (t) => {
  const { broker, announce, clock } = openBroker();
  await announce(1, '/tmp/a');
  await broker.takeConnectionInfo(1);
  const second = t.throwsAsync(broker.takeConnectionInfo(1));
  await clock.advance(5_000);
  await second;
});

test('broker, announcements never claimed, keeps only the latest', async (t) => {
  const { broker, announce, clock } = openBroker();
  for (let id = 1; id <= 300; id += 1) await announce(id, `/tmp/${id}`);
  t.is((await broker.takeConnectionInfo(300)).address, '/tmp/300');
  t.is((await broker.takeConnectionInfo(45)).address, '/tmp/45');
  const dropped = t.throwsAsync(broker.takeConnectionInfo(44));
  await clock.advance(5_000);
  await dropped;
});

test('broker, stream ended by the host, says so once', async (t) => {
  const { endStream, countEnds } = openBroker();
  t.is(countEnds(), 0);
  await endStream();
  t.is(countEnds(), 1);
});
