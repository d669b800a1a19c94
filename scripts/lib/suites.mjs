// The test suites, in the order they run. `needs` names what must exist before one starts: the built plugin file
// (`bundle`), and a Vault and the official Go plugin (`hosts`). An expected suite fails when it has no test files.
import { existsSync } from 'node:fs';
import { fromRoot } from './paths.mjs';
import { listFiles } from './sources.mjs';

/** @type {readonly {name: string, needs: readonly ('bundle' | 'hosts')[], isExpected: boolean}[]} */
export const SUITES = [
  { name: 'unit', needs: [], isExpected: true },
  { name: 'protocol', needs: ['bundle'], isExpected: true },
  { name: 'engine', needs: [], isExpected: true },
  { name: 'e2e', needs: ['bundle', 'hosts'], isExpected: true },
  { name: 'parity', needs: ['bundle', 'hosts'], isExpected: true },
];

/** @param {string} suite */
export const hasTestFiles = (suite) =>
  existsSync(fromRoot('test', suite)) && listFiles(`test/${suite}`, /\.test\.ts$/).length > 0;
