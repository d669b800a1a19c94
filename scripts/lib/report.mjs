// Runs named checks, prints one line for each as it ends, and the output of those that failed.
import { formatSeconds, withProgress } from './progress.mjs';

/**
 * @typedef {{ isOk: boolean, output: string }} Outcome
 * @typedef {{ name: string, run: () => Promise<Outcome> }} Check
 * @typedef {{ passed: number, failed: number }} Tally
 */

/** The tools use one core each, and the smallest machines have two. */
const SIDE_BY_SIDE = 2;

/**
 * @param {readonly Check[]} checks all are run, whatever fails
 * @returns {Promise<Tally>}
 */
export async function runChecks(checks) {
  const tally = { passed: 0, failed: 0 };
  const waiting = [...checks];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (await runCheck(check)) tally.passed += 1;
      else tally.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return tally;
}

/**
 * @param {Check} check an error thrown by it is a failure with that text
 * @returns {Promise<boolean>} whether it passed
 */
export async function runCheck({ name, run }) {
  const startedAt = performance.now();
  let outcome;
  try {
    outcome = await withProgress(name, run());
  } catch (error) {
    outcome = { isOk: false, output: error instanceof Error ? error.message : String(error) };
  }
  printResult(name, outcome, performance.now() - startedAt);
  return outcome.isOk;
}

/** @param {string} name @param {Outcome} outcome @param {number} tookMs */
export function printResult(name, { isOk, output }, tookMs) {
  console.log(`${isOk ? 'ok    ' : 'FAILED'}  ${name}, ${formatSeconds(tookMs)}`);
  if (!isOk) console.log(output.trimEnd().replaceAll(/^/gm, '        '));
}

/** A check made of a function that lists problems, none when all is well. */
export const problemsCheck = (name, findProblems) => ({
  name,
  run: async () => {
    const problems = await findProblems();
    return { isOk: problems.length === 0, output: problems.join('\n') };
  },
});
