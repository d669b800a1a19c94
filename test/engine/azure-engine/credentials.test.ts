/** How the engine itself logs in: each kind of credential from config to revocation, and the rules between them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AzureError, InternalError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { formatTime } from '../../../src/util/rfc3339.ts';
import { createTestCertificate, uploadCertificate } from '../../helpers/client-certificate.ts';
import { type EngineOptions, type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';
import { TokenIssuer, trustTokenIssuer } from '../../helpers/token-issuer.ts';

const AUDIENCE = 'api://AzureADTokenExchange';
const MINUTE_MS = 60_000;

interface Setup {
  readonly world: EngineWorld;
  readonly issuer: TokenIssuer;
  /** An allowed folder. */
  readonly folder: string;
  readonly tokenFile: string;
  /** Writes a token that Entra ID accepts. */
  readonly writeToken: (ttlSeconds?: number) => string;
  readonly start: (options?: EngineOptions) => EngineProcess;
  /** Writes `config` with the operator's client id and `fields` instead of its secret. */
  readonly configure: (engine: EngineProcess, fields: JsonObject) => Promise<void>;
}

async function setUp(t: ExecutionContext): Promise<Setup> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const issuer = new TokenIssuer();
  trustTokenIssuer(world.emulator, issuer, AUDIENCE);
  const top = mkdtempSync(path.join(tmpdir(), 'identity-'));
  t.teardown(() => rmSync(top, { recursive: true }));
  const folder = path.join(top, 'tokens');
  mkdirSync(folder);
  const tokenFile = path.join(folder, 'token');
  const writeToken = (ttlSeconds = 3600): string => {
    const token = issuer.mint({ audience: AUDIENCE, ttlSeconds, now: world.now });
    writeFileSync(tokenFile, token);
    return token;
  };
  writeToken();
  world.systemView.mintIdentityToken = (audience, ttlSeconds) => issuer.mint({ audience, ttlSeconds, now: world.now });
  return {
    world,
    issuer,
    folder,
    tokenFile,
    writeToken,
    start: (options) => world.startProcess({ federatedTokenFolders: [folder], ...options }),
    configure: async (engine, fields) => {
      const { subscriptionId, tenantId, clientId } = world.emulator;
      const ids = { subscription_id: subscriptionId, tenant_id: tenantId, client_id: clientId };
      await engine.request('create', 'config', { ...ids, ...fields });
    },
  };
}

const readConfig = async (engine: EngineProcess): Promise<JsonObject> =>
  (await engine.request('read', 'config'))?.data ?? {};

const logins = (world: EngineWorld): number =>
  world.emulator.calls().filter(({ route }) => route.endsWith('/oauth2/v2.0/token')).length;

function pemOf(world: EngineWorld): string {
  const certificate = createTestCertificate(world.now);
  uploadCertificate(world.emulator, certificate);
  return certificate.privateKeyPem + certificate.certificatePem;
}

/** The fields of each kind of credential that is an application's. */
const METHODS = {
  client_certificate: ({ world }: Setup): JsonObject => ({ client_certificate: pemOf(world) }),
  identity_token_audience: (): JsonObject => ({ identity_token_audience: AUDIENCE }),
  federated_token_file: ({ tokenFile }: Setup): JsonObject => ({ federated_token_file: tokenFile }),
} as const;
const METHOD_NAMES = ['client_certificate', 'identity_token_audience', 'federated_token_file'] as const;

