import test from 'ava';
import { parseRetryAfterMs } from '../../../src/azure/retry-after.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

const parse = test.macro({
  exec: (t, headers: Readonly<Record<string, string>>, expected: number | undefined) =>
    t.is(parseRetryAfterMs(new Map(Object.entries(headers)), NOW), expected),
  title: (_, headers: Readonly<Record<string, string>>, expected: number | undefined) =>
    `retry after, ${JSON.stringify(headers)}, is ${expected ?? 'unknown'}`,
});

test(parse, {}, undefined);
test(parse, { 'retry-after': '17' }, 17_000);
test(parse, { 'retry-after': ' 17 ' }, 17_000);
test(parse, { 'retry-after': '0' }, 0);
test(parse, { 'retry-after': '1.5' }, 1500);
test(parse, { 'retry-after': '-3' }, undefined);
test(parse, { 'retry-after': 'soon' }, undefined);
test(parse, { 'retry-after': '' }, undefined);
test(parse, { 'retry-after': '86400' }, 3_600_000);
test(parse, { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000);
test(parse, { 'retry-after': 'Wed, 31 Dec 2025 23:59:00 GMT' }, 0);
test(parse, { 'retry-after': 'Thu, 01 Foo 2026 00:00:30 GMT' }, undefined);
test(parse, { 'retry-after-ms': '250', 'retry-after': '17' }, 250);
test(parse, { 'x-ms-retry-after-ms': '251', 'retry-after': '17' }, 251);
