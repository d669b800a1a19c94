/** Every way in which the process ends, and what it leaves behind: nothing. */
import test, { type ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ServiceError } from '@grpc/grpc-js';
import { buildFixture } from './_fixture.ts';
import { openHost, type FakeHost } from './_host.ts';
import type { FakeMount } from './_mount.ts';
import { isAlive, waitUntil, within } from './_processes.ts';

const bundlePath = await buildFixture();

const PROTOCOL_LIMIT_MS = 2_000;
const ORPHAN_LIMIT_MS = 10_000;

/** A host with one mount on which a request is running that never ends by itself. */
async function openBusy(
  t: ExecutionContext,
): Promise<{ host: FakeHost; mount: FakeMount; running: Promise<ServiceError> }> {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  const running = mount.read('slow').then(
    () => {
      throw new Error('the request must not succeed');
    },
    (error: unknown) => error as ServiceError,
  );
  await waitUntil('the start of the request', () => mount.storage.has('slow-started'));
  return { host, mount, running };
}

for (const [title, options] of [
  ['fixture', { bundlePath }],
  ['real plugin', {}],
] as const) {
  test(`shutdown, ${title}, answers, ends with 0 in time and removes its socket`, async (t) => {
    const host = await openHost(t, options);
    await host.mount().enable();
    t.true(existsSync(host.handshake.address));
    const { code, isGraceful, elapsedMs } = await host.stop();
    t.true(isGraceful);
    t.is(code, 0);
    t.true(elapsedMs < PROTOCOL_LIMIT_MS);
    t.false(existsSync(host.handshake.address));
    t.true(host.logs.every(({ level }) => level !== 'error'));
  });
}

test('shutdown, mounts cleaned up first, ends with 0', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mounts = [await host.mount().enable(), await host.mount().enable()];
  await Promise.all(mounts.map((mount) => mount.cleanup()));
  t.is((await host.stop()).code, 0);
  t.is(host.logs.filter(({ message }) => message === 'cleaned up').length, 2);
});

test('shutdown, both streams open and a request running, ends with 0 in time', async (t) => {
  const { host, running } = await openBusy(t);
  await t.notThrowsAsync(host.unary('plugin.GRPCController', 'Shutdown', {}), 'the answer gets out');
  const { code } = await within('the end', host.ended, PROTOCOL_LIMIT_MS);
  t.is(code, 0);
  t.truthy(await running);
});

test('SIGINT, from a terminal, is ignored', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  host.signal('SIGINT');
  host.signal('SIGINT');
  t.is((await mount.read('echo')).status, 200);
  t.is((await host.stop()).code, 0);
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal}, a request running, answers it, ends with 0 and removes the socket`, async (t) => {
    const { host, running } = await openBusy(t);
    host.signal(signal);
    const { code } = await within('the end', host.ended, PROTOCOL_LIMIT_MS);
    t.is(code, 0);
    t.is((await running).code, 14);
    t.not((await running).details, 'connection is shut down');
    t.false(existsSync(host.handshake.address));
  });
}

for (const kind of ['exception', 'rejection', 'text']) {
  test(`crash, ${kind} that nobody catches, answers what is running, logs one error and ends with 1`, async (t) => {
    const { host, mount, running } = await openBusy(t);
    const crashing = t.throwsAsync<ServiceError>(mount.write(`crash/${kind}`));
    const { code } = await within('the end', host.ended, PROTOCOL_LIMIT_MS);
    t.is(code, 1);
    t.is((await crashing).code, 13);
    t.is((await running).code, 13);
    t.regex((await running).details, /plugin crashed/);
    const errors = host.logs.filter(({ level }) => level === 'error');
    t.is(errors.length, 1);
    t.regex(errors[0]?.message ?? '', kind === 'text' ? /plugin crashed/ : /plugin crashed: nobody caught this/);
    t.true(host.logs.every(({ isStructured }) => isStructured));
    t.false(existsSync(host.handshake.address));
  });
}

test('kill -9, then a new process on the same storage, serves what was stored', async (t) => {
  const storage = new Map<string, Buffer>();
  const first = await openHost(t, { bundlePath });
  const mount = await first.mount({ storage }).enable();
  await mount.write('storage/key', { value: 'eA==' });
  const lost = t.throwsAsync<ServiceError>(mount.read('slow'));
  await waitUntil('the start of the request', () => storage.has('slow-started'));
  t.is((await first.kill9()).signal, 'SIGKILL');
  t.is((await lost).code, 14);
  const second = await openHost(t, { bundlePath });
  t.is((await (await second.mount({ storage }).enable()).read('storage/key')).data?.['value'], 'eA==');
});

test('broker stream ended by a living host, no Shutdown following, ends the process', async (t) => {
  const host = await openHost(t, { bundlePath });
  const mount = await host.mount().enable();
  host.endBrokerStream();
  t.is((await mount.read('echo')).status, 200, 'requests are served until then');
  t.is((await within('the end', host.ended, ORPHAN_LIMIT_MS)).code, 0);
  t.false(existsSync(host.handshake.address));
});

test('host killed with -9, orphan of it, ends within ten seconds and removes its socket', async (t) => {
  const host = spawn(process.execPath, ['build/test/protocol/_lonely-host.js', bundlePath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => host.kill('SIGKILL'));
  const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
  t.teardown(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  t.true(isAlive(pid));
  host.kill('SIGKILL');
  await once(host, 'exit');
  await waitUntil('the end of the orphan', () => !isAlive(pid), ORPHAN_LIMIT_MS);
  // The host's own sockets stay behind, as a real one's do.
  t.deepEqual(
    readdirSync(folder).filter((name) => /^plugin[0-9a-f]{16}$/.test(name)),
    [],
  );
});

test('host killed with -9 during the start, plugin just starting, ends too', async (t) => {
  const host = spawn(process.execPath, ['build/test/protocol/_lonely-host.js', bundlePath, '--no-handshake'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => host.kill('SIGKILL'));
  const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
  const { pid } = JSON.parse(line) as { pid: number };
  host.kill('SIGKILL');
  await once(host, 'exit');
  await waitUntil('the end of the orphan', () => !isAlive(pid), ORPHAN_LIMIT_MS);
  t.pass();
});