for (const method of METHOD_NAMES) {
  test(`${method}: a credential is issued, renewed and revoked, and no secret shows`, async (t) => {
    const setup = await setUp(t);
    const { world } = setup;
    const engine = setup.start();
    const fields = METHODS[method](setup);
    await setup.configure(engine, { ...fields, verify: true });
    t.is((await readConfig(engine))['auth_method'], method);
    await engine.request('create', 'roles/web', world.dynamicRole());
    const before = world.objects();
    const lease = await engine.issue('web');
    t.not(world.objects().length, before.length);
    await engine.renew(lease);
    await engine.revoke(lease);
    t.deepEqual(world.objects(), before);
    const shown = JSON.stringify(await readConfig(engine)) + engine.logger.text();
    t.false(shown.includes('PRIVATE KEY'));
    t.false(shown.includes('eyJ'));
  });

  test(`${method}: one login serves many requests, and those of the next process another`, async (t) => {
    const setup = await setUp(t);
    const engine = setup.start();
    await setup.configure(engine, METHODS[method](setup));
    await engine.request('create', 'roles/app', setup.world.existingRole());
    const afterRole = logins(setup.world);
    for (let count = 0; count < 3; count++) await engine.revoke(await engine.issue('app'));
    t.is(logins(setup.world), afterRole);
    await setup.start().issue('app');
    t.is(logins(setup.world), afterRole + 1);
  });

  test(`${method}: rotate-root has nothing to rotate and calls nobody`, async (t) => {
    const setup = await setUp(t);
    const engine = setup.start();
    await setup.configure(engine, METHODS[method](setup));
    await t.throwsAsync(engine.request('update', 'rotate-root'), {
      instanceOf: InvalidRequestError,
      message: /^nothing to rotate: no client_secret is in use, the plugin logs in with /,
    });
    t.is(setup.world.emulator.calls().length, 0);
  });

  test(`${method}: a schedule of root rotation is refused, and stored when it is suspended`, async (t) => {
    const setup = await setUp(t);
    const engine = setup.start();
    await setup.configure(engine, METHODS[method](setup));
    await t.throwsAsync(engine.request('update', 'config', { rotation_period: '24h' }), {
      instanceOf: InvalidRequestError,
      message: /^nothing to rotate: .*; without rotation_schedule and rotation_period, /,
    });
    await engine.request('update', 'config', { rotation_period: '24h', disable_automated_rotation: true });
    t.like(await readConfig(engine), { auth_method: method, rotation_period: 86_400 });
  });

  test(`${method}: a role must not name the application that it logs in as`, async (t) => {
    const setup = await setUp(t);
    const { world } = setup;
    const engine = setup.start();
    await setup.configure(engine, METHODS[method](setup));
    const own = world.emulator.tenant().applications.find(({ appId }) => appId === world.emulator.clientId);
    await t.throwsAsync(engine.request('create', 'roles/own', { application_object_id: own?.id ?? '' }), {
      instanceOf: InvalidRequestError,
      message: /^application_object_id names the application that this secrets engine logs in with/,
    });
  });

  test(`${method}: without a client_id it is refused, and nothing is stored or called`, async (t) => {
    const setup = await setUp(t);
    const engine = setup.start();
    await t.throwsAsync(setup.configure(engine, { ...METHODS[method](setup), client_id: '' }), {
      instanceOf: InvalidRequestError,
      message: `client_id is required with ${method}`,
    });
    t.deepEqual(setup.world.storage.keys(), []);
    t.is(setup.world.emulator.calls().length, 0);
  });

  test(`${method}: verify that Azure refuses stores nothing and tells why`, async (t) => {
    const setup = await setUp(t);
    const engine = setup.start();
    const other = setup.world.emulator.applications[0]?.appId ?? '';
    await t.throwsAsync(setup.configure(engine, { ...METHODS[method](setup), client_id: other, verify: true }), {
      instanceOf: InvalidRequestError,
      message: /^nothing was stored: log in with the given values: 401 AADSTS700/,
    });
    t.deepEqual(setup.world.storage.keys(), []);
  });

  test(`${method}: a write clears a rotated secret's key id and a staged secret, "" clears the field`, async (t) => {
    const setup = await setUp(t);
    const { world } = setup;
    await setup.configure(setup.start(), { client_secret: world.emulator.clientSecret });
    world.storage.writeJson('config', {
      ...(world.storage.readJson('config') as JsonObject),
      client_secret_key_id: 'k1',
      new_client_secret: 'staged',
      new_client_secret_key_id: 'k2',
    });
    const later = setup.start();
    await later.request('update', 'config', { ...METHODS[method](setup), client_secret: '' });
    t.like(world.storage.readJson('config'), {
      client_secret: '',
      client_secret_key_id: '',
      new_client_secret: '',
      new_client_secret_key_id: '',
    });
    t.is((await readConfig(later))['auth_method'], method);
    await later.request('update', 'config', { [method]: '' });
    t.is((await readConfig(later))['auth_method'], 'managed_identity');
    const stored = world.storage.readJson('config') as JsonObject;
    t.is(stored[method] ?? '', '');
  });

  test(`${method}: what the engine changes in config keeps the login, what an operator writes does not`, async (t) => {
    const setup = await setUp(t);
    const { world } = setup;
    const engine = setup.start();
    await setup.configure(engine, METHODS[method](setup));
    await engine.request('create', 'roles/app', world.existingRole());
    const before = logins(world);
    world.storage.writeJson('config', { ...(world.storage.readJson('config') as JsonObject), later_field: 1 });
    engine.backend.invalidateKey('config');
    await engine.issue('app');
    t.is(logins(world), before);
    await engine.request('update', 'config', { request_timeout: 30 });
    await engine.issue('app');
    t.is(logins(world), before + 1);
  });
}

