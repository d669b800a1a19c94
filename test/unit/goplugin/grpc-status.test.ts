/** src/goplugin/grpc-status.ts */
import test from 'ava';
import { InternalError } from '../../../src/errors.ts';
import { encodeDetails, toGrpcStatus } from '../../../src/goplugin/grpc-status.ts';
import { GrpcStatusError } from '../../../src/wire/service.ts';

test('status, of a status error, keeps code and text', (t) => {
  t.deepEqual(toGrpcStatus(new GrpcStatusError(5, 'unknown service')), { code: 5, details: 'unknown service' });
});

for (const [thrown, details] of [
  [new InternalError('broken'), 'broken'],
  [new TypeError('wrong'), 'wrong'],
  ['text', 'text'],
  [undefined, 'unknown error'],
] as const) {
  test(`status, of ${String(thrown)}, is UNKNOWN`, (t) => {
    t.deepEqual(toGrpcStatus(thrown), { code: 2, details });
  });
}

test('text, unpaired surrogates in it, is percent-encoded with others in their place', (t) => {
  t.is(decodeURI(encodeDetails('a\ud800b 100%')), 'a\ufffdb 100%');
});

test('text, long, is cut', (t) => {
  const text = decodeURI(encodeDetails('é'.repeat(100_000)));
  t.true(Buffer.byteLength(text) < 8_300);
  t.true(text.endsWith('…[cut]'));
});
