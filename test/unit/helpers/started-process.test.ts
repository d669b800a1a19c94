/** The promise that other suites rely on: a program that a test started is gone when the test is, however that ends. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive, listChildren } from '../../helpers/process-children.ts';
import { StartedProcess } from '../../helpers/started-process.ts';

const IDLE = 'setInterval(() => {}, 1000)';
const MODULE_URL = new URL('../../helpers/started-process.js', import.meta.url).href;

/** A parent that starts one idle child by our module, prints the child's id and waits to be killed. */
const PARENT = `
  const { StartedProcess } = await import(${JSON.stringify(MODULE_URL)});
  const child = await StartedProcess.start({ title: 'idle', file: process.execPath, args: ['-e', '${IDLE}'], env: {} });
  console.log(child.pid);
`;

async function waitUntilGone(t: ExecutionContext, pid: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (isProcessAlive(pid) && performance.now() < deadline) await delay(20);
  t.false(isProcessAlive(pid));
}

test('started process, its parent is killed: it dies too', async (t) => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const pid = Number(line);
  t.true(isProcessAlive(pid));
  parent.kill('SIGKILL');
  await waitUntilGone(t, pid);
});

test('started process, stopped: what it started is gone with it, and its output is kept', async (t) => {
  const script = `
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', '${IDLE}'], { stdio: 'inherit' });
    process.on('SIGTERM', () => { console.error('ending'); process.exit(3); });
    console.log('ready');
  `;
  const started = await StartedProcess.start({ title: 'nest', file: process.execPath, args: ['-e', script], env: {} });
  t.teardown(() => started.stop());
  while (!started.stdout().includes('ready')) await delay(20);
  const [grandchild = 0] = listChildren(started.pid);
  t.true(isProcessAlive(grandchild));
  await started.stop();
  t.deepEqual(started.exit, { code: 3 });
  t.is(started.logs(), 'ready\nending\n');
  await waitUntilGone(t, grandchild);
});

test('started process, a file that is not there: the error names it', async (t) => {
  await t.throwsAsync(StartedProcess.start({ title: 'nothing', file: '/no/such/file', args: [], env: {} }), {
    message: /^nothing: \/no\/such\/file could not be started: .*ENOENT/,
  });
});
