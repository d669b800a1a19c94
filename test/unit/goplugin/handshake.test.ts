/** src/goplugin/handshake.ts */
import test from 'ava';
import { HandshakeError } from '../../../src/errors.ts';
import { formatHandshake } from '../../../src/goplugin/handshake.ts';

const fields = {
  socketPath: '/tmp/plugin1',
  certificateDer: Uint8Array.from([0xfb, 0xff, 0xfe, 0x00]),
  isBrokerMultiplexingAsked: false,
};

test('handshake, plain host, has six fields and an unpadded certificate', (t) => {
  t.is(formatHandshake(fields), '1|5|unix|/tmp/plugin1|grpc|+//+AA\n');
});

test('handshake, multiplexing host, says no in the seventh field', (t) => {
  t.is(formatHandshake({ ...fields, isBrokerMultiplexingAsked: true }), '1|5|unix|/tmp/plugin1|grpc|+//+AA|false\n');
});

for (const socketPath of ['/tmp/a|b/plugin', '/tmp/a\nb/plugin', '/tmp/a\rb']) {
  test(`handshake, path ${JSON.stringify(socketPath)}, is refused`, (t) => {
    t.throws(() => formatHandshake({ ...fields, socketPath }), { instanceOf: HandshakeError });
  });
}
