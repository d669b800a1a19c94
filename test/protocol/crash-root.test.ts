/** Rotation of the root secret, asked for and on schedule, killed at every outside call. */
import test from 'ava';
import { type KillScenario, nothing, runKillMatrix } from './_crash.ts';

const HOUR_MS = 3_600_000;

const onRequest: KillScenario<undefined> = { prepare: nothing, act: (mount) => mount.write('rotate-root') };

const onSchedule: KillScenario<undefined> = {
  configure: async (mount) => {
    await mount.write('config', { rotation_period: 600 });
    // As if it had been written an hour ago.
    const record = JSON.parse(mount.storage.get('rotation/root')?.toString() ?? '{}') as object;
    const registeredAt = new Date(Date.now() - HOUR_MS).toISOString();
    mount.storage.set('rotation/root', Buffer.from(JSON.stringify({ ...record, registered_at: registeredAt })));
  },
  prepare: nothing,
  act: (mount) => mount.request({ operation: 'rollback', path: '' }),
};

test('root secret, rotation killed at any call, leaves no password that no record names', (t) =>
  runKillMatrix(t, onRequest));
test('root secret, scheduled rotation killed at any call, leaves none either', (t) => runKillMatrix(t, onSchedule));
