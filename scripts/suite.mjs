// One test suite with ava's own report on the terminal: `npm run test:unit -- --match='clock*'`, or with the compiled
// files to run: `npm run test:e2e -- build/test/e2e/host.test.js`.
import { build } from './build.mjs';
import { main as compile } from './compile.mjs';
import { avaCommand } from './lib/ava.mjs';
import { execShared } from './lib/exec.mjs';
import { prepareHosts } from './lib/hosts.mjs';
import { SUITES } from './lib/suites.mjs';

/** @param {string[]} args the suite's name, then arguments for ava */
export async function main([name, ...args]) {
  const suite = SUITES.find((candidate) => candidate.name === name);
  if (suite === undefined) {
    console.error(
      `usage: node scripts/run.mjs suite ${SUITES.map(({ name: known }) => known).join('|')} [ava's arguments]`,
    );
    return 2;
  }
  const compiled = await compile();
  if (compiled !== 0) return compiled;
  if (suite.needs.includes('bundle')) console.log(`built ${(await build()).file}`);
  if (suite.needs.includes('hosts')) {
    const hosts = await prepareHosts(console.log);
    if (hosts.code !== 0) return hosts.code;
  }
  return execShared(...avaCommand(suite.name, args));
}
