/** The crash matrix of the minute work: each kind of its items, ended or failing anywhere, is finished by a later tick. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { readLease } from '../../../src/engines/azure/lease-data.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { runCrashMatrix } from './_crash.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FORBIDDEN = { status: 403, code: 'Authorization_RequestDenied', message: 'No.' };

type Fields = (world: EngineWorld) => JsonObject;

/** @param prepare leaves one item for the minute work, and moves the time to when it is due */
async function tickAfter(
  t: ExecutionContext,
  fields: Fields,
  prepare: (engine: EngineProcess, world: EngineWorld) => Promise<void>,
): Promise<void> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  await engine.request('create', 'roles/app', fields(world));
  await world.stopProcesses();
  await runCrashMatrix(t, {
    world,
    storage: world.storage.fork(),
    remaining: world.objects(),
    prepare: (first) => prepare(first, world),
    run: async (struck) => {
      await struck.tick();
      return true;
    },
    conclude: async () => undefined,
    check: async (_t, _last, where) => {
      t.deepEqual(world.storage.keys(), ['config', 'roles/app'], `${where}: records`);
    },
  });
}

const dynamic: Fields = (world) => ({ ...world.dynamicRole(), permanently_delete: true });
const existing: Fields = (world) => world.existingRole();

for (const [kind, fields] of Object.entries({ dynamic, existing })) {
  test(`a credential whose lease is over (${kind}): removed`, async (t) => {
    await tickAfter(t, fields, async (engine, world) => {
      await engine.issue('app');
      world.moveTime(3 * DAY_MS);
    });
  });

  test(`an unfinished operation (${kind}): worked off`, async (t) => {
    await tickAfter(t, fields, async (_engine, world) => {
      const dying = world.startProcess();
      dying.gate.arm({ point: 'put issued/ #1', mode: 'die-before' });
      void dying.issue('app');
      await dying.gate.died;
      world.moveTime(2 * MINUTE_MS);
    });
  });
}

test('left-overs of a revocation: removed', async (t) => {
  await tickAfter(t, dynamic, async (engine, world) => {
    const lease = await engine.issue('app');
    const faults = ['roleAssignments', '/members/', '/deletedItems/'].map((path) =>
      world.emulator.addFault({ match: { method: 'DELETE', path }, times: null, answer: FORBIDDEN }),
    );
    await engine.revoke(lease);
    for (const fault of faults) fault.remove();
    world.moveTime(2 * MINUTE_MS);
  });
});

test('entries of the Go plugin: rolled back', async (t) => {
  await tickAfter(t, dynamic, async (engine, world) => {
    const lease = await engine.issue('app');
    const { applicationObjectId, servicePrincipalId, roleAssignmentIds } = readLease(lease.secret);
    for (const key of world.storage.keys()) if (key.startsWith('issued/')) await world.storage.delete(key);
    const common = { created_at: Math.floor(world.now.getTime() / 1000) - 3600 };
    const Expiration = '2099-01-01T00:00:00Z';
    world.storage.writeJson('wal/6f1c0d9e-0000-4000-8000-000000000001', {
      ...common,
      type: 'appCreate',
      data: { AppID: lease.clientId, AppObjID: applicationObjectId, Expiration },
    });
    world.storage.writeJson('wal/6f1c0d9e-0000-4000-8000-000000000002', {
      ...common,
      type: 'appRoleAssign',
      data: {
        SpID: servicePrincipalId,
        AssignmentIDs: roleAssignmentIds.map((id) => id.split('/').at(-1) ?? ''),
        AzureRoles: [{ role_name: 'Reader', role_id: 'x', scope: `/subscriptions/${world.emulator.subscriptionId}` }],
        Expiration,
      },
    });
  });
});
