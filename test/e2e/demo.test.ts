/** The guided tour as people start it: every step in the order of the documentation, and nothing left behind. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { childEnvironment } from '../helpers/child-environment.ts';
import { findProcesses } from '../helpers/process-children.ts';
import { fromRepository } from '../helpers/repository.ts';
import { StartedProcess } from '../helpers/started-process.ts';
import { findTool } from '../host/find-tool.ts';
import { requestHost } from '../host/host-api.ts';
import { VAULT } from '../host/host-tools.ts';

const POLL_MS = 20;
const OUTPUT_TIMEOUT_MS = 90_000;

interface StartedDemo {
  readonly demo: StartedProcess;
  /** Everything that it puts anywhere is below it. */
  readonly temporaryFolder: string;
}

async function startDemo(t: ExecutionContext, args: readonly string[] = []): Promise<StartedDemo> {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tour-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const temporaryFolder = path.join(folder, 'tmp');
  mkdirSync(temporaryFolder);
  const demo = await StartedProcess.start({
    title: 'npm run demo',
    file: process.execPath,
    args: [fromRepository('scripts/run.mjs'), 'demo', '--no-build', ...args],
    env: childEnvironment(folder, { VAULT_BIN: await findTool(VAULT) }),
    cwd: fromRepository(),
  });
  t.teardown(() => demo.stop());
  return { demo, temporaryFolder };
}

async function waitForOutput({ demo }: StartedDemo, text: string): Promise<void> {
  const deadline = performance.now() + OUTPUT_TIMEOUT_MS;
  while (!demo.stdout().includes(text)) {
    if (demo.exit !== undefined || performance.now() > deadline) throw new Error(`no "${text}"\n${demo.logTail()}`);
    await delay(POLL_MS);
  }
}

function assertNothingIsLeft(t: ExecutionContext, { demo, temporaryFolder }: StartedDemo): void {
  t.deepEqual(readdirSync(temporaryFolder), [], demo.logTail());
  t.deepEqual(findProcesses(temporaryFolder), []);
}

test.serial('demo, all goes well: each step works, the tenant is as before, nothing is left behind', async (t) => {
  const started = await startDemo(t);
  const { code } = await started.demo.exited;
  const output = started.demo.stdout();
  t.is(code, 0, started.demo.logTail());
  const steps = [
    /^\$ vault plugin register [^]*?^Success! Registered plugin: azure$/m,
    /^Success! Enabled the azure secrets engine at: azure\/$/m,
    /^Success! Data written to: azure\/config$/m,
    /^Success! Data written to: azure\/roles\/my-role$/m,
    /^\$ vault read azure\/creds\/my-role$/m,
    /^logged in; the token is good until /m,
    /^in vault-resource-group it may do \*$/m,
    /^\$ vault lease renew azure\/creds\/my-role\/\w+\nKey [^]*?^lease_duration +1h$/m,
    /^Success! Revoked lease: azure\/creds\/my-role\//m,
    /^refused: AADSTS\d+: /m,
    /^Success! Data written to: azure\/roles\/existing$/m,
    /^logged in; /m,
    /^Success! Revoked lease: azure\/creds\/existing\//m,
    /^refused: AADSTS\d+: /m,
    /^Success! Data written to: azure\/static-roles\/shared$/m,
    /^\$ vault read azure\/static-creds\/shared\n/m,
    /^Success! Data written to: azure\/rotate-role\/shared$/m,
    /^\$ vault read azure\/static-creds\/shared\n/m,
    /^logged in; /m,
    /^Success! Data deleted \(if it existed\) at: azure\/static-roles\/shared$/m,
    /^refused: AADSTS\d+: /m,
    /^== The fake Azure after$/m,
    /^Done\. /m,
  ];
  let rest = output;
  for (const step of steps) {
    const match = step.exec(rest);
    t.truthy(match, `${String(step)} is missing, or not in its place:\n${output}`);
    rest = rest.slice((match?.index ?? 0) + (match?.[0].length ?? 0));
  }
  assertNothingIsLeft(t, started);
});

test.serial('demo, ended in the middle: tidied up, the exit code names the signal', async (t) => {
  const started = await startDemo(t);
  await waitForOutput(started, '$ vault secrets enable azure');
  started.demo.signal('SIGTERM');
  t.deepEqual(await started.demo.exited, { code: 128 + os.constants.signals.SIGTERM });
  assertNothingIsLeft(t, started);
});

test.serial('demo, --keep: the server goes on serving until Ctrl-C, then all is tidied up', async (t) => {
  const started = await startDemo(t, ['--keep']);
  await waitForOutput(started, 'Ctrl-C here stops everything');
  const exports = new Map(
    [...started.demo.stdout().matchAll(/^export (\w+)="(.*)"$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const answer = await requestHost(exports.get('VAULT_ADDR') ?? '', 'GET', 'azure/creds/my-role', undefined, {
    token: exports.get('VAULT_TOKEN') ?? '',
  });
  t.is(answer.status, 200);
  t.is(typeof answer.body.data.client_secret, 'string');
  started.demo.signal('SIGINT');
  t.deepEqual(await started.demo.exited, { code: 0 });
  assertNothingIsLeft(t, started);
});
