/** Credentials at the pace of a real Azure: the wall time is nearly all waiting, so what counts is who waits for what. */
import { randomUUID } from 'node:crypto';
import type { Figure } from './figures.ts';
import { interleave, median, time } from './statistics.ts';
import type { BenchWorld, Pair, Subject } from './world.ts';

const LATENCY_MS = 150;
const ROUNDS = 5;
const PARALLEL = 50;
const PARALLEL_ROUNDS = 2;
const GROUPS = 3;
const ROLE_NAMES = [
  'Reader',
  'Contributor',
  'Owner',
  'User Access Administrator',
  'Role Based Access Control Administrator',
];

/** The mounts must be there, configured. */
export async function measureCreds(world: BenchWorld, pair: Pair): Promise<Figure[]> {
  await writeRoles(world, pair);
  const { emulator } = world;
  const latencyMs = emulator.settings().latencyMs;
  // The first credential of a mount also logs in.
  for (const subject of pair) await issue(world, subject, 'one');
  emulator.changeSettings({ latencyMs: LATENCY_MS });
  try {
    const figures = [
      await compare(world, pair, 'creds, 1 role', 'one', 0.8),
      await compare(world, pair, `creds, ${ROLE_NAMES.length} roles and ${GROUPS} groups`, 'many', 0.4),
    ];
    const [ours = 0, other = 0] = (
      await interleave(pair, PARALLEL_ROUNDS, world.signal, (subject) =>
        time(() => Promise.all(Array.from({ length: PARALLEL }, () => issue(world, subject, 'one')))),
      )
    ).map(median);
    return [
      ...figures,
      { name: `${PARALLEL} creds at once, 1 role`, unit: 'ms', ours, other, goal: { of: 'ratio', atMost: 0.9 } },
    ];
  } finally {
    emulator.changeSettings({ latencyMs });
  }
}

async function writeRoles({ host, emulator }: BenchWorld, pair: Pair): Promise<void> {
  const [resourceGroup = ''] = emulator.resourceGroups;
  const scope = `/subscriptions/${emulator.subscriptionId}/resourceGroups/${resourceGroup}`;
  const roles = ROLE_NAMES.map((role_name) => ({ role_name, scope }));
  const groups = Array.from({ length: GROUPS }, (_, index) => addGroup(emulator, `bench-${index + 1}`));
  for (const { name } of pair) {
    await host.api('POST', `${name}/roles/one`, { azure_roles: JSON.stringify(roles.slice(0, 1)), ttl: '1h' });
    await host.api('POST', `${name}/roles/many`, {
      azure_roles: JSON.stringify(roles),
      azure_groups: JSON.stringify(groups.map((object_id) => ({ object_id }))),
      ttl: '1h',
    });
  }
}

/** @returns its object id */
function addGroup(emulator: BenchWorld['emulator'], displayName: string): string {
  const id = randomUUID();
  emulator.state().addGroup({
    id,
    displayName,
    description: null,
    isMailEnabled: false,
    isSecurityEnabled: true,
    groupTypes: [],
    isAssignableToRole: false,
    createdAt: new Date(),
    members: [],
  });
  return id;
}

async function compare(world: BenchWorld, pair: Pair, name: string, role: string, atMost: number): Promise<Figure> {
  const calls: number[] = [];
  for (const subject of pair) {
    const before = world.emulator.calls().at(-1)?.index ?? 0;
    await issue(world, subject, role);
    calls.push(world.emulator.calls(before).length);
  }
  const [ours = 0, other = 0] = (
    await interleave(pair, ROUNDS, world.signal, (subject) => time(() => issue(world, subject, role)))
  ).map(median);
  const note = `${calls[0] ?? 0} and ${calls[1] ?? 0} calls to Azure of ${LATENCY_MS} ms each`;
  return { name, unit: 'ms', ours, other, goal: { of: 'ratio', atMost }, note };
}

async function issue({ host }: BenchWorld, { name }: Subject, role: string): Promise<void> {
  await host.api('GET', `${name}/creds/${role}`);
}
