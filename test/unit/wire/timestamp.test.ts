import test from 'ava';
import fc from 'fast-check';
import { isZeroTimestamp, timestampToMs, toTimestamp, ZERO_TIMESTAMP } from '../../../src/wire/timestamp.ts';

test('a date, to a timestamp and back, is the same millisecond', (t) => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      const timestamp = toTimestamp(date);
      t.true(timestamp.nanos >= 0 && timestamp.nanos < 1e9);
      t.is(timestampToMs(timestamp), date.getTime());
    }),
    { seed: 7 },
  );
  t.pass();
});

test('the zero timestamp is the year 1, and known as such', (t) => {
  t.is(new Date(timestampToMs(ZERO_TIMESTAMP)).toISOString(), '0001-01-01T00:00:00.000Z');
  t.true(isZeroTimestamp(ZERO_TIMESTAMP));
  t.true(isZeroTimestamp({ seconds: -62_135_596_800n, nanos: 0 }));
  t.false(isZeroTimestamp({ seconds: 0n, nanos: 0 }));
});

test('a time before 1970 with a fraction has seconds rounded down and nanos up', (t) => {
  t.deepEqual(toTimestamp(new Date(-1)), { seconds: -1n, nanos: 999_000_000 });
});

test('nanoseconds below a millisecond are cut off', (t) => {
  t.is(timestampToMs({ seconds: 1n, nanos: 1_999_999 }), 1001);
});
