// What every commit must pass: types, lint, format, floors, cycles, unused code, generated files. All run, even after a
// failure.
import { checkDocsTexts } from './check-docs-texts.mjs';
import { checkFloors } from './check-floors.mjs';
import { checkLinks } from './check-links.mjs';
import { checkLock } from './check-lock.mjs';
import { checkTraces } from './check-traces.mjs';
import { checkWords } from './check-words.mjs';
import { compileKept } from './compile.mjs';
import { checkGenerated } from './generate.mjs';
import { execKept, nodeTool } from './lib/exec.mjs';
import { problemsCheck, runChecks } from './lib/report.mjs';

/** First of the checks, and apart: it leaves build/ behind, which the suites run from. */
export const TYPES_CHECK = toolCheck('types (tsc)', compileKept);

/** @type {readonly import('./lib/report.mjs').Check[]} */
export const OTHER_CHECKS = [
  toolCheck('lint (eslint)', tool('eslint/bin/eslint.js', ['.', '--max-warnings', '0'])),
  toolCheck('format (prettier)', tool('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.'])),
  toolCheck('unused code (knip)', tool('knip/bin/knip.js', ['--no-progress'])),
  problemsCheck('floors and cycles', checkFloors),
  problemsCheck('words and file headers', checkWords),
  problemsCheck('lock file', checkLock),
  problemsCheck('no traces of a machine', checkTraces),
  problemsCheck('links of the documents', checkLinks),
  problemsCheck('texts of the documents', checkDocsTexts),
  problemsCheck('generated files', checkGenerated),
];

export async function main() {
  const { passed, failed } = await runChecks([TYPES_CHECK, ...OTHER_CHECKS]);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function tool(script, args) {
  return () => execKept(...nodeTool(script, args));
}

function toolCheck(name, exec) {
  return {
    name,
    run: async () => {
      const { code, output } = await exec();
      return { isOk: code === 0, output: output === '' ? `exit code ${code}` : output };
    },
  };
}
