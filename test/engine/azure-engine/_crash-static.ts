/** What the crash matrices of static roles have in common. */
import type { ExecutionContext } from 'ava';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';
import { addForeignPassword, keyIdsOf, requestToken } from './_static.ts';

export const IMPORTED_KEY_ID = '66666666-0000-4000-8000-000000000001';
export const IMPORTED_SECRET = 'imp~orted-secret';

export interface StaticCrash {
  /** Before the calls are counted. */
  readonly prepare?: (world: EngineWorld, engine: EngineProcess) => Promise<void>;
  readonly run: (engine: EngineProcess) => Promise<unknown>;
  /** Fields of the role, when the client writes it again because it got no answer. Absent: it is to stay gone. */
  readonly rewrite?: JsonObject;
  readonly isImported?: boolean;
}

/** A period of a month. */
export function roleFields(world: EngineWorld, fields: JsonObject = {}): JsonObject {
  return { application_object_id: world.emulator.applications[0]?.id ?? '', rotation_period: '720h', ...fields };
}

/**
 * After any crash of `run`: an hour later no intent is left; the role, written again if it is not there, hands out a
 * secret that logs in, and the application has the passwords that its records name and no others. Deleted, it leaves
 * the tenant as it was.
 */
export async function runStaticCrash(t: ExecutionContext, crash: StaticCrash): Promise<void> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  await world.configure(world.startProcess());
  await world.stopProcesses();
  const storage = world.storage.fork();
  const applicationId = world.emulator.applications[0]?.id ?? '';
  const seeded = keyIdsOf(world, applicationId);
  await runCrashMatrix(t, {
    world,
    storage,
    remaining: world.objects(),
    ignores: (object) => object.startsWith(`password ${IMPORTED_KEY_ID} `),
    prepare: async (engine) => {
      if (crash.isImported === true) {
        addForeignPassword(world, applicationId, { keyId: IMPORTED_KEY_ID, secretText: IMPORTED_SECRET });
      }
      await crash.prepare?.(world, engine);
    },
    run: (engine) => crash.run(engine).then(() => true),
    conclude: async (engine, _prepared, isDone) => {
      const exists = (await engine.request('read', 'static-roles/app')) !== undefined;
      if (crash.rewrite === undefined) {
        if (exists) await engine.request('delete', 'static-roles/app');
        t.true(isDone !== true || !exists, 'deleted, and there again');
        return;
      }
      // The client that got no answer writes again; one that got it would know if the role were not there.
      if (!exists) t.not(isDone, true);
      if (isDone !== true) await engine.request(exists ? 'update' : 'create', 'static-roles/app', crash.rewrite);
      await engine.request('read', 'static-creds/app');
      await requestToken(engine);
      const named = namedKeyIds(world);
      const others = keyIdsOf(world, applicationId).filter((keyId) => !seeded.includes(keyId));
      t.deepEqual(others.filter((keyId) => !named.includes(keyId) && keyId !== IMPORTED_KEY_ID).sort(), []);
      t.deepEqual(named.filter((keyId) => !others.includes(keyId)).sort(), []);
      await engine.request('delete', 'static-roles/app');
    },
    check: async (_t, _engine, where) => {
      t.deepEqual(
        world.storage.keys().filter((key) => key.startsWith('static-')),
        [],
        `${where}: records of the deleted role`,
      );
    },
  });
}

/** Key ids in the stored secrets of the role. */
function namedKeyIds(world: EngineWorld): string[] {
  const text = JSON.stringify(world.storage.readJson('static-creds/app') ?? {});
  return [...text.matchAll(/"secret_id":"([^"]+)"/g)].map(([, keyId = '']) => keyId);
}
