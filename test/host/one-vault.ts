/** One server for all tests of a file: started before the first, stopped after the last, its log shown on a failure. */
import type { TestFn } from 'ava';
import { startVault } from './start-vault.ts';
import type { RunningVault, VaultOptions } from './start-vault.ts';

export interface OneVaultHooks {
  /** Runs before the start, for what the server's environment must name. Its options win over the given ones. */
  readonly beforeStart?: () => Promise<VaultOptions>;
  /** Runs once after the start: register, mount. */
  readonly prepare?: (host: RunningVault) => Promise<void>;
  /** Runs after the stop, and also when the start has failed. */
  readonly afterStop?: () => Promise<void>;
}

/** @returns a function that gives the server to a test */
export function serveOneVault(test: TestFn, options: VaultOptions, hooks: OneVaultHooks = {}): () => RunningVault {
  let running: RunningVault | undefined;
  test.before(async () => {
    running = await startVault({ ...options, ...(await hooks.beforeStart?.()) });
    await hooks.prepare?.(running);
  });
  test.afterEach.always((t) => {
    if (!t.passed && running !== undefined) t.log(running.logTail());
  });
  test.after.always(async () => {
    await running?.stop();
    await hooks.afterStop?.();
  });
  return () => {
    if (running === undefined) throw new Error('the host is not started yet');
    return running;
  };
}
