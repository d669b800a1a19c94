// Has the two Go programs of the e2e and parity suites found or built: by the compiled test/host/prepare.ts, as a
// process of its own, so that the tests and the scripts share one way to find them.
import { execKept } from './exec.mjs';
import { fromRoot } from './paths.mjs';

/**
 * @param {(line: string) => void} onLine one call per line that the preparation prints
 * @returns {Promise<import('./exec.mjs').ExecResult>} code 0 when both are there
 */
export function prepareHosts(onLine) {
  return execKept(process.execPath, [fromRoot('build/test/host/prepare.js')], { onLine });
}
