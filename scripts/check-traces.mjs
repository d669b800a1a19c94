// Nothing in the repository may depend on where it was written: no folder of a developer's machine, no host of a package
// registry (a lock file that names one breaks behind a mirror).
import { statSync } from 'node:fs';
import { fromRoot, isStartedFile } from './lib/paths.mjs';
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
        const rule = RULES.find(({ pattern }) => pattern.test(line));
        if (rule !== undefined) problems.push(`${file}:${index + 1}: ${rule.what}: ${line.trim().slice(0, 120)}`);
      });
  }
  return problems;
}

if (isStartedFile(import.meta.url)) {
  const problems = await checkTraces();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
