/** From spawning a plugin as Vault does to its handshake line, beside the same Node with nothing to do. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PluginProcess } from '../protocol/_plugin-process.ts';
import type { Figure } from './figures.ts';
import { interleave, median } from './statistics.ts';
import type { Pair } from './world.ts';

const ROUNDS = 20;
const GOAL_MS = 60;
/** What the goal was set against. */
const GOAL_NOTE = 'goal where bare Node takes 21 ms';

export async function measureStart([ours, other]: Pair, signal: AbortSignal): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  try {
    const bareNode = path.join(folder, 'bare-node');
    writeFileSync(bareNode, '#!/usr/bin/env node\nprocess.stdout.write("ready\\n");\n');
    chmodSync(bareNode, 0o755);
    const files = [ours.plugin.file, other.plugin.file, bareNode];
    // Once unmeasured, so that all come from the page cache.
    for (const file of files) await timeHandshake(file);
    const times = await interleave(files, ROUNDS, signal, timeHandshake);
    const [oursMs = 0, otherMs = 0, nodeMs = 0] = times.map(median);
    return [
      {
        name: 'spawn to handshake',
        unit: 'ms',
        ours: oursMs,
        other: otherMs,
        goal: { of: 'ours', atMost: GOAL_MS },
        note: `bare Node ${nodeMs.toFixed(1)} ms, ours ${(oursMs / nodeMs).toFixed(2)}x of it; ${GOAL_NOTE}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timeHandshake(file: string): Promise<number> {
  const startedAt = performance.now();
  const plugin = new PluginProcess({ bundlePath: file });
  try {
    await plugin.firstLine();
    return performance.now() - startedAt;
  } finally {
    await plugin.dispose();
  }
}
