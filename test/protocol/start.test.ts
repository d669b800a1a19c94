/** From exec to handshake: the built plugin in good and bad environments. */
import test, { type ExecutionContext } from 'ava';
import { X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { credentials, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { PluginConnection } from './_connection.ts';
import { buildFixture } from './_fixture.ts';
import { HOST_CERTIFICATE_PEM, HOST_KEY_PEM } from './_host-certificate.ts';
import { openHost } from './_host.ts';
import { PluginProcess, type PluginProcessOptions } from './_plugin-process.ts';
import { within } from './_processes.ts';

const fixture = await buildFixture();

interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For starts that are meant to fail, or to print something and end. */
async function runToEnd(options: PluginProcessOptions): Promise<Output> {
  const plugin = new PluginProcess(options);
  try {
    const { code } = await within('the end of the process', plugin.ended, 20_000);
    return { code, stdout: plugin.stdout, stderr: plugin.stderrLines.join('\n') };
  } finally {
    await plugin.dispose();
  }
}

function makeFolder(t: { teardown: (undo: () => void) => void }, name = 'start-test-'): string {
  const folder = mkdtempSync(path.join(tmpdir(), name));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const [title, env] of [
  ['no cookie', { VAULT_BACKEND_PLUGIN: undefined }],
  ['a wrong cookie', { VAULT_BACKEND_PLUGIN: 'x' }],
  [
    "the database plugins' cookie",
    { VAULT_BACKEND_PLUGIN: undefined, VAULT_DATABASE_PLUGIN: '926a0820-aea2-be28-51d6-83cdf00e8edb' },
  ],
] as const) {
  test(`start, ${title}, says what it is on stderr and ends with 1`, async (t) => {
    const { code, stdout, stderr } = await runToEnd({ env });
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, /plugin.*not meant to be run directly/s);
  });
}

test('start, --version and --help, print to stdout and end with 0', async (t) => {
  const version = await runToEnd({ args: ['--version'], env: { VAULT_BACKEND_PLUGIN: undefined } });
  t.like(version, { code: 0, stderr: '' });
  t.regex(version.stdout, /^vault-plugin-azure v\d+\.\d+\.\d+\n$/);
  const help = await runToEnd({ args: ['--help'], env: { VAULT_BACKEND_PLUGIN: undefined } });
  t.like(help, { code: 0, stderr: '' });
  t.true(help.stdout.includes('--engine=NAME'));
  t.true(help.stdout.includes('--federated-token-dir=PATH'));
});

/** Hosts show the operator what comes in place of the handshake: one line, which must not look like one. */
function assertRefusal(t: ExecutionContext, stdout: string): void {
  t.regex(stdout, /^vault-plugin-azure: [^|\n]+\n$/);
}

for (const [args, text] of [
  [['--engine=keymgmt'], /keymgmt.*not available in this version/],
  [['--engine=sync'], /sync.*not available in this version/],
  [['--engine=nonsense'], /unknown engine "nonsense".*azure, keymgmt, sync/],
  [['--federated-token-dir=tokens'], /--federated-token-dir must be the absolute path of a folder.*"tokens"/],
  [['--federated-token-dir=/tokens', '--federated-token-dir=/'], /--federated-token-dir must be.*"\/"/],
  [['--federated-token-dir'], /--federated-token-dir.*--help/],
  [['--nonsense'], /'--nonsense'.*--help/],
  [['nonsense'], /'nonsense'.*--help/],
] as const) {
  test(`start, ${args.join(' ')}, says why not and ends with 1`, async (t) => {
    const { code, stdout, stderr } = await runToEnd({ args });
    t.is(code, 1);
    assertRefusal(t, stdout);
    t.regex(stdout, text);
    t.regex(stderr, text);
  });
}

test('handshake, plain host, is the first line with six fields', async (t) => {
  const host = await openHost(t);
  const { parts, address } = host.handshake;
  t.is(parts.length, 6);
  t.deepEqual(parts.slice(0, 3), ['1', '5', 'unix']);
  t.is(parts[4], 'grpc');
  t.is(path.dirname(address), host.folder);
  t.true(statSync(address).isSocket());
  t.is(statSync(address).mode & 0o777, 0o600);
});

test('handshake, host asks for broker multiplexing, adds a seventh field that says no', async (t) => {
  const host = await openHost(t, { env: { PLUGIN_MULTIPLEX_GRPC: 'true' } });
  t.is(host.handshake.parts.length, 7);
  t.is(host.handshake.parts[6], 'false');
});

test('handshake, container host, has the socket in the folder and group that it names', async (t) => {
  const folder = makeFolder(t);
  const group = String(process.getgid?.() ?? 0);
  const host = await openHost(t, { env: { PLUGIN_UNIX_SOCKET_DIR: folder, PLUGIN_UNIX_SOCKET_GROUP: group } });
  t.is(path.dirname(host.handshake.address), folder);
  t.is(statSync(host.handshake.address).mode & 0o777, 0o660);
});

test('certificate, announced, is what hosts insist on', async (t) => {
  const { handshake } = await openHost(t);
  t.false(handshake.parts[5]?.includes('='));
  const certificate = new X509Certificate(handshake.certificatePem);
  t.is(certificate.subjectAltName, 'DNS:localhost');
  t.deepEqual([...certificate.keyUsage].sort(), ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  t.true(certificate.verify(certificate.publicKey));
  t.true(new Date(certificate.validFrom) < new Date());
  t.true(new Date(certificate.validTo).getUTCFullYear() >= 2050);
  // The key usage extension: its bits as Go wants them.
  t.true(certificate.raw.toString('hex').includes('0603551d0f0101ff0404030202ac'));
});

test('certificate, of two starts, is never the same', async (t) => {
  const [first, second] = [await openHost(t), await openHost(t)];
  t.not(first.handshake.certificatePem, second.handshake.certificatePem);
});

test('connection, no certificate, a foreign one, or no TLS, is refused', async (t) => {
  const { handshake } = await openHost(t);
  const root = Buffer.from(handshake.certificatePem);
  const other = await openHost(t);
  const attempts: ChannelCredentials[] = [
    credentials.createSsl(root),
    credentials.createInsecure(),
    // The right key pair, but the certificate of another plugin taken for the root.
    credentials.createSsl(
      Buffer.from(other.handshake.certificatePem),
      Buffer.from(HOST_KEY_PEM),
      Buffer.from(HOST_CERTIFICATE_PEM),
    ),
  ];
  for (const channelCredentials of attempts) {
    const connection = new PluginConnection(handshake, channelCredentials);
    t.teardown(() => connection.close());
    const call = connection.unary('pb.Backend', 'Type', {});
    t.is((await t.throwsAsync<ServiceError>(call)).code, 14);
  }
});

test('start, host falls back to protocol 4, is told our version and the process ends', async (t) => {
  const plugin = new PluginProcess({
    env: { PLUGIN_PROTOCOL_VERSIONS: '4,3', PLUGIN_CLIENT_CERT: undefined, VAULT_PLUGIN_METADATA_MODE: 'true' },
  });
  t.teardown(() => plugin.dispose());
  t.regex(await plugin.firstLine(), /^1\|5\|unix\|[^|]+\|grpc\|$/);
  const { code } = await within('the end', plugin.ended, 10_000);
  t.is(code, 1);
  t.true(plugin.logs.some(({ level, message }) => level === 'error' && message.includes('protocol')));
});

for (const [title, env, text] of [
  ['no host certificate', { PLUGIN_CLIENT_CERT: undefined }, /PLUGIN_CLIENT_CERT/],
  ['an unreadable host certificate', { PLUGIN_CLIENT_CERT: 'nonsense' }, /host's certificate cannot be read/],
  ['a socket folder that is missing', { TMPDIR: '/nonexistent/folder' }, /nonexistent/],
  ['a socket folder that is too deep', { TMPDIR: `/tmp/${'d'.repeat(120)}` }, /too long.*TMPDIR/],
  ['a socket folder with a bar', { TMPDIR: '/tmp/a|b' }, /\|/],
  ['an unknown socket group', { PLUGIN_UNIX_SOCKET_GROUP: 'no-such-group' }, /no-such-group/],
] as const) {
  test(`start, ${title}, says so to the operator and in one log line, and ends with 1`, async (t) => {
    const plugin = new PluginProcess({ env });
    t.teardown(() => plugin.dispose());
    t.is((await within('the end', plugin.ended, 20_000)).code, 1);
    assertRefusal(t, plugin.stdout);
    const errors = plugin.logs.filter(({ level }) => level === 'error');
    t.is(errors.length, 1);
    t.regex(errors[0]?.message ?? '', text);
    t.true(plugin.logs.every(({ isStructured }) => isStructured));
  });
}

test('start, Node too old, says which is needed and ends with 1', async (t) => {
  const preload = path.join(makeFolder(t), 'old-node.cjs');
  writeFileSync(
    preload,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.1' } });",
  );
  const { code, stdout, stderr } = await runToEnd({ env: { NODE_OPTIONS: `--require=${preload}` } });
  t.is(code, 1);
  t.is(stdout, `${stderr}\n`);
  t.regex(stderr, /Node 20\.19 or newer is needed; this is 20\.18\.1/);
});

test('start, engine cannot be loaded, says so and ends with 1', async (t) => {
  const plugin = new PluginProcess({ bundlePath: fixture, env: { WIRE_FAIL_AT_LOAD: '1' } });
  t.teardown(() => plugin.dispose());
  t.is((await within('the end', plugin.ended, 20_000)).code, 1);
  t.regex(plugin.logs.find(({ level }) => level === 'error')?.message ?? '', /the engine cannot be loaded/);
  t.is(plugin.stdout.indexOf('\n'), plugin.stdout.length - 1, 'after the handshake stdout is silent');
  t.deepEqual(
    readdirSync(plugin.folder).filter((name) => name.startsWith('plugin')),
    [],
  );
});

test('start, engine takes its time to load, makes the host wait and no more', async (t) => {
  const host = await openHost(t, { bundlePath: fixture, env: { WIRE_LOAD_MS: '1500' } });
  t.is((await (await host.mount().enable()).read('echo')).status, 200);
});

test('start, library prints while it is loaded, leaves stdout to the handshake and logs the text', async (t) => {
  const host = await openHost(t, { bundlePath: fixture, env: { WIRE_PRINT_AT_LOAD: '1' } });
  await host.mount().enable();
  for (const text of ['printed while loading', 'and past console']) {
    t.is((await host.waitForLog(text, ({ message }) => message === text)).level, 'debug');
  }
});

for (const [title, env] of [
  ['nothing but PATH and the host', { TMPDIR: undefined, VAULT_VERSION: undefined }],
  ['empty Node variables', { NODE_OPTIONS: '', NODE_PATH: '', NODE_ENV: '', NODE_EXTRA_CA_CERTS: '' }],
  ['Node options of somebody else', { NODE_OPTIONS: '--trace-warnings --enable-source-maps', NODE_ENV: 'production' }],
  ['missing extra certificates, which Node warns about', { NODE_EXTRA_CA_CERTS: '/nonexistent.pem' }],
  ['chatty libraries', { DEBUG: '*', GRPC_VERBOSITY: 'DEBUG', GRPC_TRACE: 'all', AZURE_LOG_LEVEL: 'verbose' }],
  [
    'proxies',
    { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1', grpc_proxy: 'http://127.0.0.1:1' },
  ],
  ['OpenBao', { BAO_VERSION: '2.4.1', BAO_PLUGIN_METADATA_MODE: 'false', BAO_PLUGIN_AUTOMTLS_ENABLED: 'true' }],
  ['mlock', { VAULT_PLUGIN_MLOCK_ENABLED: 'true' }],
  ['protocol versions in any order', { PLUGIN_PROTOCOL_VERSIONS: '4,5,3' }],
] as const) {
  test(`start, environment with ${title}, serves a mount`, async (t) => {
    const host = await openHost(t, { env });
    const mount = await host.mount().enable();
    t.is((await mount.read('config')).status, 200);
    t.true((await host.stop()).isGraceful);
  });
}

test('start, socket folder with spaces and other letters, serves', async (t) => {
  const folder = path.join(makeFolder(t), 'a folder % été');
  mkdirSync(folder);
  const host = await openHost(t, { env: { TMPDIR: folder } });
  await host.mount().enable();
  t.true((await host.stop()).isGraceful);
  t.deepEqual(readdirSync(folder), []);
});

test('start, file alone in a folder and foreign working directory, serves', async (t) => {
  const folder = makeFolder(t, 'plugins-');
  const bundlePath = path.join(folder, 'renamed-plugin');
  copyFileSync('dist/vault-plugin-azure', bundlePath);
  chmodSync(bundlePath, 0o755);
  const cwd = makeFolder(t, 'cwd-');
  // Neither the one nor the other may change what the plugin is.
  writeFileSync(path.join(cwd, 'package.json'), '{"type":"module"}');
  const host = await openHost(t, { bundlePath, cwd });
  const mount = await host.mount().enable();
  t.is((await mount.read('config')).status, 200);
  t.deepEqual(readdirSync(folder), ['renamed-plugin']);
  t.deepEqual(readdirSync(cwd), ['package.json']);
});
