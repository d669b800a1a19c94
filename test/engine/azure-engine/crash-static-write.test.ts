import test from 'ava';
import { EngineWorld } from '../../helpers/engine-world.ts';
import { IMPORTED_KEY_ID, IMPORTED_SECRET, roleFields, runStaticCrash } from './_crash-static.ts';
import { MINUTE_MS, tickAfter } from './_static.ts';

/** The fields are those of the seeded tenant, which is the same in every world. */
async function seededFields(fields = {}) {
  const world = await EngineWorld.start();
  const filled = roleFields(world, fields);
  await world.stop();
  return filled;
}

test('static role, created: after any crash it can be written again, and no password is left that nobody knows', async (t) => {
  const fields = await seededFields();
  await runStaticCrash(t, {
    run: (engine) => engine.request('create', 'static-roles/app', fields),
    rewrite: fields,
  });
});

test('static role, rotated on import: after any crash it can be imported again, and no password is left', async (t) => {
  const fields = await seededFields();
  await runStaticCrash(t, {
    isImported: true,
    run: (engine) => engine.request('update', 'static-roles/app/import', { ...fields, secret_id: IMPORTED_KEY_ID }),
    rewrite: fields,
  });
});

test('static role, imported with its secret: after any crash it can be imported again', async (t) => {
  const fields = await seededFields({ secret_id: IMPORTED_KEY_ID, client_secret: IMPORTED_SECRET });
  await runStaticCrash(t, {
    isImported: true,
    run: (engine) => engine.request('update', 'static-roles/app/import', fields),
    rewrite: fields,
  });
});

test('static role, deleted: after any crash it is gone, or there to be deleted again, and no password is left', async (t) => {
  const fields = await seededFields();
  await runStaticCrash(t, {
    prepare: async (world, engine) => {
      await engine.request('create', 'static-roles/app', fields);
      await tickAfter(world, MINUTE_MS);
    },
    run: (engine) => engine.request('delete', 'static-roles/app'),
  });
});
