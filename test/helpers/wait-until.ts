/** Waiting for a state that can be observed, in place of sleeping for a guess. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Asks until the answer is not `undefined`, and gives that answer. An exception of `ask` ends the waiting.
 * @param what for the message: `the plugin process is gone`
 * @throws when there is none after `limitMs` (default 10,000)
 */
export async function waitFor<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  limitMs = 10_000,
): Promise<T> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endsAt) throw new Error(`not within ${limitMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}

/** The same for a yes or no. */
export async function waitUntil(
  what: string,
  isDone: () => boolean | Promise<boolean>,
  limitMs?: number,
): Promise<void> {
  await waitFor(what, async () => ((await isDone()) ? true : undefined), limitMs);
}
