/** Entra's side: discovery, tokens, and every refusal that a client must tell apart. */
import { createHash, createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import test from 'ava';
import { ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { CERTIFICATE_NAMES } from '../../emulator/hosts.ts';
import { createServerIdentity } from '../../emulator/server/certificates.ts';
import { startEmulatorWorld } from '../../helpers/emulator-world.ts';

const DAY_MS = 86_400_000;

test('token: signed by a published key, with the claims that services read', async (t) => {
  const { emulator, logIn, tunnel } = await startEmulatorWorld(t);
  const answer = await logIn();
  t.is(answer.status, 200);
  t.like(answer.body, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
  const [header, payload, signature] = (answer.body.access_token as string).split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  const principal = emulator.tenant().servicePrincipals.find(({ appId }) => appId === emulator.clientId);
  t.like(claims, {
    aud: 'https://graph.microsoft.com',
    appid: emulator.clientId,
    oid: principal?.id,
    tid: emulator.tenantId,
  });
  t.deepEqual([...claims.roles].sort(), [
    'AppRoleAssignment.ReadWrite.All',
    'Application.ReadWrite.All',
    'Directory.Read.All',
    'GroupMember.ReadWrite.All',
  ]);
  t.is(claims.exp - claims.iat, 3599);
  const keys = await tunnel.call(`https://login.microsoftonline.com/${emulator.tenantId}/discovery/v2.0/keys`);
  const key = createPublicKey({ key: keys.body.keys[0], format: 'jwk' });
  const signed = Buffer.from(`${header!}.${payload!}`);
  const isValid = verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature!, 'base64url'));
  t.true(isValid);
});

test('token: ARM audience with two slashes, identity scopes and claims, as the Go library asks for it', async (t) => {
  const { logIn } = await startEmulatorWorld(t);
  const answer = await logIn({
    scope: 'https://management.core.windows.net//.default openid offline_access profile',
    claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}',
  });
  t.is(answer.status, 200);
  const claims = JSON.parse(Buffer.from(answer.body.access_token.split('.')[1], 'base64url').toString());
  t.is(claims.aud, 'https://management.core.windows.net/');
});

const refused = test.macro({
  title: (name) => `token refused: ${name ?? ''}`,
  exec: async (
    t,
    form: Readonly<Record<string, string | undefined>>,
    expected: { status: number; error: string; code: number },
  ) => {
    const { logIn } = await startEmulatorWorld(t);
    const answer = await logIn(form);
    t.is(answer.status, expected.status);
    t.is(answer.body.error, expected.error);
    t.deepEqual(answer.body.error_codes, [expected.code]);
    t.true(answer.body.error_description.startsWith(`AADSTS${expected.code}: `));
    t.truthy(answer.body.trace_id);
    t.truthy(answer.headers['x-ms-request-id']);
  },
});

test('wrong secret', refused, { client_secret: 'wrong' }, { status: 401, error: 'invalid_client', code: 7000215 });
test(
  'no secret at all',
  refused,
  { client_secret: undefined },
  { status: 401, error: 'invalid_client', code: 7000218 },
);
test(
  'unknown application',
  refused,
  { client_id: '00000000-0000-4000-8000-000000000000' },
  { status: 400, error: 'unauthorized_client', code: 700016 },
);
test(
  'scope without /.default',
  refused,
  { scope: 'https://graph.microsoft.com/User.Read' },
  { status: 400, error: 'invalid_scope', code: 1002012 },
);
test(
  'two resources',
  refused,
  { scope: 'https://graph.microsoft.com/.default https://management.azure.com/.default' },
  { status: 400, error: 'invalid_scope', code: 70011 },
);
test(
  'resource of another cloud',
  refused,
  { scope: 'https://graph.microsoft.us/.default' },
  { status: 400, error: 'invalid_resource', code: 500011 },
);
test(
  'other grant type',
  refused,
  { grant_type: 'password' },
  { status: 400, error: 'unsupported_grant_type', code: 70003 },
);
test(
  'assertion that is no token',
  refused,
  {
    client_secret: undefined,
    client_assertion: 'nonsense',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  },
  { status: 401, error: 'invalid_client', code: 50027 },
);

