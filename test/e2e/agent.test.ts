/** The example of docs/azure/agent.md, word for word but for its folders, addresses and ids, with the real agent. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { fromRepository } from '../helpers/repository.ts';
import { serveAzureHost } from './_azure-host.ts';

const azure = serveAzureHost(test);

/** Code blocks of the document by their language, in order. */
function readExamples(language: string): string[] {
  const text = readFileSync(fromRepository('docs/azure/agent.md'), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, code]) =>
    found === language && code !== undefined ? [code] : [],
  );
}

/** The text of a here-document. */
function readHereDocument(script: string, mark: string): string {
  return new RegExp(`<<'${mark}'\\n(.*?)^${mark}$`, 'ms').exec(script)?.[1] ?? '';
}

test('agent: the documented set-up renders a credential that logs in', async (t) => {
  const { host, emulator } = azure();
  const mount = await azure().mount('azure');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'agent-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'run'));
  const adapt = (text: string): string =>
    text
      .replaceAll('94ca80d1-2b5c-4f0e-9a3b-0f5d7c1e2a44', emulator.subscriptionId)
      .replaceAll('d0ac7e5b-6a1f-4b7d-8f65-3f0c2f9d1b10', emulator.tenantId)
      .replaceAll('https://vault.example.com:8200', host.address)
      .replaceAll('/etc/vault-agent', folder)
      .replaceAll('/run/web', path.join(folder, 'run'));
  const run = async (args: readonly string[], stdin = ''): Promise<string> => {
    const result = await host.cli(args, { stdin });
    t.deepEqual([result.code, result.stderr], [0, ''], args.join(' '));
    return result.stdout;
  };

  const [setUp = '', start = ''] = readExamples('sh').map(adapt);
  const [configuration = ''] = readExamples('hcl').map(adapt);
  const [template = ''] = readExamples('text').map(adapt);
  await run(['write', 'azure/roles/web', 'ttl=1h', 'max_ttl=24h', 'azure_roles=-'], readHereDocument(setUp, 'JSON'));
  await run(['policy', 'write', 'web', '-'], readHereDocument(setUp, 'HCL'));
  // The other lines are commands with an output file at most.
  for (const line of setUp.split('\n').filter((text) => /^vault (?:auth|read|write (?:auth|-f))/.test(text))) {
    const [command = '', file] = line.split(' > ');
    const output = await run(command.split(' ').slice(1));
    if (file !== undefined) writeFileSync(file, output);
  }
  writeFileSync(path.join(folder, 'agent.hcl'), `exit_after_auth = true\n${configuration}`);
  writeFileSync(path.join(folder, 'azure.ctmpl'), template);
  const agent = await host.cli(start.trim().split(' ').slice(1), { token: '' });
  t.is(agent.code, 0, agent.stdout + agent.stderr);

  const rendered = readFileSync(path.join(folder, 'run/azure.env'), 'utf8');
  const variables = new Map(
    rendered
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string]),
  );
  t.deepEqual([...variables.keys()], ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']);
  const clientSecret = variables.get('AZURE_CLIENT_SECRET') ?? '';
  azure().secrets.add(clientSecret);
  t.true(await azure().canLogIn({ clientId: variables.get('AZURE_CLIENT_ID') ?? '', clientSecret }));
  await host.api('PUT', `sys/leases/revoke-prefix/${mount.path}/creds/web`, { sync: true });
});
