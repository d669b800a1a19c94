/** What a plugin writes: log lines that a host can read, and nothing else that could harm one. */
import test from 'ava';
import { buildFixture } from './_fixture.ts';
import { openHost } from './_host.ts';
import { HostCrash, readLogLine } from './_host-log.ts';

const bundlePath = await buildFixture();

test('log lines, every level, are read by the host as they were meant', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  await mount.write('log');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) {
    const entry = await host.waitForLog(level, ({ message }) => message === `${level} line`);
    t.like(entry, { level, isStructured: true });
    t.like(entry.fields, { '@module': 'wire', path: 'log', count: 3, is_test: true, list: ['a', 'b'] });
  }
  await host.waitForLog('two lines in one', ({ message }) => message === 'line one\nline two {"@level":5}');
  await host.waitForLog('the long one, cut', ({ message }) => message.startsWith('xxx') && message.endsWith('[cut]'));
  t.true(
    host.stderrLines.every((line) => Buffer.byteLength(line) < 64 * 1024),
    'longer lines arrive in pieces',
  );
  t.true(host.logs.every(({ isStructured }) => isStructured));
});

test('log lines, their time, has six fraction digits', async (t) => {
  const host = await openHost(t, { bundlePath });
  await host.mount().enable();
  await host.stop();
  t.true(host.stderrLines.length > 0);
  for (const line of host.stderrLines) t.regex(line, /"@timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"/);
});

test('stray output, of a library, becomes log lines and never reaches stdout', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  for (let round = 0; round < 20; round += 1) t.is((await mount.write('stray')).status, 200);
  t.is(host.strayStdout, '');
  t.deepEqual(host.hostCrashes, []);
  for (const text of ['{"@level":"info","@message":5}', 'to stderr', '{"@timestamp":17}', 'beware']) {
    const { fields } = await host.waitForLog(text, ({ message }) => message === text);
    t.true('stray' in fields || 'warning' in fields);
  }
  t.true(host.logs.every(({ isStructured }) => isStructured));
});

test('real plugin, a mount and a few requests, writes structured lines only', async (t) => {
  const host = await openHost(t);
  const mount = await host.mount().enable();
  await mount.read('config');
  await mount.write('roles/app', {});
  await mount.read('creds/none');
  await mount.cleanup();
  await host.stop();
  t.true(host.logs.every(({ isStructured }) => isStructured));
});

// The judge itself.

for (const line of [
  '{"@level":"info","@message":5}',
  '{"@level":5}',
  '{"@message":"x","@timestamp":17}',
  '{"@level":null}',
]) {
  test(`host, line ${line}, would die`, (t) => {
    t.throws(() => readLogLine(line), { instanceOf: HostCrash });
  });
}

for (const [line, level, isStructured] of [
  ['plain text', 'debug', false],
  ['[WARN] text', 'warn', false],
  ['[1,2]', 'debug', false],
  ['{"@level":"info","@message":"x","@timestamp":"2026-01-31T09:08:07.123Z"}', 'debug', false],
  ['{"@level":"info","@message":"x","@timestamp":"2026-01-31T09:08:07.123000+01:00"}', 'info', true],
  ['{"@level":"loud","@message":"x"}', 'debug', false],
] as const) {
  test(`host, line ${line}, is logged at ${level}`, (t) => {
    t.like(readLogLine(line), { level, isStructured });
  });
}
