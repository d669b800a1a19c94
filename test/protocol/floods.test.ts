/** More cancellations at once than HTTP/2 takes for honest. Serial, and a file of its own: it keeps both sides busy. */
import test from 'ava';
import { setMaxListeners } from 'node:events';
import { buildFixture } from './_fixture.ts';
import { openHost } from './_host.ts';
import type { FakeMount } from './_mount.ts';
import { waitUntil, within } from './_processes.ts';

const bundlePath = await buildFixture();

test.serial('requests, nine hundred cancelled at once, do not cost the connection', async (t) => {
  const mount = await (await openHost(t, { bundlePath })).mount().enable();
  await cancelMany(mount, 900);
  t.is((await mount.read('echo')).status, 200);
  await mount.cleanup();
});

test.serial(
  'requests, thousands cancelled at once and the connection broken by HTTP/2, lead to a new process',
  async (t) => {
    const host = await openHost(t, { bundlePath });
    const mount = await host.mount().enable();
    await cancelMany(mount, 1_600);
    // What is asked before the host has noticed breaks with the connection.
    await within('the end of the connection', host.brokerEnded, 60_000);
    // The host connects anew by itself, and until the process goes its requests are served.
    t.is((await mount.read('echo')).status, 200);
    t.is((await within('the end', host.ended, 10_000)).code, 0);
  },
);

async function cancelMany(mount: FakeMount, count: number): Promise<void> {
  const controller = new AbortController();
  setMaxListeners(count, controller.signal);
  const requests = Array.from({ length: count }, () =>
    mount.request({ operation: 'read', path: 'slow' }, { signal: controller.signal }).catch(() => undefined),
  );
  await waitUntil(
    'the requests',
    () => mount.calls.filter(({ method }) => method === 'Storage/Put').length >= count,
    60_000,
  );
  controller.abort();
  await Promise.all(requests);
}
