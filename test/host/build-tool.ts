/**
 * Builds a host tool from its Go module into the cache. Two builders never work at once: the second waits and takes the
 * first one's result. The file appears by a rename, so a half-built one is never found.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeMissing, locateTool } from './find-tool.ts';
import type { HostTool } from './host-tools.ts';

const REPORT_EVERY_MS = 15_000;
const LOCK_POLL_MS = 250;
const LOCK_TOUCH_MS = 5_000;
const LOCK_STALE_MS = 60_000;

/**
 * @param env Go's own settings come from here too
 * @param report gets lines for the user: what is built, and every 15 s for how long
 * @param signal ends the waiting and the building
 * @returns absolute path of the program
 * @throws when it is nowhere and cannot be built, with what was looked at or what Go said
 */
export async function ensureTool(
  tool: HostTool,
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const place = await locateTool(tool, env);
  if (place.found !== undefined) return place.found;
  const target = place.buildTarget;
  if (target === undefined) {
    throw new Error(
      `${describeMissing(tool, place)} Install Go 1.25 or newer, or set ${tool.variable} to a program you have.`,
    );
  }
  mkdirSync(path.dirname(target), { recursive: true });
  const release = await takeLock(`${target}.lock`, () => report(`another process is building ${tool.title}`), signal);
  try {
    if (!existsSync(target)) await buildTool(tool, env, target, report, signal);
  } finally {
    release();
  }
  return target;
}

async function buildTool(
  tool: HostTool,
  env: NodeJS.ProcessEnv,
  target: string,
  report: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const startedAt = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - startedAt) / 1000)} s`;
  report(`building ${tool.title} from its Go module; minutes, this first time only`);
  const timer = setInterval(() => report(`building ${tool.title}, ${elapsed()}`), REPORT_EVERY_MS);
  const unfinished = `${target}.${process.pid}.tmp`;
  try {
    await runGo(['build', '-ldflags=-s -w', `-tags=${tool.tags.join(',')}`, '-o', unfinished, tool.package], {
      cwd: tool.moduleFolder,
      env: { ...env, GOWORK: 'off' },
      ...(signal === undefined ? {} : { signal }),
    });
    renameSync(unfinished, target);
    report(`built ${tool.title} in ${elapsed()}`);
  } catch (error) {
    throw new Error(`${tool.title} could not be built: ${String(error)}`, { cause: error });
  } finally {
    clearInterval(timer);
    rmSync(unfinished, { force: true });
  }
}

interface GoOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

function runGo(args: readonly string[], options: GoOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // At an interrupt Go removes what it has in its temporary folder.
    const child = spawn('go', args, { ...options, killSignal: 'SIGINT', stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`go ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${output}`));
    });
  });
}

/**
 * A file with its owner's process id, touched while it is held. One whose owner is gone, or was on another machine or in
 * another container and stopped touching it, is taken over. Should two do that at the same moment, both build, and the
 * rename makes that harmless.
 * @returns the function that gives the lock back
 */
async function takeLock(file: string, onWait: () => void, signal?: AbortSignal): Promise<() => void> {
  for (let hasToldWait = false; ; hasToldWait = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (isAbandoned(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!hasToldWait) onWait();
    await delay(LOCK_POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
  const timer = setInterval(() => {
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  }, LOCK_TOUCH_MS);
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}

function isAbandoned(file: string): boolean {
  try {
    if (Date.now() - statSync(file).mtimeMs > LOCK_STALE_MS) return true;
    const pid = Number(readFileSync(file, 'utf8'));
    // Between its creation and the writing of the number the file is empty.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
