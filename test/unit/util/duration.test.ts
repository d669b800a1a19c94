import test from 'ava';
import fc from 'fast-check';
import {
  formatGoDuration,
  formatSeconds,
  nanosecondsToSeconds,
  parseGoDuration,
  parseHostDuration,
  secondsToNanoseconds,
} from '../../../src/util/duration.ts';

const MAX = 2n ** 63n - 1n;

/** Texts and nanoseconds, as Go's time.ParseDuration reads them. */
const valid: readonly (readonly [string, bigint])[] = [
  ['0', 0n],
  ['+0', 0n],
  ['0s', 0n],
  ['1h30m', 5_400_000_000_000n],
  ['1h', 3_600_000_000_000n],
  ['1.5h', 5_400_000_000_000n],
  ['300ms', 300_000_000n],
  ['-1h', -3_600_000_000_000n],
  ['+1m', 60_000_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['1us', 1000n],
  ['1\u00b5s', 1000n],
  ['1\u03bcs', 1000n],
  ['7ns', 7n],
  ['1m1m', 120_000_000_000n],
  ['2562047h47m16.854775807s', MAX],
  ['-2562047h47m16.854775808s', -MAX - 1n],
];

test('Go durations: well-formed text: exact nanoseconds', (t) => {
  for (const [text, nanoseconds] of valid) t.deepEqual(parseGoDuration(text), { isValid: true, nanoseconds }, text);
});

test('Go durations: malformed text: the flaw that Go names', (t) => {
  const flaws: readonly (readonly [string, string])[] = [
    ['', 'invalid'],
    ['-', 'invalid'],
    ['x', 'invalid'],
    ['.s', 'invalid'],
    ['1 h', 'unknownUnit'],
    ['1.5', 'missingUnit'],
    ['1h30', 'missingUnit'],
    ['1d', 'unknownUnit'],
    ['2562047h47m16.854775808s', 'invalid'],
    ['-2562047h47m16.854775809s', 'invalid'],
    ['99999999999999999999s', 'invalid'],
    [`${'9'.repeat(100_000)}h`, 'invalid'],
  ];
  for (const [text, kind] of flaws) {
    const result = parseGoDuration(text);
    t.is(result.isValid ? 'valid' : result.flaw.kind, kind, text.slice(0, 40));
  }
});

test('host durations: bare numbers and days: seconds and days of 24 hours', (t) => {
  const seconds = (text: string): number | string => {
    const result = parseHostDuration(text);
    return result.isValid ? nanosecondsToSeconds(result.nanoseconds) : result.flaw.kind;
  };
  t.is(seconds('3600'), 3600);
  t.is(seconds('+5'), 5);
  t.is(seconds('-5'), -5);
  t.is(seconds('30d'), 2_592_000);
  t.is(seconds('-2d'), -172_800);
  t.is(seconds('106751d'), 106_751 * 86_400);
  t.is(seconds('106752d'), 'overflow');
  t.is(seconds('9223372036'), 9_223_372_036);
  t.is(seconds('9223372037'), 'overflow');
  t.is(seconds('1.5d'), 'days');
  t.is(seconds('1.9s'), 1);
  t.is(seconds('-1.9s'), -1);
});

test('durations printed: as Go prints them', (t) => {
  t.is(formatSeconds(0), '0s');
  t.is(formatSeconds(5400), '1h30m0s');
  t.is(formatSeconds(59), '59s');
  t.is(formatSeconds(60), '1m0s');
  t.is(formatSeconds(-3600), '-1h0m0s');
  t.is(formatGoDuration(1_500_000_000n), '1.5s');
  t.is(formatGoDuration(300_000_000n), '300ms');
  t.is(formatGoDuration(1_500n), '1.5\u00b5s');
  t.is(formatGoDuration(7n), '7ns');
  t.is(formatGoDuration(MAX), '2562047h47m16.854775807s');
});

test('durations: printed and parsed again: the same nanoseconds', (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MAX - 1n, max: MAX }), (nanoseconds) => {
      t.deepEqual(parseGoDuration(formatGoDuration(nanoseconds)), { isValid: true, nanoseconds });
    }),
    { seed: 20260101, numRuns: 500 },
  );
});

test('durations: any text: parsed or refused, never thrown at', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+]?[0-9.]{0,20}[hmsund]{0,3}$/)), (text) => {
      t.is(typeof parseHostDuration(text).isValid, 'boolean');
    }),
    { seed: 20260101, numRuns: 500 },
  );
});

test('seconds and nanoseconds: fractions are cut off towards zero', (t) => {
  t.is(secondsToNanoseconds(1.9), 1_000_000_000n);
  t.is(secondsToNanoseconds(-1.9), -1_000_000_000n);
  t.is(nanosecondsToSeconds(-1_999_999_999n), -1);
});