test('config: a certificate reads as its thumbprint and end, stored with its key', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  const { privateKeyPem, certificatePem, thumbprint, expiresAt } = createTestCertificate(setup.world.now);
  await setup.configure(engine, { client_certificate: certificatePem + privateKeyPem });
  t.like(await readConfig(engine), {
    auth_method: 'client_certificate',
    client_certificate_thumbprint: thumbprint,
    client_certificate_expiration_date: formatTime(expiresAt),
  });
  const stored = setup.world.storage.readJson('config') as JsonObject;
  t.is(stored['client_certificate'], privateKeyPem + certificatePem);
});

test('config: a certificate of no use is refused, and what was stored stays', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  await setup.configure(engine, { client_secret: 'x' });
  const { certificatePem } = createTestCertificate(setup.world.now);
  await t.throwsAsync(engine.request('update', 'config', { client_certificate: certificatePem }), {
    instanceOf: InvalidRequestError,
    message: /^client_certificate must be PEM text with one private key and its certificate/,
  });
  t.is((await readConfig(engine))['auth_method'], 'client_secret');
});

test('a certificate that the application does not have is told with the remedy', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  const { privateKeyPem, certificatePem } = createTestCertificate(setup.world.now);
  await setup.configure(engine, { client_certificate: privateKeyPem + certificatePem });
  await t.throwsAsync(engine.request('create', 'roles/web', setup.world.dynamicRole()), {
    instanceOf: AzureError,
    message: /AADSTS700027: .*; with client_certificate: upload that certificate to the application/,
  });
});

test('config: the token file is shown, its content never', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  await setup.configure(engine, { federated_token_file: setup.tokenFile });
  t.is((await readConfig(engine))['federated_token_file'], setup.tokenFile);
  t.is((setup.world.storage.readJson('config') as JsonObject)['federated_token_file'], setup.tokenFile);
});

test('token file: each login sends what the file holds then', async (t) => {
  const setup = await setUp(t);
  const { world } = setup;
  const engine = setup.start();
  await setup.configure(engine, { federated_token_file: setup.tokenFile });
  await engine.request('create', 'roles/app', world.existingRole());
  // The access token is used up, and so is the token that was in the file.
  world.moveTime(70 * MINUTE_MS);
  const later = setup.start();
  await t.throwsAsync(later.issue('app'), {
    instanceOf: AzureError,
    message: /AADSTS700024: Client assertion is not within its valid time range; the identity token is too old/,
  });
  setup.writeToken();
  await t.notThrowsAsync(later.issue('app'));
});

test('token file that is damaged later fails requests with field and problem, and is not sent', async (t) => {
  const setup = await setUp(t);
  const { world } = setup;
  await setup.configure(setup.start(), { federated_token_file: setup.tokenFile });
  writeFileSync(setup.tokenFile, 'sentinel-content');
  const later = setup.start();
  const error = await t.throwsAsync(later.request('create', 'roles/app', world.existingRole()), {
    instanceOf: InternalError,
    message: /^federated_token_file holds no JSON Web Token/,
  });
  t.false((error.message + later.logger.text()).includes('sentinel-content'));
  t.is(world.emulator.calls().length, 0);
  rmSync(setup.tokenFile);
  await t.throwsAsync(setup.start().request('create', 'roles/app', world.existingRole()), {
    message: /^federated_token_file cannot be read \(ENOENT\)/,
  });
});

test('token file whose folder is not allowed any more is not read', async (t) => {
  const setup = await setUp(t);
  await setup.configure(setup.start(), { federated_token_file: setup.tokenFile });
  const later = setup.start({ federatedTokenFolders: [] });
  await t.throwsAsync(later.request('create', 'roles/app', setup.world.existingRole()), {
    message: /^federated_token_file must lie in a folder that was allowed when the plugin was registered/,
  });
});

