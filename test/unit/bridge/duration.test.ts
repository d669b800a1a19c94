/** Durations on the wire. */
import test from 'ava';
import { nanosecondsToSeconds, secondsToNanoseconds } from '../../../src/bridge/duration.ts';
import { InvariantError } from '../../../src/errors.ts';

test('seconds to nanoseconds and back', (t) => {
  for (const seconds of [0, 1, 3600, 2 ** 31, 9_223_372_036]) {
    t.is(nanosecondsToSeconds(secondsToNanoseconds(seconds)), seconds);
  }
});

test('fractions of a second are cut off both ways', (t) => {
  t.is(secondsToNanoseconds(1.9), 1_000_000_000n);
  t.is(nanosecondsToSeconds(1_999_999_999n), 1);
  t.is(nanosecondsToSeconds(-1_999_999_999n), -1);
});

test('what does not fit 64 bits becomes the longest duration that does', (t) => {
  t.is(secondsToNanoseconds(Number.MAX_VALUE), 9_223_372_036_000_000_000n);
  t.is(secondsToNanoseconds(Infinity), 9_223_372_036_000_000_000n);
});

test('a negative or missing number is a defect of ours', (t) => {
  t.throws(() => secondsToNanoseconds(-1), { instanceOf: InvariantError });
  t.throws(() => secondsToNanoseconds(NaN), { instanceOf: InvariantError });
});
