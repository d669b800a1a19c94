/** src/goplugin/message-queue.ts */
import test from 'ava';
import { createMessageQueue } from '../../../src/goplugin/message-queue.ts';

test('queue, pushed before and while reading, delivers in order and ends', async (t) => {
  const queue = createMessageQueue<number>();
  queue.push(1);
  queue.push(2);
  const seen: number[] = [];
  for await (const message of queue) {
    seen.push(message);
    if (message === 2) setImmediate(() => queue.push(3));
    if (message === 3) setImmediate(queue.end);
  }
  t.deepEqual(seen, [1, 2, 3]);
});

test('queue, ended, delivers what came before and nothing after', async (t) => {
  const queue = createMessageQueue<string>();
  queue.push('before');
  queue.end();
  queue.push('after');
  const seen: string[] = [];
  for await (const message of queue) seen.push(message);
  t.deepEqual(seen, ['before']);
});
