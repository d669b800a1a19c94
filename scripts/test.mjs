// `npm test`, and what CI runs: every check, two builds compared, every suite. All run even after a failure. Each check
// counts as one, and so does each test; the last line is the sum.
import { OTHER_CHECKS, TYPES_CHECK } from './check.mjs';
import { checkReproducible } from './check-reproducible.mjs';
import { build } from './build.mjs';
import { startSuite } from './lib/ava.mjs';
import { prepareHosts } from './lib/hosts.mjs';
import { formatSeconds, withProgress } from './lib/progress.mjs';
import { printResult, runCheck, runChecks } from './lib/report.mjs';
import { SUITES, hasTestFiles } from './lib/suites.mjs';

export async function main() {
  const startedAt = performance.now();
  const total = { passed: 0, failed: 0 };
  const add = ({ passed, failed }) => {
    total.passed += passed;
    total.failed += failed;
  };
  const times = [];
  const timed = async (name, work) => {
    const from = performance.now();
    add(await work);
    times.push({ name, tookMs: performance.now() - from });
  };

  await timed('types', runChecks([TYPES_CHECK]));
  // Minutes when they have to be built, so they are begun first and awaited last.
  const hosts = startHosts();
  await timed('other checks', runChecks(OTHER_CHECKS));
  const bundle = { isBuilt: false };
  await timed('two builds', checkBuilds(bundle));
  for (const suite of SUITES) {
    if (!suite.isExpected && !hasTestFiles(suite.name)) continue;
    await timed(suite.name, runSuite(suite, bundle, hosts));
  }
  await hosts;

  console.log('');
  for (const { name, tookMs } of times) console.log(`${formatSeconds(tookMs).padStart(12)}  ${name}`);
  console.log(`${formatSeconds(performance.now() - startedAt).padStart(12)}  in all`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/** The comparison comes first: building here rewrites plugin.sha256. */
async function checkBuilds(bundle) {
  const isSame = await runCheck({
    name: 'two builds equal plugin.sha256',
    run: async () => ({ isOk: true, output: await checkReproducible() }),
  });
  bundle.isBuilt = await runCheck({
    name: 'the plugin file',
    run: async () => ({ isOk: true, output: (await build()).file }),
  });
  const results = [isSame, bundle.isBuilt];
  return { passed: results.filter(Boolean).length, failed: results.filter((isOk) => !isOk).length };
}

/** @returns {Promise<{code: number, output: string}>} never rejects */
function startHosts() {
  return prepareHosts((line) => console.log(`…       ${line}`));
}

async function runSuite({ name, needs }, bundle, hosts) {
  const startedAt = performance.now();
  const missing = await findMissing(needs, bundle, hosts);
  if (missing !== undefined) {
    printResult(`suite ${name}`, { isOk: false, output: missing }, performance.now() - startedAt);
    return { passed: 0, failed: 1 };
  }
  const { tally, done } = startSuite(name, process.env);
  await withProgress(() => `suite ${name}: ${tally.passed} passed, ${tally.failed} failed so far`, done);
  const title = `suite ${name}: ${tally.passed} passed, ${tally.failed} failed`;
  printResult(title, { isOk: tally.failed === 0, output: tally.report }, performance.now() - startedAt);
  return tally;
}

/** Says what keeps a suite from running. It fails then: it never passes by skipping. */
async function findMissing(needs, bundle, hosts) {
  if (needs.includes('bundle') && !bundle.isBuilt) return 'not run: the plugin file could not be built, see above';
  if (!needs.includes('hosts')) return undefined;
  const { code, output } = await hosts;
  return code === 0 ? undefined : `not run: ${output.trim()}`;
}
