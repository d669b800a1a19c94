/** One server for all tests of a file: started before the first, stopped after the last, its log shown on a failure. */
import type { TestFn } from 'ava';
import { startVault } from './start-vault.ts';
import type { RunningVault, VaultOptions } from './start-vault.ts';

/**
 * @param prepare runs once after the start: register, mount
 * @returns a function that gives the server to a test
 */
export function serveOneVault(
  test: TestFn,
  options: VaultOptions,
  prepare: (host: RunningVault) => Promise<void> = async () => undefined,
): () => RunningVault {
  let running: RunningVault | undefined;
  test.before(async () => {
    running = await startVault(options);
    await prepare(running);
  });
  test.afterEach.always((t) => {
    if (!t.passed && running !== undefined) t.log(running.logTail());
  });
  test.after.always(() => running?.stop());
  return () => {
    if (running === undefined) throw new Error('the host is not started yet');
    return running;
  };
}
