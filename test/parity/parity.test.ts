/** The same requests to HashiCorp's Go plugin and to ours, side by side: equal answers, but for the differences listed. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { fromRepository } from '../helpers/repository.ts';
import type { Comparison } from './_compare.ts';
import { requestConfig } from './_config-requests.ts';
import { requestCredentials } from './_credential-requests.ts';
import { DIFFERENCES, judge } from './_differences.ts';
import { requestWithFailures } from './_failure-requests.ts';
import { requestHelp, requestOperations, requestWithPolicies } from './_operation-requests.ts';
import { Pair, SIDES } from './_pair.ts';
import { startParityHost } from './_parity-host.ts';
import type { ParityHost } from './_parity-host.ts';
import { requestPersistedRoles } from './_persist-requests.ts';
import { requestRoles } from './_role-requests.ts';
import { requestRotations } from './_rotation-requests.ts';

const GROUPS: Readonly<Record<string, (t: ExecutionContext, pair: Pair) => Promise<void>>> = {
  config: requestConfig,
  roles: requestRoles,
  operations: requestOperations,
  policies: requestWithPolicies,
  help: requestHelp,
  credentials: requestCredentials,
  persisted: requestPersistedRoles,
  failures: requestWithFailures,
  rotation: requestRotations,
};

let parity: ParityHost | undefined;
const comparisons: Comparison[] = [];

test.before(async () => {
  parity = await startParityHost();
});
test.after.always(async () => {
  await parity?.stop();
});
test.afterEach.always((t) => {
  if (!t.passed && parity !== undefined) t.log(parity.host.logTail());
});

// One after the other: some requests kill the Go plugin, whose one process serves all its mounts.
for (const [name, sendAll] of Object.entries(GROUPS)) {
  test.serial(`${name}: answers differ only as listed`, async (t) => {
    if (parity === undefined) throw new Error('the host is not started');
    const pair = new Pair(parity, name);
    for (const side of SIDES) await parity.mount(pair.mountPath(side), side);
    await sendAll(t, pair);
    comparisons.push(...pair.comparisons);
    t.deepEqual(judge(pair.comparisons).unlisted, []);
  });
}

test.serial('the list: each difference occurs, as often as it says', (t) => {
  const { miscounted, differing } = judge(comparisons);
  t.log(`${comparisons.length} pairs of requests, ${differing} of them with a listed difference`);
  t.deepEqual(miscounted, []);
  t.true(comparisons.length > 1000, 'tables of requests have gone missing');
});

test('docs/migration.md: its table of differences is the list, word for word', (t) => {
  const [, section = ''] = readFileSync(fromRepository('docs', 'migration.md'), 'utf8').split(
    '\n## Differences in answers\n',
  );
  const [table = ''] = section.split('\n## ');
  const [, , ...rows] = table.split('\n').filter((line) => line.startsWith('|'));
  t.deepEqual(
    rows.map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
    DIFFERENCES.map(({ what, theirs, ours, why }) => [what, theirs, ours, why]),
  );
});
