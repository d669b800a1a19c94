/** src/goplugin/hclog.ts */
import test from 'ava';
import fc from 'fast-check';
import { createHclogLogger, formatHclogLine, MAX_LINE_BYTES } from '../../../src/goplugin/hclog.ts';
import type { LogFields } from '../../../src/util/log.ts';

const time = new Date('2026-01-31T09:08:07.123Z');
const clock = { now: () => time, sleep: () => Promise.resolve(), after: () => () => undefined };

test('log line, plain, has the form that hosts parse', (t) => {
  t.is(
    formatHclogLine('info', 'rotated root credential', time, 'azure', { mount: 'azure/', attempts: 2, is_last: true }),
    '{"@level":"info","@message":"rotated root credential","@timestamp":"2026-01-31T09:08:07.123000Z",' +
      '"@module":"azure","mount":"azure/","attempts":2,"is_last":true}\n',
  );
});

test('log line, line breaks in the message, stays one line', (t) => {
  const line = formatHclogLine('error', 'a\r\nb\u2028c', time, 'azure', {});
  t.is(line.indexOf('\n'), line.length - 1);
  t.false(line.includes('\r'));
});

test('log line, undefined fields, are left out', (t) => {
  t.false(formatHclogLine('info', 'm', time, 'azure', { path: undefined }).includes('path'));
});

test('log line, fields that pretend to be hclog keys, lose their sign', (t) => {
  const line = formatHclogLine('info', 'm', time, 'azure', { '@message': 5, '@@level': 1, '@timestamp': false });
  t.deepEqual(JSON.parse(line), {
    '@level': 'info',
    '@message': 'm',
    '@timestamp': '2026-01-31T09:08:07.123000Z',
    '@module': 'azure',
    message: 5,
    level: 1,
    timestamp: false,
  });
});

test('log line, numbers that JSON lacks, become text', (t) => {
  const line = formatHclogLine('info', 'm', time, 'azure', { a: NaN, b: -Infinity });
  t.like(JSON.parse(line), { a: 'NaN', b: '-Infinity' });
});

test('log line, values that the types forbid, still make a line', (t) => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  const fields = { loop, big: 1n, fn: () => 0, nothing: null, list: ['a', 1n] } as unknown as LogFields;
  const parsed = JSON.parse(formatHclogLine('info', 'm', time, 'azure', fields)) as Record<string, unknown>;
  t.is(parsed['loop'], 'unprintable');
  t.is(parsed['big'], '1');
  t.is(parsed['nothing'], null);
});

test('log line, huge message, is cut below the limit and still parses', (t) => {
  const line = formatHclogLine('info', '\u0001'.repeat(1_000_000), time, 'azure', { path: 'creds/a' });
  t.true(Buffer.byteLength(line) <= MAX_LINE_BYTES);
  const parsed = JSON.parse(line) as Record<string, string>;
  t.true(parsed['@message']?.endsWith('…[cut]'));
  t.is(parsed['path'], 'creds/a');
});

test('log line, too many fields, drops them all and says so', (t) => {
  const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field_${index}`, 'v']));
  const line = formatHclogLine('info', 'm', time, 'azure', fields);
  t.true(Buffer.byteLength(line) <= MAX_LINE_BYTES);
  t.is((JSON.parse(line) as Record<string, unknown>)['fields_dropped'], true);
});

test('log line, any text, is one short JSON object with three strings', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20_000 }),
      fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean())),
      (message, fields) => {
        const line = formatHclogLine('debug', message, time, 'azure', fields);
        const parsed = JSON.parse(line) as Record<string, unknown>;
        t.true(Buffer.byteLength(line) <= MAX_LINE_BYTES);
        t.is(line.indexOf('\n'), line.length - 1);
        for (const name of ['@level', '@message', '@timestamp']) t.is(typeof parsed[name], 'string');
      },
    ),
    { seed: 1 },
  );
});

test('logger, every level, is written', (t) => {
  const lines: string[] = [];
  const logger = createHclogLogger((line) => lines.push(line), clock, 'azure');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) logger[level]('m');
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as Record<string, string>)['@level']),
    ['trace', 'debug', 'info', 'warn', 'error'],
  );
});

test('logger, with fields, adds them and lets a line override', (t) => {
  const lines: string[] = [];
  const logger = createHclogLogger((line) => lines.push(line), clock, 'azure').with({ mount: 'a/', path: 'x' });
  logger.with({ path: 'y' }).info('m', { step: 1 });
  t.like(JSON.parse(lines[0] ?? ''), { mount: 'a/', path: 'y', step: 1 });
});