test('token: unknown tenant: AADSTS90002, also in discovery', async (t) => {
  const { logIn, tunnel } = await startEmulatorWorld(t);
  const unknown = '11111111-2222-4333-8444-555555555555';
  const answer = await logIn({}, unknown);
  t.is(answer.status, 400);
  t.deepEqual(answer.body.error_codes, [90002]);
  const discovery = await tunnel.call(
    `https://login.microsoftonline.com/${unknown}/v2.0/.well-known/openid-configuration`,
  );
  t.deepEqual(discovery.body.error_codes, [90002]);
});

test('token: application without a principal, disabled, then enabled', async (t) => {
  const { graph, logIn } = await startEmulatorWorld(t);
  const { body } = await graph('POST', '/applications', {
    body: { displayName: 'alone', passwordCredentials: [{ displayName: 'one' }] },
  });
  const form = { client_id: body.appId, client_secret: body.passwordCredentials[0].secretText };
  t.deepEqual((await logIn(form)).body.error_codes, [7000229]);
  const principal = await graph('POST', '/servicePrincipals', { body: { appId: body.appId, accountEnabled: false } });
  t.deepEqual((await logIn(form)).body.error_codes, [7000112]);
  await graph('PATCH', `/servicePrincipals/${String(principal.body.id)}`, { body: { accountEnabled: true } });
  t.is((await logIn(form)).status, 200);
});

test('token: passwords of the application and of the principal both log in, between start and end only', async (t) => {
  const { graph, logIn, emulator, createPrincipal } = await startEmulatorWorld(t);
  const created = await createPrincipal();
  const startMs = emulator.clock.nowMs();
  const added = await graph('POST', `/servicePrincipals/${created.principalId}/addPassword`, {
    body: {
      passwordCredential: {
        displayName: 'later',
        startDateTime: new Date(startMs + DAY_MS).toISOString(),
        endDateTime: new Date(startMs + 2 * DAY_MS).toISOString(),
      },
    },
  });
  t.is(added.status, 200);
  const form = { client_id: created.clientId, client_secret: added.body.secretText };
  t.is((await logIn({ ...form, client_secret: created.clientSecret })).status, 200);
  t.deepEqual((await logIn(form)).body.error_codes, [7000215]);
  emulator.clock.advance(DAY_MS + 1);
  t.is((await logIn(form)).status, 200);
  emulator.clock.advance(DAY_MS);
  t.deepEqual((await logIn(form)).body.error_codes, [7000222]);
});

test('token: removed password stops to log in', async (t) => {
  const { graph, logIn, createPrincipal } = await startEmulatorWorld(t);
  const created = await createPrincipal();
  const form = { client_id: created.clientId, client_secret: created.clientSecret };
  t.is((await logIn(form)).status, 200);
  await graph('POST', `/applications/${created.applicationId}/removePassword`, { body: { keyId: created.keyId } });
  t.deepEqual((await logIn(form)).body.error_codes, [7000215]);
});

test('token: failure remembered for the set time, then looked at afresh', async (t) => {
  const { graph, logIn, emulator } = await startEmulatorWorld(t, { settings: { negativeCacheMs: 60_000 } });
  const { body } = await graph('POST', '/applications', {
    body: { displayName: 'alone', passwordCredentials: [{ displayName: 'one' }] },
  });
  const form = { client_id: body.appId, client_secret: body.passwordCredentials[0].secretText };
  t.deepEqual((await logIn(form)).body.error_codes, [7000229]);
  await graph('POST', '/servicePrincipals', { body: { appId: body.appId } });
  t.deepEqual((await logIn(form)).body.error_codes, [7000229]);
  emulator.clock.advance(60_000);
  t.is((await logIn(form)).status, 200);
});

