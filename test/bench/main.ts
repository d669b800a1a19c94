/** `npm run bench`: ours beside the official Go plugin, in one run, on one Vault and one fake Azure. Asserts nothing. */
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { watchEndSignals } from '../helpers/end-signals.ts';
import { ensureTool } from '../host/build-tool.ts';
import { GO_PLUGIN, VAULT } from '../host/host-tools.ts';
import { readBuiltPlugin, readPluginFile } from '../host/register-plugin.ts';
import { renderTable, type Figure } from './figures.ts';
import { measureCreds } from './measure-creds.ts';
import { measureEnable } from './measure-enable.ts';
import { measureReads } from './measure-reads.ts';
import { measureStart } from './measure-start.ts';
import { mountConfigured, startWorld, type Pair } from './world.ts';

const PARTS = ['start', 'enable', 'reads', 'creds'] as const;
type Part = (typeof PARTS)[number];

/** Where people read along: stdout belongs to the result. */
const report = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * @param args `--only=NAME` (may be repeated), `--json`, `--against=FILE`: a plugin to compare with instead of the Go one
 * @returns the exit code: 0 whatever the figures say
 */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      against: { type: 'string' },
    },
  });
  const wanted = readParts(values.only ?? PARTS);
  const startedAt = performance.now();
  const pair = await findPair(values.against);
  const environment = await describeEnvironment();
  const ending = watchEndSignals();
  let figures: readonly Figure[];
  try {
    figures = await measure(wanted, pair, ending.signal);
  } catch (error) {
    const endedCode = ending.exitCode();
    if (endedCode !== undefined) return endedCode;
    throw error;
  } finally {
    ending.release();
  }
  const tookSeconds = Math.round((performance.now() - startedAt) / 1000);
  if (values.json) process.stdout.write(`${JSON.stringify({ environment, tookSeconds, figures }, null, 2)}\n`);
  else {
    const lines = Object.entries(environment).map(([name, value]) => `${name}: ${value}`);
    const table = renderTable(figures, { ours: pair[0].title, other: pair[1].title });
    process.stdout.write(`\n${table}\n\n${lines.join('\n')}\nmeasured in ${tookSeconds} s\n`);
  }
  return 0;
}

function readParts(names: readonly string[]): Part[] {
  return names.map((name) => {
    const part = PARTS.find((candidate) => candidate === name);
    if (part === undefined) throw new Error(`--only is one of ${PARTS.join(', ')}, not ${name}`);
    return part;
  });
}

async function findPair(against: string | undefined): Promise<Pair> {
  const other = against ?? (await ensureTool(GO_PLUGIN, process.env, report));
  return [
    { title: 'ours', name: 'ours', plugin: readBuiltPlugin() },
    { title: against === undefined ? 'Go' : 'other', name: 'other', plugin: await readPluginFile(path.resolve(other)) },
  ];
}

async function measure(wanted: readonly Part[], pair: Pair, signal: AbortSignal): Promise<Figure[]> {
  const figures: Figure[] = [];
  if (wanted.includes('start')) {
    report('starting each plugin and bare Node, in turns …');
    figures.push(...(await measureStart(pair, signal)));
  }
  if (wanted.every((part) => part === 'start')) return figures;
  await ensureTool(VAULT, process.env, report);
  const world = await startWorld(pair, signal);
  try {
    if (wanted.includes('enable')) {
      report('mounting each plugin, in turns …');
      figures.push(...(await measureEnable(world, pair)));
    }
    for (const subject of pair) await mountConfigured(world, subject);
    if (wanted.includes('reads')) {
      report('reading config, about 50 seconds …');
      figures.push(...(await measureReads(world, pair)));
    }
    if (wanted.includes('creds')) {
      report('issuing credentials, about 40 seconds …');
      figures.push(...(await measureCreds(world, pair)));
    }
    return figures;
  } catch (error) {
    if (!signal.aborted) report(world.host.logTail());
    throw error;
  } finally {
    await world.stop();
  }
}

async function describeEnvironment(): Promise<Readonly<Record<string, string>>> {
  const vault = await ensureTool(VAULT, process.env, report);
  const { stdout } = await promisify(execFile)(vault, ['version']);
  return {
    machine: `${os.availableParallelism()} CPUs, ${os.cpus()[0]?.model ?? 'unknown'}, ${os.platform()} ${os.arch()}`,
    load: `${os.loadavg()[0]?.toFixed(1) ?? ''} before the start`,
    node: process.version,
    vault: stdout.trim(),
  };
}
