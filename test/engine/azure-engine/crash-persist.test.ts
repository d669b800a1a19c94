import test from 'ava';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { runCrashMatrix } from './_crash.ts';

const DAY_MS = 24 * 3600 * 1000;

async function setUp() {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  await world.stopProcesses();
  return { world, storage: world.storage.fork(), remaining: world.objects() };
}

const persist = (world: EngineWorld) => (engine: EngineProcess) =>
  engine.request('create', 'roles/app', { ...world.dynamicRole(), persist_app: true, permanently_delete: true });

/** Two assignments instead of one, another group: some stay, some come, some go. */
const changed = ({ emulator: { subscriptionId, groups } }: EngineWorld): JsonObject => ({
  azure_roles: [
    { role_name: 'Contributor', scope: `/subscriptions/${subscriptionId}` },
    { role_name: 'Reader', scope: `/subscriptions/${subscriptionId}` },
  ],
  azure_groups: [{ object_id: groups[1]?.id ?? '' }],
});

const done = async (work: Promise<unknown>): Promise<true> => {
  await work;
  return true;
};

/** The operator ends it: whatever the role's state, a deletion leaves nothing behind. */
async function deleteRole(world: EngineWorld, engine: EngineProcess): Promise<void> {
  await engine.request('delete', 'roles/app');
  world.moveTime(DAY_MS);
}

test('persist_app, first write: after any crash the application is the role’s, or nobody’s and gone', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: async () => undefined,
    run: (engine) => done(persist(world)(engine)),
    conclude: async (engine, _prepared, isDone) => {
      const role = await engine.request('read', 'roles/app');
      if (isDone === true) t.is(role?.data?.['persist_app'], true);
      if (role !== undefined) await engine.revoke(await engine.issue('app'));
      await deleteRole(world, engine);
    },
  });
});

test('persist_app, a change of rights: after any crash the application has what the role says', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: persist(world),
    run: (engine) => done(engine.request('update', 'roles/app', changed(world))),
    conclude: async (engine, _prepared, isDone) => {
      const stored = world.storage.readJson('roles/app') as JsonObject;
      const tenant = world.emulator.tenant();
      const assigned = tenant.roleAssignments.filter(({ principalId }) => principalId === stored['sp_object_id']);
      t.deepEqual(
        assigned.map(({ name }) => name).sort(),
        (stored['role_assignment_ids'] as string[]).map((id) => id.split('/').at(-1) ?? '').sort(),
        'assignments are those that the role names',
      );
      t.deepEqual(
        tenant.groups.filter(({ members }) => members.includes(stored['sp_object_id'] as string)).map(({ id }) => id),
        stored['group_membership_ids'] as string[],
        'memberships are those that the role names',
      );
      if (isDone === true) t.is(assigned.length, 2);
      await deleteRole(world, engine);
    },
  });
});

test('persist_app, written again unchanged: after any crash everything is as before', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: persist(world),
    run: (engine) => done(engine.request('update', 'roles/app', { persist_app: true, ttl: 60 })),
    conclude: (engine) => deleteRole(world, engine),
  });
});

test('persist_app switched off: after any crash the application goes, at the latest with the role', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: persist(world),
    run: (engine) => done(engine.request('update', 'roles/app', { persist_app: false })),
    conclude: async (engine, _prepared, isDone) => {
      const role = await engine.request('read', 'roles/app');
      if (isDone === true) t.is(role?.data?.['application_object_id'], '');
      await deleteRole(world, engine);
    },
    check: async (_t, _engine, where) => {
      t.deepEqual(
        world.storage.keys().filter((key) => key.startsWith('retired/')),
        [],
        where,
      );
    },
  });
});

test('a retired application without passwords: after any crash in the minute work it goes with all that it had', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: async (engine) => {
      await persist(world)(engine);
      await engine.request('update', 'roles/app', { persist_app: false });
      world.moveTime(10 * 60_000);
    },
    run: (engine) => done(engine.tick()),
    conclude: (engine) => deleteRole(world, engine),
    check: async (_t, _engine, where) => {
      t.deepEqual(world.storage.keys(), ['config'], where);
    },
  });
});

test('a role with an application of its own, deleted: repeated after any crash, it ends with nothing left', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: persist(world),
    run: (engine) => done(engine.request('delete', 'roles/app')),
    conclude: async (engine, _prepared, isDone) => {
      if (isDone === true) t.is(await engine.request('read', 'roles/app'), undefined);
      await deleteRole(world, engine);
    },
  });
});

test('creds of a persisted application: after any crash each password has a lease or a record, and all end with the role', async (t) => {
  const setting = await setUp();
  const { world } = setting;
  t.teardown(() => world.stop());
  await runCrashMatrix(t, {
    ...setting,
    prepare: persist(world),
    run: (engine) => engine.issue('app'),
    conclude: async (engine, _prepared, lease) => {
      if (lease !== undefined) await engine.revoke(lease);
      await deleteRole(world, engine);
    },
  });
});
