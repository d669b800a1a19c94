/** Timestamps to and from Date. */
import test from 'ava';
import fc from 'fast-check';
import { timestampToDate, toTimestamp, ZERO_TIMESTAMP } from '../../../src/wire/timestamp.ts';

test('a date, to a timestamp and back, is the same millisecond', (t) => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      const timestamp = toTimestamp(date);
      t.true(timestamp.nanos >= 0 && timestamp.nanos < 1e9);
      t.deepEqual(timestampToDate(timestamp), date);
    }),
    { seed: 7 },
  );
  t.pass();
});

test('the zero timestamp is the year 1, and reads as no time', (t) => {
  t.is(new Date(Number(ZERO_TIMESTAMP.seconds) * 1000).toISOString(), '0001-01-01T00:00:00.000Z');
  t.is(timestampToDate(ZERO_TIMESTAMP), undefined);
  t.deepEqual(timestampToDate({ ...ZERO_TIMESTAMP, nanos: 1_000_000 })?.getUTCMilliseconds(), 1);
});

test('a time before 1970 with a fraction has seconds rounded down and nanos up', (t) => {
  t.deepEqual(toTimestamp(new Date(-1)), { seconds: -1n, nanos: 999_000_000 });
});

test('nanoseconds below a millisecond are cut off', (t) => {
  t.is(timestampToDate({ seconds: 1n, nanos: 1_999_999 })?.getTime(), 1001);
});

test('a time that no Date can hold reads as no time', (t) => {
  t.is(timestampToDate({ seconds: 2n ** 62n, nanos: 0 }), undefined);
  t.is(timestampToDate({ seconds: -(2n ** 62n), nanos: 0 }), undefined);
});
