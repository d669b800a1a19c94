import test from 'ava';
import fc from 'fast-check';
import { formatTime, parseTime, ZERO_TIME } from '../../../src/util/rfc3339.ts';

const format = test.macro((t, iso: string, expected: string) => {
  t.is(formatTime(new Date(iso)), expected);
});
test('format, milliseconds, end without zeros', format, '2026-11-30T09:29:03.690Z', '2026-11-30T09:29:03.69Z');
test('format, one digit, stays alone', format, '2026-11-30T09:29:03.500Z', '2026-11-30T09:29:03.5Z');
test('format, whole seconds, have no fraction', format, '2026-11-30T09:29:10.000Z', '2026-11-30T09:29:10Z');
test('format, a full hour, keeps its zeros', format, '2026-11-30T00:00:00.000Z', '2026-11-30T00:00:00Z');
test('format, zeros inside, stay', format, '2026-11-30T09:29:03.007Z', '2026-11-30T09:29:03.007Z');

test('format, no time, is the zero time, which reads as none', (t) => {
  t.is(formatTime(undefined), ZERO_TIME);
  t.is(parseTime(ZERO_TIME), undefined);
});

test('format, read back, is the same time', (t) => {
  const min = new Date('0002-01-01T00:00:00Z');
  fc.assert(
    fc.property(fc.date({ min, max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
      t.deepEqual(parseTime(formatTime(date)), date);
    }),
    { seed: 1 },
  );
});
