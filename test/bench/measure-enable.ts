/** `secrets enable` of a plugin that does not run yet: checksum, start, handshake, set-up. */
import { setTimeout as delay } from 'node:timers/promises';
import { listChildren } from '../helpers/process-children.ts';
import { enableMount } from '../host/register-plugin.ts';
import type { Figure } from './figures.ts';
import { interleave, median, time } from './statistics.ts';
import type { BenchWorld, Pair, Subject } from './world.ts';

const ROUNDS = 8;
const POLL_MS = 10;

export async function measureEnable(world: BenchWorld, pair: Pair): Promise<Figure[]> {
  for (const subject of pair) await timeEnable(world, subject);
  const [oursMs = 0, otherMs = 0] = (
    await interleave(pair, ROUNDS, world.signal, (subject) => timeEnable(world, subject))
  ).map(median);
  return [
    {
      name: 'secrets enable',
      unit: 'ms',
      ours: oursMs,
      other: otherMs,
      goal: { of: 'ratio', atMost: 1.1 },
      note: 'by the API',
    },
  ];
}

async function timeEnable({ host }: BenchWorld, { name }: Subject): Promise<number> {
  const tookMs = await time(() => enableMount(host, { path: name, plugin: name }));
  await host.api('DELETE', `sys/mounts/${name}`);
  while (listChildren(host.pid).length > 0) await delay(POLL_MS);
  return tookMs;
}
