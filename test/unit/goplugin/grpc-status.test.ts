/** src/goplugin/grpc-status.ts */
import test from 'ava';
import { InternalError } from '../../../src/errors.ts';
import { toGrpcStatus } from '../../../src/goplugin/grpc-status.ts';
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

test('status, unpaired surrogates in the text, can be percent-encoded', (t) => {
  t.notThrows(() => encodeURI(toGrpcStatus(new InternalError('a\ud800b')).details));
});

test('status, long text, is cut', (t) => {
  const { details } = toGrpcStatus(new InternalError('é'.repeat(100_000)));
  t.true(Buffer.byteLength(details) < 8_300);
  t.true(details.endsWith('…[cut]'));
});