test('federated login: issuer, subject and audience must match a credential, time and trusted key must hold', async (t) => {
  const { emulator, graph, logIn, createPrincipal, tunnel } = await startEmulatorWorld(t);
  const created = await createPrincipal();
  const issuer = 'https://issuer.example';
  const good = { iss: issuer, sub: 'plugin-identity:one', aud: 'api://AzureADTokenExchange' };
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const seconds = Math.floor(emulator.clock.nowMs() / 1000);
  const makeAssertion = (claims: object, key = keys.privateKey): string => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ ...good, exp: seconds + 600, ...claims })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  };
  const attempt = async (assertion: string): Promise<unknown> => {
    const answer = await logIn({
      client_id: created.clientId,
      client_secret: undefined,
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    return answer.status === 200 ? 200 : answer.body.error_codes[0];
  };
  t.is(await attempt(makeAssertion({})), 700211);
  const path = `/applications/${created.applicationId}/federatedIdentityCredentials`;
  const credential = await graph('POST', path, {
    body: { name: 'vault', issuer, subject: good.sub, audiences: [good.aud] },
  });
  t.is(credential.status, 201);
  t.is(await attempt(makeAssertion({})), 200);
  t.is(await attempt(makeAssertion({ sub: 'other' })), 700213);
  t.is(await attempt(makeAssertion({ aud: 'other' })), 700212);
  t.is(await attempt(makeAssertion({ exp: seconds - 600 })), 700024);
  t.is(await attempt(makeAssertion({}, strangers.privateKey)), 200, 'keys not known: shape only');
  emulator.trustedIssuers.trust(issuer, [keys.publicKey.export({ format: 'jwk' })]);
  t.is(await attempt(makeAssertion({}, strangers.privateKey)), 700027);
  t.is(await attempt(makeAssertion({})), 200);
  const sdk = new ClientAssertionCredential(emulator.tenantId, created.clientId, async () => makeAssertion({}), {
    httpClient: tunnel.httpClient,
  });
  t.truthy((await sdk.getToken('https://management.azure.com/.default')).token);
});

test('certificate login: by the npm SDK with a registered certificate; refused with another', async (t) => {
  const { emulator, graph, createPrincipal, tunnel } = await startEmulatorWorld(t);
  const created = await createPrincipal();
  const [registered, stranger] = [0, 1].map(() => {
    const identity = createRsaIdentity();
    return { ...identity, der: new X509Certificate(identity.certificate).raw };
  });
  await graph('PATCH', `/applications/${created.applicationId}`, {
    body: {
      keyCredentials: [
        { type: 'AsymmetricX509Cert', usage: 'Verify', key: registered!.der.toString('base64'), displayName: 'cert' },
      ],
    },
  });
  const logInWith = async (identity: { certificate: string; privateKey: string }): Promise<string> => {
    const certificate = identity.privateKey + identity.certificate;
    const credential = new ClientCertificateCredential(
      emulator.tenantId,
      created.clientId,
      { certificate },
      { httpClient: tunnel.httpClient },
    );
    return (await credential.getToken('https://management.azure.com/.default')).token;
  };
  t.truthy(await logInWith(registered!));
  const error = await t.throwsAsync(logInWith(stranger!));
  t.regex(error.message, /AADSTS700027/);
});

test('certificate login: an assertion for another endpoint or about another application is refused', async (t) => {
  const { emulator, graph, logIn, createPrincipal } = await startEmulatorWorld(t);
  const created = await createPrincipal();
  const identity = createRsaIdentity();
  const { raw } = new X509Certificate(identity.certificate);
  await graph('PATCH', `/applications/${created.applicationId}`, {
    body: { keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key: raw.toString('base64') }] },
  });
  const attempt = async (claims: object): Promise<unknown> => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = [
      { alg: 'RS256', 'x5t#S256': createHash('sha256').update(raw).digest('base64url') },
      {
        iss: created.clientId,
        sub: created.clientId,
        aud: `https://login.microsoftonline.com/${emulator.tenantId}/oauth2/v2.0/token`,
        exp: Math.floor(emulator.clock.nowMs() / 1000) + 600,
        ...claims,
      },
    ]
      .map(encode)
      .join('.');
    const signature = sign('sha256', Buffer.from(signed), identity.privateKey).toString('base64url');
    const answer = await logIn({
      client_id: created.clientId,
      client_secret: undefined,
      client_assertion: `${signed}.${signature}`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    return answer.status === 200 ? 200 : answer.body.error_codes[0];
  };
  t.is(await attempt({}), 200);
  t.is(await attempt({ sub: 'other' }), 700021);
  t.is(await attempt({ aud: 'https://login.microsoftonline.us/x/oauth2/v2.0/token' }), 700023);
});