const refusedFile = test.macro<[file: (setup: Setup) => string, message: RegExp]>(async (t, file, message) => {
  const setup = await setUp(t);
  const engine = setup.start();
  await t.throwsAsync(setup.configure(engine, { federated_token_file: file(setup) }), {
    instanceOf: InvalidRequestError,
    message,
  });
  t.deepEqual(setup.world.storage.keys(), []);
});
test('config: a token file in another folder is refused', refusedFile, () => '/etc/passwd', /--federated-token-dir/);
test('config: a token file that is not there is refused', refusedFile, ({ folder }) => `${folder}/none`, /ENOENT/);
test('config: a relative token file is refused', refusedFile, () => 'token', /must be an absolute path/);

test('token of another issuer, subject or audience is told with the remedy', async (t) => {
  const setup = await setUp(t);
  const stranger = new TokenIssuer('https://stranger.example');
  writeFileSync(setup.tokenFile, stranger.mint({ audience: AUDIENCE, ttlSeconds: 60, now: setup.world.now }));
  const engine = setup.start();
  await t.throwsAsync(setup.configure(engine, { federated_token_file: setup.tokenFile, verify: true }), {
    instanceOf: InvalidRequestError,
    message:
      /AADSTS700211: .*'https:\/\/stranger\.example'; give the application a federated credential with the issuer, subject and audience/,
  });
});

test('AZURE_FEDERATED_TOKEN_FILE: the first write that names no credential stores it, and it is no fallback later', async (t) => {
  const setup = await setUp(t);
  const environment = { federatedTokenFile: setup.tokenFile };
  const engine = setup.start({ environment });
  await setup.configure(engine, {});
  t.like(await readConfig(engine), { auth_method: 'federated_token_file', federated_token_file: setup.tokenFile });
  await engine.request('update', 'config', { federated_token_file: '' });
  t.is((await readConfig(engine))['auth_method'], 'managed_identity');
  await engine.request('update', 'config', { request_timeout: 30 });
  t.is((await readConfig(engine))['auth_method'], 'managed_identity');
});

test('AZURE_FEDERATED_TOKEN_FILE: gone later, the stored file is still used', async (t) => {
  const setup = await setUp(t);
  await setup.configure(setup.start({ environment: { federatedTokenFile: setup.tokenFile } }), {});
  await t.notThrowsAsync(setup.start().request('create', 'roles/app', setup.world.existingRole()));
});

for (const [title, fields] of [
  ['a secret', { client_secret: 'x' }],
  ['an empty token file', { federated_token_file: '' }],
  ['no client id', { client_id: '' }],
] as const) {
  test(`AZURE_FEDERATED_TOKEN_FILE: a first write with ${title} does not take it`, async (t) => {
    const setup = await setUp(t);
    const engine = setup.start({ environment: { federatedTokenFile: setup.tokenFile } });
    await setup.configure(engine, fields);
    t.is((await readConfig(engine))['federated_token_file'], undefined);
  });
}

test('AZURE_FEDERATED_TOKEN_FILE of no use: the first write is refused with the variable and the way out', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start({ environment: { federatedTokenFile: `${setup.folder}/none` } });
  await t.throwsAsync(setup.configure(engine, {}), {
    instanceOf: InvalidRequestError,
    message:
      /^AZURE_FEDERATED_TOKEN_FILE of the server is the default of federated_token_file \(write federated_token_file="" to do without\): federated_token_file cannot be read \(ENOENT\)/,
  });
  t.deepEqual(setup.world.storage.keys(), []);
});

test('identity token: minted anew for each login, with the configured audience and lifetime', async (t) => {
  const setup = await setUp(t);
  const { world } = setup;
  const engine = setup.start();
  await setup.configure(engine, { identity_token_audience: AUDIENCE, identity_token_ttl: '10m' });
  const { identityTokenRequests } = world.systemView;
  t.deepEqual(identityTokenRequests, [{ audience: AUDIENCE, ttlSeconds: 600 }]);
  await engine.request('create', 'roles/app', world.existingRole());
  t.is(identityTokenRequests.length, 2);
  world.moveTime(70 * MINUTE_MS);
  await setup.start().issue('app');
  t.is(identityTokenRequests.length, 3);
});

