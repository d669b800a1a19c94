/** Processes as tests need them: whether one lives, and waiting for a state without sleeping for a guess. */
import { readFileSync } from 'node:fs';

/** A dead process that nobody has collected yet counts as dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // After the name in parentheses, which may hold anything, comes the state.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.startsWith('Z') !== true;
  } catch {
    return process.platform !== 'linux';
  }
}

/** Asks every few ms. @throws Error naming `what` when it has not happened after `limitMs`. */
export async function waitUntil(what: string, isDone: () => boolean, limitMs = 10_000): Promise<void> {
  const endsAt = performance.now() + limitMs;
  while (!isDone()) {
    if (performance.now() > endsAt) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** @throws Error naming `what` when `promise` has not settled after `limitMs`. */
export async function within<T>(what: string, promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
