import test from 'ava';
import { importScript } from '../../helpers/import-script.ts';

const { TapReader } = await importScript('lib/ava.mjs');

const REPORT = `TAP version 13
ok 1 - clock › now # a hash in the title
#   logged
not ok 2 - clock › sleep
  ---
    name: AssertionError
    message: ''
  ...
ok 3 - clock › later # SKIP
not ok 4 - clock › planned # TODO
not ok 5 - build/test/unit/clock.test.js exited due to SIGKILL

1..5
# tests 4
# pass 1
# fail 4
`;

function read(report: string): { passed: number; failed: number; isComplete: boolean; failures: string[] } {
  const reader = new TapReader();
  for (const line of report.split('\n')) reader.read(line);
  return reader;
}

test('TAP, results, crash, skipped and planned tests: what did not pass has failed', (t) => {
  const { passed, failed, isComplete } = read(REPORT);
  t.deepEqual({ passed, failed, isComplete }, { passed: 1, failed: 4, isComplete: true });
});

test('TAP, a failure: its details are kept, those of others are not', (t) => {
  const { failures } = read(REPORT);
  t.regex(failures[0]!, /^not ok {2}clock › sleep\n {4}name: AssertionError\n/);
  t.false(failures.join('\n').includes('logged'));
  t.regex(failures[3]!, /exited due to SIGKILL/);
});

test('TAP, cut off before the plan: not complete', (t) => {
  t.false(read(REPORT.slice(0, REPORT.indexOf('1..5'))).isComplete);
});
