/** src/goplugin/message-frames.ts */
import test from 'ava';
import fc from 'fast-check';
import { frameMessage, MessageReader } from '../../../src/goplugin/message-frames.ts';

const seed = 20_260_101;

test('frames, any messages cut anywhere, come out as they went in', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      fc.array(fc.nat(300), { maxLength: 12 }),
      (messages, cuts) => {
        const bytes = Buffer.concat(messages.map((message) => frameMessage(message)));
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const reader = new MessageReader();
        const read = bounds.flatMap((end, index) => reader.read(bytes.subarray(bounds[index - 1] ?? 0, end)));
        t.deepEqual(
          read.map((message) => [...message]),
          messages.map((message) => [...message]),
        );
      },
    ),
    { seed },
  );
});

test('frames, a message marked as compressed, is refused as not supported', (t) => {
  const framed = frameMessage(Buffer.from('abc'));
  framed[0] = 1;
  t.throws(() => new MessageReader().read(framed), { message: /compressed/ });
});
