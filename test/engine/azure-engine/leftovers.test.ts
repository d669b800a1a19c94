/** What a revocation could not remove: tried again until it is gone, and no more often than that. */
import test from 'ava';
import { readLease } from '../../../src/engines/azure/lease-data.ts';
import type { JsonValue } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

const MINUTE_MS = 60_000;

async function start(): Promise<{ world: EngineWorld; engine: EngineProcess }> {
  const world = await EngineWorld.start();
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine };
}

/** One role at each resource group. */
const resourceGroupRoles = ({ emulator: { subscriptionId, resourceGroups } }: EngineWorld): JsonValue =>
  resourceGroups.map((name) => ({
    role_name: 'Reader',
    scope: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
  }));

test('left-overs: what is done is not done again, what remains is tried at growing intervals until it is gone', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', {
    ...world.dynamicRole(),
    azure_roles: resourceGroupRoles(world),
    permanently_delete: true,
  });
  const before = world.objects();
  const lease = await engine.issue('app');
  const [first = '', second = ''] = readLease(lease.secret).roleAssignmentIds;
  const refuse = (path: string, times: number | null) =>
    world.emulator.addFault({
      match: { method: 'DELETE', path },
      times,
      answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
    });
  refuse(first, 1);
  const locked = refuse(second, null);
  const purge = refuse('/deletedItems/', 2);
  await engine.revoke(lease);
  const deletes = (): string[] => engine.gate.points.filter((point) => point.startsWith('DELETE '));
  engine.gate.arm();
  await engine.clock.advance(MINUTE_MS);
  await engine.tick();
  t.deepEqual(
    deletes()
      .map((point) => point.replace(/ #\d$/, ''))
      .sort(),
    [
      'DELETE arm /{scope}/roleAssignments/{guid}',
      'DELETE arm /{scope}/roleAssignments/{guid}',
      'DELETE graph /directory/deletedItems/{id}',
      'DELETE graph /directory/deletedItems/{id}',
    ],
  );
  t.is(purge.fired(), 2);
  engine.gate.arm();
  for (let minute = 0; minute < 62; minute++) {
    await engine.clock.advance(MINUTE_MS);
    await engine.tick();
  }
  // After 2, 4, 8, 16 and 32 minutes: the one that is still locked, and nothing else.
  t.deepEqual(
    deletes(),
    [1, 2, 3, 4, 5].map((nth) => `DELETE arm /{scope}/roleAssignments/{guid} #${nth}`),
  );
  locked.remove();
  await engine.clock.advance(64 * MINUTE_MS);
  await engine.tick();
  t.deepEqual(world.objects(), before);
  t.deepEqual(world.emulator.tenant().deletedItems, []);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('left-overs: a purge waits for the recycle bin, and is over when somebody has emptied that', async (t) => {
  const { world, engine } = await start();
  t.teardown(() => world.stop());
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), permanently_delete: true });
  world.emulator.changeSettings({ recycleBinMs: 5 * MINUTE_MS });
  const [slow, emptied] = [await engine.issue('app'), await engine.issue('app')];
  for (const lease of [slow, emptied]) await engine.revoke(lease);
  const tenant = world.emulator.state();
  tenant.recycleBin.remove(readLease(emptied.secret).applicationObjectId);
  tenant.recycleBin.remove(readLease(emptied.secret).servicePrincipalId);
  for (const minutes of [1, 5, 10, 30]) {
    t.is(world.storage.keys().filter((key) => key.startsWith('leftover/')).length, minutes > 9 ? 1 : 2);
    world.moveTime(minutes * MINUTE_MS);
    await world.startProcess().tick();
  }
  t.deepEqual(world.emulator.tenant().deletedItems, []);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});