/** A self-signed certificate; Entra takes RSA keys only. */
function createRsaIdentity(): { certificate: string; privateKey: string } {
  const identity = createServerIdentity(['client'], new Date(), 'rsa');
  return { certificate: identity.certificatePem, privateKey: identity.privateKeyPem };
}

test('discovery: instance and openid-configuration point at the host that was asked', async (t) => {
  const { emulator, tunnel } = await startEmulatorWorld(t);
  const instance = await tunnel.call(
    'https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.microsoftonline.us%2Fx%2Foauth2%2Fv2.0%2Fauthorize',
  );
  t.is(
    instance.body.tenant_discovery_endpoint,
    'https://login.microsoftonline.us/x/v2.0/.well-known/openid-configuration',
  );
  t.true(instance.body.metadata.length >= 3);
  for (const host of ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn']) {
    const base = `https://${host}/${emulator.tenantId}`;
    const modern = await tunnel.call(`${base}/v2.0/.well-known/openid-configuration`);
    t.is(modern.body.token_endpoint, `${base}/oauth2/v2.0/token`);
    t.is(modern.body.issuer, `${base}/v2.0`);
    const old = await tunnel.call(`${base}/.well-known/openid-configuration`);
    t.is(old.body.token_endpoint, `${base}/oauth2/token`);
    t.is(old.body.issuer, `https://sts.windows.net/${emulator.tenantId}/`);
  }
});

const inCloud = test.macro({
  title: (_name, authorityHost: string) => `npm SDK: logs in at ${authorityHost} for that cloud's ARM`,
  exec: async (t, authorityHost: string, resource: string) => {
    const { emulator, tunnel } = await startEmulatorWorld(t);
    const credential = new ClientSecretCredential(emulator.tenantId, emulator.clientId, emulator.clientSecret, {
      authorityHost,
      httpClient: tunnel.httpClient,
    });
    const { token } = await credential.getToken(`${resource}/.default`);
    const answer = await tunnel.call(`${resource}/subscriptions?api-version=2020-01-01`, {
      headers: { authorization: `Bearer ${token}` },
    });
    t.is(answer.status, 200);
    t.is(answer.body.value[0].subscriptionId, emulator.subscriptionId);
    const elsewhere = await tunnel.call('https://management.azure.com/subscriptions?api-version=2020-01-01', {
      headers: { authorization: `Bearer ${token}` },
    });
    const isPublic = resource === 'https://management.azure.com';
    t.is(elsewhere.status, isPublic ? 200 : 401);
  },
});

test(inCloud, 'https://login.microsoftonline.com', 'https://management.azure.com');
test(inCloud, 'https://login.microsoftonline.us', 'https://management.usgovcloudapi.net');
test(inCloud, 'https://login.chinacloudapi.cn', 'https://management.chinacloudapi.cn');

test('certificate of the server: names of every cloud', (t) => {
  const { certificatePem } = createServerIdentity(CERTIFICATE_NAMES, new Date());
  const certificate = new X509Certificate(certificatePem);
  for (const host of [
    'graph.microsoft.com',
    'dod-graph.microsoft.us',
    'management.chinacloudapi.cn',
    'a.vault.azure.net',
  ]) {
    t.is(certificate.checkHost(host) === undefined, false, host);
  }
  t.is(certificate.checkHost('example.com'), undefined);
});
