/**
 * The engine's own login on a real host, beside the client secret that all other files use: a token file, a certificate,
 * the platform's identity, and the identity tokens that this edition of the host does not mint.
 */
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createTestCertificate, uploadCertificate } from '../helpers/client-certificate.ts';
import { TokenIssuer, trustTokenIssuer } from '../helpers/token-issuer.ts';
import { enableMount, readBuiltPlugin, registerPlugin, type Registration } from '../host/register-plugin.ts';
import { serveAzureHost } from './_azure-host.ts';
import { addMachineIdentity } from './_machine.ts';
import { AzureMount } from './_mount.ts';
import { addOperator } from './_operator.ts';

const azure = serveAzureHost(test);
const AUDIENCE = 'api://AzureADTokenExchange';

/** A folder of tokens, as Kubernetes projects them into a pod: links that are replaced as a whole. */
class ProjectedToken {
  readonly folder: string;
  readonly file: string;
  readonly #issuer: TokenIssuer;
  #count = 0;

  constructor(t: ExecutionContext, clientId: string) {
    this.folder = path.join(realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tokens-'))), 'tokens');
    t.teardown(() => rmSync(path.dirname(this.folder), { recursive: true }));
    mkdirSync(this.folder);
    this.file = path.join(this.folder, 'azure-identity-token');
    this.#issuer = new TokenIssuer(`https://issuer-of-${clientId}.example`);
    trustTokenIssuer(azure().emulator, this.#issuer, AUDIENCE, clientId);
    this.renew();
    symlinkSync('..data/azure-identity-token', this.file);
  }

  renew(audience = AUDIENCE): void {
    const token = this.#issuer.mint({ audience, ttlSeconds: 3600, now: new Date() });
    azure().secrets.add(token);
    this.#count += 1;
    const name = `..2027_01_0${this.#count}`;
    mkdirSync(path.join(this.folder, name));
    writeFileSync(path.join(this.folder, name, 'azure-identity-token'), token);
    symlinkSync(name, path.join(this.folder, '..data_tmp'));
    renameSync(path.join(this.folder, '..data_tmp'), path.join(this.folder, '..data'));
  }
}

/** Registers the built file once more, so that it has a process and an environment of its own. */
async function register(name: string, registration: Pick<Registration, 'args' | 'env'> = {}): Promise<void> {
  const { host } = azure();
  const { file, sha256 } = readBuiltPlugin();
  host.installPlugin(name, file);
  await registerPlugin(host, { name, sha256, ...registration });
}

async function openMount(name: string): Promise<AzureMount> {
  const { host, secrets } = azure();
  await enableMount(host, { path: name, plugin: name });
  return new AzureMount(host, name, secrets);
}

function ids(): { subscription_id: string; tenant_id: string } {
  const { subscriptionId, tenantId } = azure().emulator;
  return { subscription_id: subscriptionId, tenant_id: tenantId };
}

/** From a role to the end of a credential that works meanwhile. */
async function assertIssues(t: ExecutionContext, mount: AzureMount): Promise<void> {
  await mount.writeRole('web', { azure_roles: azure().azureRoles(), ttl: '1h' });
  const credential = await mount.creds('web');
  t.true(await azure().canLogIn(credential));
  await mount.revoke(credential);
  t.false(await azure().canLogIn(credential));
}

test('token file: in a folder that was allowed at registration it logs in, renewed and after a reload', async (t) => {
  const operator = addOperator(t, azure().emulator, 'token-file');
  const token = new ProjectedToken(t, operator.clientId);
  await register('token-file', { args: [`--federated-token-dir=${token.folder}`] });
  const mount = await openMount('token-file');
  await mount.api('POST', 'config', {
    ...ids(),
    client_id: operator.clientId,
    federated_token_file: token.file,
    verify: true,
  });
  const { data } = await mount.api('GET', 'config');
  t.like(data, { auth_method: 'federated_token_file', federated_token_file: token.file });
  await assertIssues(t, mount);
  token.renew();
  await azure().host.api('POST', 'sys/plugins/reload/backend', { plugin: 'token-file' });
  await assertIssues(t, mount);

  const rotated = await mount.request('POST', 'rotate-root');
  t.is(rotated.status, 400);
  t.regex(rotated.body.errors[0], /^nothing to rotate: .* a token file/);
});

test('token file: outside of the allowed folders it is refused, whether it exists or not', async (t) => {
  const operator = addOperator(t, azure().emulator, 'token-outside');
  const mount = await azure().mount('token-outside');
  for (const file of ['/etc/passwd', '/nonexistent/token']) {
    const answer = await mount.request('POST', 'config', {
      client_id: operator.clientId,
      client_secret: '',
      federated_token_file: file,
    });
    t.is(answer.status, 400);
    t.regex(
      answer.body.errors[0],
      /^federated_token_file must lie in a folder that was allowed .*--federated-token-dir/,
    );
  }
});

test('token file: named by the environment, as in a pod with workload identity, needs no field', async (t) => {
  const operator = addOperator(t, azure().emulator, 'in-a-pod');
  const token = new ProjectedToken(t, operator.clientId);
  await register('in-a-pod', {
    env: [
      `AZURE_CLIENT_ID=${operator.clientId}`,
      `AZURE_TENANT_ID=${azure().emulator.tenantId}`,
      `AZURE_FEDERATED_TOKEN_FILE=${token.file}`,
      'AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/',
    ],
  });
  const mount = await openMount('in-a-pod');
  await mount.api('POST', 'config', { subscription_id: azure().emulator.subscriptionId });
  t.is((await mount.api('GET', 'config')).data.auth_method, 'federated_token_file');
  await assertIssues(t, mount);
});

test('token file: for another audience, the answer says what Azure said and what to do', async (t) => {
  const operator = addOperator(t, azure().emulator, 'other-audience');
  const token = new ProjectedToken(t, operator.clientId);
  token.renew('api://other');
  await register('other-audience', { args: [`--federated-token-dir=${token.folder}`] });
  const mount = await openMount('other-audience');
  const answer = await mount.request('POST', 'config', {
    ...ids(),
    client_id: operator.clientId,
    federated_token_file: token.file,
    verify: true,
  });
  t.is(answer.status, 400);
  t.regex(
    answer.body.errors[0],
    /^nothing was stored: .*AADSTS700212: .*; give the application a federated credential/,
  );
});

test('a folder for tokens that is not absolute: the mount says why the plugin does not start', async (t) => {
  await register('relative-folder', { args: ['--federated-token-dir=tokens'] });
  const answer = await azure().host.request('POST', 'sys/mounts/relative-folder', { type: 'relative-folder' });
  t.is(answer.status, 400, JSON.stringify(answer.body));
  t.regex(JSON.stringify(answer.body), /--federated-token-dir must be the absolute path of a folder/);
});

test('certificate: given by the command from a file it logs in, and only thumbprint and end are shown', async (t) => {
  const { host, emulator, secrets } = azure();
  const operator = addOperator(t, emulator, 'certificate');
  const certificate = createTestCertificate(new Date());
  uploadCertificate(emulator, certificate, operator.clientId);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'certificate-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'operator.pem');
  writeFileSync(file, certificate.privateKeyPem + certificate.certificatePem);
  secrets.add(certificate.privateKeyPem.split('\n')[3] ?? '');
  const mount = await azure().mount('certificate', { config: { client_id: '', client_secret: '' } });
  const written = await host.cli([
    'write',
    'certificate/config',
    `client_id=${operator.clientId}`,
    `client_certificate=@${file}`,
    'verify=true',
  ]);
  t.is(written.code, 0, written.stderr);
  const read = await host.cli(['read', 'certificate/config']);
  t.regex(read.stdout, /^auth_method +client_certificate$/m);
  t.regex(read.stdout, new RegExp(`^client_certificate_thumbprint +${certificate.thumbprint}$`, 'm'));
  t.regex(read.stdout, /^client_certificate_expiration_date +\d{4}-/m);
  t.false(read.stdout.includes('PRIVATE KEY'));
  await assertIssues(t, mount);
});

test('identity token audience: this edition mints no tokens, which a write says with the way out', async (t) => {
  const mount = await azure().mount('minted');
  const answer = await mount.request('POST', 'config', { client_secret: '', identity_token_audience: AUDIENCE });
  t.is(answer.status, 400);
  t.regex(answer.body.errors[0], /not supported in Vault community edition; write federated_token_file/);
  t.is((await mount.api('GET', 'config')).data.auth_method, 'client_secret');
});

test('managed identity of a virtual machine: logs in without any secret', async (t) => {
  const { emulator } = azure();
  const { clientId } = addMachineIdentity(t, emulator);
  await register('machine', {
    env: [`AZURE_POD_IDENTITY_AUTHORITY_HOST=${emulator.identityEndpoints.metadataService}`],
  });
  const mount = await openMount('machine');
  await mount.api('POST', 'config', { ...ids(), client_id: clientId, verify: true });
  t.is((await mount.api('GET', 'config')).data.auth_method, 'managed_identity');
  await assertIssues(t, mount);
});

test('managed identity of App Service: logs in without any secret', async (t) => {
  const { emulator } = azure();
  const { clientId } = addMachineIdentity(t, emulator);
  const { appService, appServiceHeader } = emulator.identityEndpoints;
  await register('app-service', { env: [`IDENTITY_ENDPOINT=${appService}`, `IDENTITY_HEADER=${appServiceHeader}`] });
  const mount = await openMount('app-service');
  await mount.api('POST', 'config', { ...ids(), client_id: clientId, verify: true });
  await assertIssues(t, mount);
});
