// Nothing in the repository may depend on where it was written: no folder of a developer's machine, no host of a package
// registry (a lock file that names one breaks behind a mirror).
import { statSync } from 'node:fs';
import { fromRoot } from './lib/paths.mjs';
import { runAlone } from './lib/run-alone.mjs';
import { listRepositoryFiles, readSource } from './lib/sources.mjs';

const RULES = [
  { pattern: /(?<![\w.~$}/-])\/(?:work|root|home|Users)\/[\w.-]+/, what: 'a folder of one machine' },
  { pattern: /\b(?:registry\.[a-z][\w-]*\.(?:org|com|io)|(?:proxy|sum)\.golang\.org)/, what: 'a registry host' },
  { pattern: /"resolved":\s*"https?:/, what: 'a download address in the lock file' },
];
const MAX_SIZE_BYTES = 4 << 20;

/** @returns {Promise<string[]>} one line per trace */
export async function checkTraces() {
  const problems = [];
  for (const file of listRepositoryFiles()) {
    const stat = statSync(fromRoot(file), { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile() || stat.size > MAX_SIZE_BYTES) continue;
    readSource(file)
      .split('\n')
      .forEach((line, index) => {
        const what = findTrace(line);
        if (what !== undefined) problems.push(`${file}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`);
      });
  }
  return problems;
}

/** @returns {string | undefined} what kind of trace a line has */
export const findTrace = (line) => RULES.find(({ pattern }) => pattern.test(line))?.what;

await runAlone(import.meta.url, checkTraces);
