import test from 'ava';
import type { JsonObject } from '../../../src/util/json.ts';
import { EngineWorld } from '../../helpers/engine-world.ts';
import { roleFields, runStaticCrash } from './_crash-static.ts';
import { HOUR_MS, MINUTE_MS, PERIOD_MS, tickAfter } from './_static.ts';

async function seededFields(fields: JsonObject = {}): Promise<JsonObject> {
  const world = await EngineWorld.start();
  const filled = roleFields(world, fields);
  await world.stop();
  return filled;
}

/** Ticks after the creation before the phase under test, each after a pause. */
const rotatesByItself = test.macro(async (t, fields: JsonObject, pauses: readonly number[], lastPause: number) => {
  const role = await seededFields(fields);
  await runStaticCrash(t, {
    prepare: async (world, engine) => {
      await engine.request('create', 'static-roles/app', role);
      for (const pause of pauses) await tickAfter(world, pause);
      world.moveTime(lastPause);
    },
    run: (engine) => engine.tick(),
    rewrite: {},
  });
});

test(
  'automatic rotation, the next secret is staged: after any crash one is staged, and no other is left',
  rotatesByItself,
  {},
  [],
  MINUTE_MS,
);
test(
  'automatic rotation, the staged secret takes over: after any crash the old one goes and the next is staged',
  rotatesByItself,
  {},
  [MINUTE_MS],
  PERIOD_MS,
);
test(
  'automatic rotation, a secret that was not staged is made in time: after any crash readers have a good one',
  rotatesByItself,
  { seamless_rotation: false, rotation_grace_period: '1h' },
  [MINUTE_MS],
  PERIOD_MS - HOUR_MS,
);
test(
  'automatic rotation, the old secret goes after the grace period: after any crash it is gone',
  rotatesByItself,
  { seamless_rotation: false, rotation_grace_period: '1h' },
  [PERIOD_MS - HOUR_MS + MINUTE_MS],
  HOUR_MS,
);

test('automatic rotation, a staged secret that does not fit any more: after any crash it is gone', async (t) => {
  const role = await seededFields();
  await runStaticCrash(t, {
    prepare: async (world, engine) => {
      await engine.request('create', 'static-roles/app', role);
      const later = await tickAfter(world, MINUTE_MS);
      await later.request('update', 'static-roles/app', { rotation_period: '1000h' });
    },
    run: (engine) => engine.tick(),
    rewrite: {},
  });
});

test('rotate-role: after any crash the role has a good secret, and none is left that nobody knows', async (t) => {
  const role = await seededFields();
  await runStaticCrash(t, {
    prepare: async (world, engine) => {
      await engine.request('create', 'static-roles/app', role);
      await tickAfter(world, MINUTE_MS);
    },
    run: (engine) => engine.request('update', 'rotate-role/app'),
    rewrite: {},
  });
});

test('rotate-role without a grace period: after any crash the role has a good secret, and no other is left', async (t) => {
  const role = await seededFields({ rotation_grace_period: -1 });
  await runStaticCrash(t, {
    prepare: (_world, engine) => engine.request('create', 'static-roles/app', role).then(() => undefined),
    run: (engine) => engine.request('update', 'rotate-role/app'),
    rewrite: {},
  });
});
