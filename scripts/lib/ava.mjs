// Runs one suite with ava and counts from its TAP report, which is made for machines: a crash, a time-out or a file
// without tests is a `not ok` line there. Nothing executed, a skipped test or a report that stops short is a failure.
import { spawn } from 'node:child_process';
import { nodeTool } from './exec.mjs';
import { ROOT } from './paths.mjs';

const AVA = 'ava/entrypoints/cli.mjs';
/** Lines of what the tests themselves printed that are kept for a failed suite's report. */
const KEPT_OUTPUT_LINES = 200;

/** ava's command line for one suite: `[file, args]`. Arguments that name test files take the place of the whole suite. */
export const avaCommand = (suite, args) =>
  nodeTool(AVA, [...args, ...(args.some(isTestFile) ? [] : [`build/test/${suite}/**/*.test.js`])]);

const isTestFile = (argument) => argument.endsWith('.test.js');

/**
 * @param {string} suite
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ tally: SuiteTally, done: Promise<SuiteTally> }} `tally` moves while the suite runs
 * @typedef {{ passed: number, failed: number, report: string }} SuiteTally
 */
export function startSuite(suite, env) {
  const tally = { passed: 0, failed: 0, report: '' };
  return { tally, done: runSuite(suite, env, tally) };
}

async function runSuite(suite, env, tally) {
  const reader = new TapReader();
  const printed = [];
  const [file, args] = avaCommand(suite, ['--tap']);
  const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  eachLine(child.stdout, (line) => {
    reader.read(line);
    tally.passed = reader.passed;
    tally.failed = reader.failed;
  });
  eachLine(child.stderr, (line) => {
    printed.push(line);
    if (printed.length > KEPT_OUTPUT_LINES) printed.shift();
  });
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  const problems = [...reader.failures];
  const fail = (text) => {
    tally.failed += 1;
    problems.push(text);
  };
  if (code !== 0 && tally.failed === 0) fail(`ava ended with ${code}`);
  else if (!reader.isComplete) fail('the report stops short: ava itself crashed');
  else if (tally.passed + tally.failed === 0) fail('no test was executed');
  if (problems.length > 0) tally.report = [...problems, '', 'printed by the tests:', ...printed].join('\n');
  return tally;
}

/** Reads TAP version 13 line by line: counts results and keeps the text that belongs to each failure. */
export class TapReader {
  passed = 0;
  failed = 0;
  /** True once the plan line `1..N` came, which ava writes last. */
  isComplete = false;
  /** @type {string[]} one text per failure: its title, then ava's details */
  failures = [];
  #isInFailure = false;

  /** @param {string} line */
  read(line) {
    const result = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (result !== null) {
      const isSkipped = / # (SKIP|TODO)\b/.test(line);
      const isPassed = result[1] === undefined && !isSkipped;
      this.#isInFailure = !isPassed;
      if (isPassed) this.passed += 1;
      else {
        this.failed += 1;
        this.failures.push(`not ok  ${result[2]}${isSkipped ? ' (a skipped test counts as failed)' : ''}`);
      }
    } else if (/^1\.\.\d+$/.test(line)) {
      this.isComplete = true;
      this.#isInFailure = false;
    } else if (this.#isInFailure && line.trim() !== '---' && line.trim() !== '...') {
      this.failures[this.failures.length - 1] += `\n${line}`;
    }
  }
}

function eachLine(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => onLine(line));
  });
  stream.on('end', () => rest !== '' && onLine(rest));
}
