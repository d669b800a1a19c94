import test from 'ava';
import type { EngineWorld } from '../../helpers/engine-world.ts';
import { createRole, keyIdsOf, MINUTE_MS, openRecords, readCreds, startStatic, tickAfter } from './_static.ts';

/** Minutes of an hour: by then unfinished operations are dropped. */
async function tickThroughHour(world: EngineWorld): Promise<void> {
  for (const pause of [2, 6, 16, 16, 16]) await tickAfter(world, pause * MINUTE_MS);
}

test('static role, deleted with keep_secret soon after an answer was lost, leaves the secret in Azure for good', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  world.emulator.addFault({ match: { method: 'POST', path: 'addPassword' }, answer: 'after' });
  await createRole(setting);
  const { keyId } = await readCreds(engine);
  await engine.request('delete', 'static-roles/app', { keep_secret: 'true' });
  await tickThroughHour(world);
  t.deepEqual(keyIdsOf(world, application.id), [keyId], 'only the one whose answer was lost is gone');
  t.deepEqual(openRecords(world), []);
});
