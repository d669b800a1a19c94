/** The shell examples of the guides, word for word but for ids and names, in a shell with the real command. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { childEnvironment } from '../helpers/child-environment.ts';
import { fromRepository } from '../helpers/repository.ts';
import { findTool } from '../host/find-tool.ts';
import { VAULT } from '../host/host-tools.ts';
import { serveAzureHost } from './_azure-host.ts';
import { addOperator } from './_operator.ts';

const azure = serveAzureHost(test);

/** Code blocks of one language, in order. */
function readBlocks(document: string, language: string): string[] {
  const text = readFileSync(fromRepository('docs', 'azure', document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, code = '']) =>
    found === language ? [code] : [],
  );
}

interface Shell {
  /** Replaces a sample by the real thing in all that follows. */
  readonly replace: (sample: string, real: string) => void;
  /** Runs a script; every line must succeed. */
  readonly run: (script: string, stdin?: string) => Promise<void>;
}

/** With `vault` on its PATH, and an `az` that answers every question with one object id. */
async function openShell(t: ExecutionContext, variables: Record<string, string>, azAnswer: string): Promise<Shell> {
  const { host } = azure();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'documents-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  symlinkSync(await findTool(VAULT), path.join(folder, 'vault'));
  writeFileSync(path.join(folder, 'az'), `#!/bin/sh\necho ${azAnswer}\n`);
  chmodSync(path.join(folder, 'az'), 0o755);
  const base = childEnvironment(folder, { VAULT_ADDR: host.address, VAULT_TOKEN: host.rootToken, ...variables });
  const env = { ...base, PATH: `${folder}:${base['PATH'] ?? ''}` };
  const replacements = new Map<string, string>();
  const roles = readBlocks('README.md', 'json')[0] ?? '';
  return {
    replace: (sample, real) => void replacements.set(sample, real),
    run: async (script, stdin = '') => {
      const adapt = (text: string): string =>
        [...replacements].reduce((adapted, [sample, real]) => adapted.replaceAll(sample, real), text);
      writeFileSync(path.join(folder, 'roles.json'), adapt(roles));
      const child = spawn('/bin/sh', ['-e', '-c', adapt(script)], { cwd: folder, env, timeout: 60_000 });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stdin.end(stdin);
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      t.is(code, 0, `${script}\n${output}`);
    },
  };
}

test('guide, every example of the page, succeeds in its order', async (t) => {
  const { emulator, host } = azure();
  const operator = addOperator(t, emulator, 'guide');
  const existing = emulator.applications[0];
  const mount = await azure().mount('azure');
  const variables = { SECRET: operator.clientSecret, CLIENT_ID: existing?.appId ?? '' };
  const shell = await openShell(t, variables, existing?.id ?? '');
  shell.replace('94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44', emulator.subscriptionId);
  shell.replace('d0ac7e5b-6a1f-4b7d-8f65-3f0c2f9d1b10', emulator.tenantId);
  shell.replace('e607c4f2-5d0e-4c1b-9a8e-7b6d5c4a3f21', operator.clientId);
  shell.replace('web-deployers', emulator.groups[0]?.displayName ?? '');
  shell.replace('/resourceGroups/web', `/resourceGroups/${emulator.resourceGroups[0] ?? ''}`);
  for (const script of readBlocks('README.md', 'sh')) {
    // A lease of now: what the page has read before may be revoked already.
    if (script.includes('<id>')) shell.replace('azure/creds/web/<id>', (await mount.creds('web')).leaseId);
    await shell.run(script);
  }
  await host.api('PUT', 'sys/leases/revoke-prefix/azure/creds', { sync: true });
  await mount.api('DELETE', 'roles/web');
  await host.api('DELETE', 'sys/mounts/azure');
});

test('static roles and root rotation, every example of the pages, succeeds in its order', async (t) => {
  const { emulator, host } = azure();
  const operator = addOperator(t, emulator, 'pages');
  const existing = emulator.applications[0];
  const found = emulator.state().applications.get(existing?.id ?? '');
  const password = found?.passwords[0];
  const { clientId, clientSecret } = operator;
  await azure().mount('pages', { config: { client_id: clientId, client_secret: clientSecret } });
  const shell = await openShell(t, { CLIENT_ID: existing?.appId ?? '' }, existing?.id ?? '');
  shell.replace('azure/', 'pages/');
  shell.replace('408bf248-dd4e-4be5-919a-7f6207a307ab', existing?.id ?? '');
  shell.replace('5c2f7e2a-9d1b-4a64-8f0e-3b7c6d5e4f21', password?.keyId ?? '');
  for (const page of ['static-roles.md', 'root-rotation.md']) {
    for (const script of readBlocks(page, 'sh')) await shell.run(script, password?.secretText ?? '');
  }
  await host.api('DELETE', 'sys/mounts/pages');
});
