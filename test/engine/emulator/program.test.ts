/** The emulator as a program: what it prints, and that unmodified stacks find it by two environment variables. */
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { childEnvironment } from '../../helpers/child-environment.ts';
import { StartedProcess } from '../../helpers/started-process.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const MAIN = new URL('../../emulator/main.js', import.meta.url).pathname;
const UNMODIFIED = new URL('./fixtures/unmodified-client.js', import.meta.url).pathname;

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'tmp'));
  return folder;
}

async function startProgram(
  t: ExecutionContext,
  args: readonly string[],
): Promise<{ program: StartedProcess; ready: Record<string, string>; folder: string }> {
  const folder = await makeFolder(t);
  const program = await StartedProcess.start({
    title: 'emulator',
    file: process.execPath,
    args: [MAIN, ...args],
    env: childEnvironment(folder),
  });
  t.teardown(() => program.stop());
  await waitUntil('the line of the emulator', () => {
    if (program.exit !== undefined) throw new Error(program.logTail());
    return program.stdout().includes('\n');
  });
  return { program, ready: JSON.parse(program.stdout()), folder };
}

test('program: prints one JSON line, serves unmodified npm clients, ends on SIGTERM and cleans up', async (t) => {
  const { program, ready, folder } = await startProgram(t, ['--latency-ms', '1', '--seed', '7']);
  t.deepEqual(Object.keys(ready), [
    'proxy',
    'control',
    'caFile',
    'tenantId',
    'subscriptionId',
    'clientId',
    'clientSecret',
    'groups',
    'applications',
    'identityEndpoints',
  ]);
  t.is(ready['groups']?.length, 2);
  t.regex(await readFile(ready['caFile']!, 'utf8'), /^-----BEGIN CERTIFICATE-----/);

  const client = await StartedProcess.start({
    title: 'unmodified client',
    file: process.execPath,
    args: [UNMODIFIED, ready['tenantId']!, ready['clientId']!, ready['clientSecret']!, ready['subscriptionId']!],
    env: childEnvironment(folder, { HTTPS_PROXY: ready['proxy']!, NODE_EXTRA_CA_CERTS: ready['caFile']! }),
  });
  t.teardown(() => client.stop());
  const exit = await client.exited;
  t.is(exit.code, 0, client.logTail());
  t.deepEqual(JSON.parse(client.stdout()), ['Reader']);

  program.signal('SIGTERM');
  t.deepEqual(await program.exited, { code: 0 });
  await t.throwsAsync(access(ready['caFile']!));
});

test('program: same seed, same tenant; given ports and certificate file are used', async (t) => {
  const folder = await makeFolder(t);
  const caFile = join(folder, 'own-ca.pem');
  const first = await startProgram(t, ['--seed', '42']);
  await first.program.stop();
  const port = new URL(first.ready['proxy']!).port;
  const second = await startProgram(t, ['--seed', '42', '--proxy-port', port, '--ca-file', caFile]);
  t.is(second.ready['proxy'], first.ready['proxy']);
  t.is(second.ready['caFile'], caFile);
  for (const name of ['tenantId', 'subscriptionId', 'clientId', 'clientSecret', 'groups', 'applications']) {
    t.deepEqual(second.ready[name], first.ready[name], name);
  }
  second.program.signal('SIGINT');
  t.deepEqual(await second.program.exited, { code: 0 });
  await t.notThrowsAsync(access(caFile), 'a file that the user named stays');
});

test('program: unknown option or bad number: says so on stderr and ends with 1', async (t) => {
  const folder = await makeFolder(t);
  for (const [args, expected] of [
    [['--latency-ms', 'soon'], /--latency-ms must be a whole number/],
    [['--nonsense'], /--nonsense/],
  ] as const) {
    const program = await StartedProcess.start({
      title: 'emulator',
      file: process.execPath,
      args: [MAIN, ...args],
      env: childEnvironment(folder),
    });
    t.teardown(() => program.stop());
    t.deepEqual(await program.exited, { code: 1 });
    t.regex(program.logs(), expected);
    t.is(program.stdout(), '');
  }
});
