/** Whatever is done to a role with an application of its own, in whatever order and whatever fails: nothing stays. */
import test from 'ava';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/util/json.ts';
import { EngineWorld, type Lease, type Strike, STRIKE_MODES } from '../../helpers/engine-world.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Calls in which a procedure about such a role can be struck. */
const POINTS = [
  'POST graph /applications',
  'PATCH graph /servicePrincipals(appId={appId})',
  'PUT arm /{scope}/roleAssignments/{guid}',
  'POST graph /groups/{id}/members/$ref',
  'DELETE arm /{scope}/roleAssignments/{guid}',
  'DELETE graph /applications/{id}',
  'POST graph /applications/{id}/addPassword',
  'put operations/',
  'put roles/',
  'put retired/',
  'delete operations/',
  'delete retired/',
  'delete roles/',
];

interface Step {
  readonly action: 'write' | 'creds' | 'delete' | 'wait';
  readonly persistApp: boolean | undefined;
  readonly roleNames: readonly string[];
  readonly groups: readonly number[];
  readonly strike: Strike | undefined;
}

const strike = fc.option(
  fc
    .record({ name: fc.constantFrom(...POINTS), nth: fc.constantFrom(1, 2), mode: fc.constantFrom(...STRIKE_MODES) })
    .map(({ name, nth, mode }) => ({ point: `${name} #${nth}`, mode })),
  { nil: undefined },
);
const step: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom('write', 'write', 'write', 'creds', 'delete', 'wait'),
  persistApp: fc.constantFrom(true, true, false, undefined),
  roleNames: fc.subarray(['Reader', 'Contributor']),
  groups: fc.subarray([0, 1], { minLength: 1 }),
  strike,
});

/** What the steps of one sequence leave in the hands of the host. */
interface Outcome {
  readonly leases: Lease[];
}

async function runStep(world: EngineWorld, { action, persistApp, roleNames, groups, strike }: Step): Promise<Outcome> {
  const scope = `/subscriptions/${world.emulator.subscriptionId}`;
  const fields: JsonObject = {
    azure_roles: roleNames.map((role_name) => ({ role_name, scope })),
    azure_groups: groups.map((index) => ({ object_id: world.emulator.groups[index]?.id ?? '' })),
    ...(persistApp === undefined ? {} : { persist_app: persistApp }),
  };
  const engine = world.startProcess();
  const isThere = world.storage.keys().includes('roles/app');
  const leases: Lease[] = [];
  engine.gate.arm(strike);
  const work = async (): Promise<void> => {
    if (action === 'write') await engine.request(isThere ? 'update' : 'create', 'roles/app', fields);
    if (action === 'creds') leases.push(await engine.issue('app'));
    if (action === 'delete') await engine.request('delete', 'roles/app');
    if (action === 'wait') {
      world.moveTime(20 * MINUTE_MS);
      await engine.tick();
    }
  };
  const ended = await Promise.race([engine.gate.died, work().catch(() => undefined)]);
  if (ended !== 'died') await engine.settle();
  return { leases };
}

/** The minute ticks after everything has ended, each in a new process. */
async function tickThrough(world: EngineWorld, minutes: readonly number[]): Promise<void> {
  for (const pause of minutes) {
    world.moveTime(pause * MINUTE_MS);
    await world.startProcess().tick();
  }
}

/** What the role's principal has that its record does not name, and the other way round. */
function findMismatch(world: EngineWorld): readonly string[] {
  if (!world.storage.keys().includes('roles/app')) return [];
  const role = world.storage.readJson('roles/app') as JsonObject;
  const principalId = role['sp_object_id'] as string;
  if (principalId === '') return [];
  const { applications, roleAssignments, groups } = world.emulator.tenant();
  // A deletion of the role that was interrupted: it is to be repeated, and begins with the application.
  if (!applications.some(({ id }) => id === role['application_object_id'])) return [];
  const actual = [
    ...roleAssignments.filter((assignment) => assignment.principalId === principalId).map(({ name }) => name),
    ...groups.filter(({ members }) => members.includes(principalId)).map(({ id }) => id),
  ];
  const named = [
    ...((role['role_assignment_ids'] ?? []) as string[]).map((id) => id.slice(id.lastIndexOf('/') + 1)),
    ...((role['group_membership_ids'] ?? []) as string[]),
  ];
  return [
    ...actual.filter((id) => !named.includes(id)).map((id) => `not named: ${id}`),
    ...named.filter((id) => !actual.includes(id)).map((id) => `not there: ${id}`),
  ];
}

test('persist_app: any sequence of writes, credentials, deletions and crashes ends with what the record says, and then with nothing', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  await world.configure(world.startProcess());
  await world.stopProcesses();
  const storage = world.storage.fork();
  const before = world.objects();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      world.reset(storage);
      const leases: Lease[] = [];
      for (const one of steps) leases.push(...(await runStep(world, one)).leases);
      await tickThrough(world, [2, 16, 16, 16]);
      t.deepEqual(findMismatch(world), []);
      t.deepEqual(
        world.storage.keys().filter((key) => key.startsWith('operations/')),
        [],
      );
      const last = world.startProcess();
      for (const lease of leases) await last.revoke(lease);
      await last.request('delete', 'roles/app');
      await tickThrough(world, [33 * DAY_MINUTES, 60, 60]);
      t.deepEqual(world.objects(), before);
      t.deepEqual(world.storage.keys(), ['config']);
      await world.stopProcesses();
    }),
    { seed: 1, numRuns: 60 },
  );
});
