/** Reads of `config` through Vault's API, which cost neither side a call to Azure, and the memory they take. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import { generateLoad } from './load-generator.ts';
import { readResidentMegabytes } from './resident-memory.ts';
import { interleave, median } from './statistics.ts';
import { findPluginPid, type BenchWorld, type Pair, type Subject } from './world.ts';

const ROUNDS = 2;
const DURATION_MS = 5_000;
const WARM_UP_MS = 1_500;
/** After it a process that has just been set up has come to rest. */
const REST_MS = 3_000;
const MEMORY_POLL_MS = 100;
const CONNECTIONS = [1, 32] as const;

/** The mounts must be there, configured. */
export async function measureReads(world: BenchWorld, pair: Pair): Promise<Figure[]> {
  await delay(REST_MS, undefined, { signal: world.signal });
  const [oursIdle = 0, otherIdle = 0] = pair.map((subject) => readResidentMegabytes(findPluginPid(world, subject)));
  for (const subject of pair) await readConfig(world, subject, 32, WARM_UP_MS);
  const figures: Figure[] = [];
  const peaks = new Map<Subject, number>();
  for (const connections of CONNECTIONS) {
    const rounds = await interleave(pair, ROUNDS, world.signal, async (subject) => {
      const { requestsPerSecond, p99Ms, peakMegabytes } = await readConfig(world, subject, connections, DURATION_MS);
      peaks.set(subject, Math.max(peaks.get(subject) ?? 0, peakMegabytes));
      return { requestsPerSecond, p99Ms };
    });
    const [ours = 0, other = 0] = rounds.map((values) =>
      median(values.map(({ requestsPerSecond }) => requestsPerSecond)),
    );
    const [oursP99 = 0, otherP99 = 0] = rounds.map((values) => median(values.map(({ p99Ms }) => p99Ms)));
    figures.push({
      name: `config reads, ${connections} connection${connections === 1 ? '' : 's'}`,
      unit: '/s',
      ours,
      other,
      goal: { of: 'ratio', atLeast: 1.5 },
      note: `99 % within ${oursP99.toFixed(1)} and ${otherP99.toFixed(1)} ms`,
    });
  }
  return [
    ...figures,
    { name: 'resident memory, idle', unit: 'MB', ours: oursIdle, other: otherIdle, goal: { of: 'ours', atMost: 60 } },
    {
      name: 'resident memory, that load',
      unit: 'MB',
      ours: peaks.get(pair[0]) ?? 0,
      other: peaks.get(pair[1]) ?? 0,
      goal: { of: 'ours', atMost: 110 },
      note: 'largest seen',
    },
  ];
}

interface ReadResult {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly peakMegabytes: number;
}

async function readConfig(
  world: BenchWorld,
  subject: Subject,
  connections: number,
  durationMs: number,
): Promise<ReadResult> {
  const { host, signal } = world;
  const pid = findPluginPid(world, subject);
  let peakMegabytes = 0;
  const look = (): void => void (peakMegabytes = Math.max(peakMegabytes, readResidentMegabytes(pid)));
  const timer = setInterval(look, MEMORY_POLL_MS);
  try {
    const result = await generateLoad({
      address: host.address,
      path: `/v1/${subject.name}/config`,
      token: host.rootToken,
      connections,
      durationMs,
      signal,
    });
    look();
    return { ...result, peakMegabytes };
  } finally {
    clearInterval(timer);
  }
}
