// Lets a check be run by itself: `node scripts/check-floors.mjs` prints its problems and ends with 1 if there are any.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Does nothing in a file that was imported.
 * @param {string} moduleUrl the caller's `import.meta.url`
 * @param {() => Promise<string[]>} findProblems
 */
export async function runAlone(moduleUrl, findProblems) {
  if (process.argv[1] === undefined || path.resolve(process.argv[1]) !== fileURLToPath(moduleUrl)) return;
  const problems = await findProblems();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