test('identity token: valid for an hour unless said otherwise', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  await setup.configure(engine, { identity_token_audience: AUDIENCE });
  t.is((await readConfig(engine))['identity_token_ttl'], 3600);
  t.deepEqual(setup.world.systemView.identityTokenRequests, [{ audience: AUDIENCE, ttlSeconds: 3600 }]);
});

test('identity token: on a host that mints none the write is refused with reason and way out', async (t) => {
  const setup = await setUp(t);
  setup.world.systemView.mintIdentityToken = undefined;
  const engine = setup.start();
  await t.throwsAsync(setup.configure(engine, { identity_token_audience: AUDIENCE }), {
    instanceOf: InvalidRequestError,
    message:
      /^identity_token_audience: .*plugin workload identity not supported in Vault community edition; write federated_token_file, /,
  });
  t.deepEqual(setup.world.storage.keys(), []);
});

test('identity token: on a host that cannot mint them any more requests fail with the way out, as no managed identity', async (t) => {
  const setup = await setUp(t);
  await setup.configure(setup.start(), { identity_token_audience: AUDIENCE });
  setup.world.systemView.mintIdentityToken = undefined;
  await t.throwsAsync(setup.start().request('create', 'roles/app', setup.world.existingRole()), {
    instanceOf: InternalError,
    message: /^identity_token_audience: .*community edition; write federated_token_file/,
  });
  t.is(setup.world.emulator.calls().length, 0);
});

test('identity token: a secret that is stored already must be cleared in the same write', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  await setup.configure(engine, { client_secret: 'x' });
  await t.throwsAsync(engine.request('update', 'config', { identity_token_audience: AUDIENCE }), {
    instanceOf: InvalidRequestError,
    message: "only one of 'client_secret' or 'identity_token_audience' can be set",
  });
  await engine.request('update', 'config', { identity_token_audience: AUDIENCE, client_secret: '' });
  t.is((await readConfig(engine))['auth_method'], 'identity_token_audience');
});

test('identity token that the host mints in no form of a token is refused', async (t) => {
  const setup = await setUp(t);
  setup.world.systemView.mintIdentityToken = () => 'sentinel-nonsense';
  const error = await t.throwsAsync(setup.configure(setup.start(), { identity_token_audience: AUDIENCE }), {
    instanceOf: InvalidRequestError,
    message: 'identity_token_audience: what the host minted is no JSON Web Token',
  });
  t.false(error.message.includes('sentinel'));
});

test('config: a credential written behind one that comes first is stored with a warning that names both', async (t) => {
  const setup = await setUp(t);
  const engine = setup.start();
  await setup.configure(engine, { client_secret: 'x' });
  const fields = { federated_token_file: setup.tokenFile };
  t.deepEqual((await engine.request('update', 'config', fields))?.warnings, [
    'federated_token_file is stored but not used: the engine logs in with client_secret, which comes before it; clear that one with client_secret=""',
  ]);
  t.is((await engine.request('update', 'config', { request_timeout: 30 }))?.warnings, undefined);
  t.is((await engine.request('update', 'config', { ...fields, client_secret: '' }))?.warnings, undefined);
  const withSecret = setup.start({ environment: { clientSecret: 'y' } });
  t.regex(
    (await withSecret.request('update', 'config', { client_certificate: pemOf(setup.world) }))?.warnings?.[0] ?? '',
    /^client_certificate is stored but not used: .*; AZURE_CLIENT_SECRET of the server sets that one$/,
  );
});

test('a secret of the environment outranks a stored certificate, and rotate-root says where it comes from', async (t) => {
  const setup = await setUp(t);
  const { world } = setup;
  await setup.configure(setup.start(), { client_certificate: pemOf(world) });
  const engine = setup.start({ environment: { clientSecret: world.emulator.clientSecret } });
  t.is((await readConfig(engine))['auth_method'], 'client_secret');
  await t.notThrowsAsync(engine.request('create', 'roles/app', world.existingRole()));
  await t.throwsAsync(engine.request('update', 'rotate-root'), {
    instanceOf: InvalidRequestError,
    message: /^the credential comes from the server environment/,
  });
});
