import test from 'ava';
import { EMPTY_CONFIG } from '../../../../src/engines/azure/model-config.ts';
import { EMPTY_ROLE } from '../../../../src/engines/azure/model-role.ts';
import { renewalTerms } from '../../../../src/engines/azure/renew.ts';
import {
  isFreshRootSecret,
  keysToRetire,
  type KeysToRetire,
  refuseUnrotatable,
} from '../../../../src/engines/azure/root-secret.ts';
import { refuseSelfTarget } from '../../../../src/engines/azure/self-target.ts';
import { resolveSettings } from '../../../../src/engines/azure/settings.ts';
import { roleAssignmentId } from '../../../../src/engines/azure/handles.ts';
import { InvalidRequestError } from '../../../../src/errors.ts';
import { NO_ENVIRONMENT } from '../../../helpers/no-environment.ts';

const CONFIG = { ...EMPTY_CONFIG, subscriptionId: 's', tenantId: 't', clientId: 'App', clientSecret: 'abc123' };

test('settings: what is missing is named', (t) => {
  t.throws(() => resolveSettings(EMPTY_CONFIG, NO_ENVIRONMENT), { message: 'subscription_id is required' });
  t.throws(() => resolveSettings({ ...EMPTY_CONFIG, subscriptionId: 's' }, NO_ENVIRONMENT), {
    message: 'tenant_id is required',
  });
  t.throws(() => resolveSettings({ ...CONFIG, environment: 'bogus' }, NO_ENVIRONMENT), {
    message: 'err: no cloud configuration matching the name "BOGUS"',
  });
});

const ALL_CREDENTIALS = {
  ...CONFIG,
  clientCertificate: 'pem',
  identityTokenAudience: 'a',
  federatedTokenFile: '/tokens/t',
};

test('settings: of several credentials the first in the documented order is in force', (t) => {
  const methodOf = (config: typeof ALL_CREDENTIALS) => resolveSettings(config, NO_ENVIRONMENT).credential.method;
  let config = ALL_CREDENTIALS;
  t.is(methodOf(config), 'client_secret');
  config = { ...config, clientSecret: '' };
  t.is(methodOf(config), 'client_certificate');
  config = { ...config, clientCertificate: '' };
  t.is(methodOf(config), 'identity_token_audience');
  config = { ...config, identityTokenAudience: '' };
  t.is(methodOf(config), 'federated_token_file');
  config = { ...config, federatedTokenFile: '' };
  t.is(methodOf(config), 'managed_identity');
});

test('settings: a secret of the environment outranks every stored credential', (t) => {
  const config = { ...ALL_CREDENTIALS, clientSecret: '' };
  const { credential } = resolveSettings(config, { ...NO_ENVIRONMENT, clientSecret: 'env' });
  t.deepEqual(credential, { method: 'client_secret', clientId: 'App', clientSecret: 'env' });
});

for (const field of ['client_certificate', 'identity_token_audience', 'federated_token_file'] as const) {
  test(`settings: ${field} without a client id is not replaced by a managed identity`, (t) => {
    const values = {
      client_certificate: { clientCertificate: 'pem' },
      identity_token_audience: { identityTokenAudience: 'a' },
      federated_token_file: { federatedTokenFile: '/tokens/t' },
    }[field];
    const config = { ...CONFIG, clientId: '', clientSecret: '', ...values };
    t.throws(() => resolveSettings(config, NO_ENVIRONMENT), { message: `client_id is required with ${field}` });
    const { credential } = resolveSettings(config, { ...NO_ENVIRONMENT, clientId: 'env-app' });
    t.like(credential, { method: field, clientId: 'env-app' });
  });
}

test('settings: an identity token without a stored lifetime is valid for an hour', (t) => {
  const config = { ...CONFIG, clientSecret: '', identityTokenAudience: 'a' };
  t.like(resolveSettings(config, NO_ENVIRONMENT).credential, { ttlSeconds: 3600 });
  t.like(resolveSettings({ ...config, identityTokenTtlSeconds: 60 }, NO_ENVIRONMENT).credential, { ttlSeconds: 60 });
});

test('settings: the token file of the environment is no credential by itself', (t) => {
  const environment = { ...NO_ENVIRONMENT, federatedTokenFile: '/tokens/t' };
  t.is(resolveSettings({ ...CONFIG, clientSecret: '' }, environment).credential.method, 'managed_identity');
});

test('settings: the environment outranks the config, field by field', (t) => {
  const settings = resolveSettings(CONFIG, { ...NO_ENVIRONMENT, clientId: 'env-app', tenantId: 'env-tenant' });
  t.is(settings.tenantId, 'env-tenant');
  t.is(settings.subscriptionId, 's');
  t.deepEqual(settings.credential, { method: 'client_secret', clientId: 'env-app', clientSecret: 'abc123' });
  t.true(settings.isCredentialFromEnvironment);
});

test('settings: without a secret it is a managed identity, client_id selects which', (t) => {
  t.deepEqual(resolveSettings({ ...CONFIG, clientSecret: '' }, NO_ENVIRONMENT).credential, {
    method: 'managed_identity',
    clientId: 'App',
  });
  t.deepEqual(resolveSettings({ ...CONFIG, clientId: '', clientSecret: '' }, NO_ENVIRONMENT).credential, {
    method: 'managed_identity',
    clientId: '',
  });
});

test('self-target: the own application is refused whatever its spelling, others are not', (t) => {
  const settings = resolveSettings(CONFIG, NO_ENVIRONMENT);
  t.throws(() => refuseSelfTarget('aPP', settings), { instanceOf: InvalidRequestError });
  t.notThrows(() => refuseSelfTarget('other', settings));
  t.notThrows(() => refuseSelfTarget('', settings));
  const managed = resolveSettings({ ...CONFIG, clientSecret: '' }, NO_ENVIRONMENT);
  t.notThrows(() => refuseSelfTarget('App', managed));
  for (const other of [{ clientCertificate: 'p' }, { identityTokenAudience: 'a' }, { federatedTokenFile: '/t/t' }]) {
    const configured = resolveSettings({ ...CONFIG, clientSecret: '', ...other }, NO_ENVIRONMENT);
    t.throws(() => refuseSelfTarget('aPP', configured), { instanceOf: InvalidRequestError });
  }
});

test('rotate-root: refused for credentials of the environment and for all that is no secret', (t) => {
  t.throws(() => refuseUnrotatable(resolveSettings(CONFIG, { ...NO_ENVIRONMENT, clientSecret: 'x' })), {
    message: /environment/,
  });
  t.throws(() => refuseUnrotatable(resolveSettings({ ...CONFIG, clientSecret: '' }, NO_ENVIRONMENT)), {
    message: /^nothing to rotate: .* managed identity/,
  });
  for (const [other, message] of [
    [{ clientCertificate: 'p' }, /^nothing to rotate: .* certificate: write the next one/],
    [{ identityTokenAudience: 'a' }, /^nothing to rotate: .* identity tokens that the host mints/],
    [{ federatedTokenFile: '/t/t' }, /^nothing to rotate: .* token file/],
  ] as const) {
    const settings = resolveSettings({ ...CONFIG, clientSecret: '', ...other }, { ...NO_ENVIRONMENT, clientId: 'x' });
    t.throws(() => refuseUnrotatable(settings), { instanceOf: InvalidRequestError, message });
  }
  t.notThrows(() => refuseUnrotatable(resolveSettings(CONFIG, NO_ENVIRONMENT)));
});

const AT = new Date('2026-01-01T00:00:00Z');
const at = (seconds: number): Date => new Date(AT.getTime() + seconds * 1000);
const password = (keyId: string, hint: string) => ({ keyId, hint, displayName: '', expiresAt: AT });
const application = (...passwordCredentials: ReturnType<typeof password>[]) => ({
  id: 'a',
  appId: 'App',
  displayName: '',
  tags: [],
  passwordCredentials,
});

const retires = test.macro<
  [config: Partial<typeof CONFIG>, passwords: ReturnType<typeof password>[], expected: KeysToRetire]
>((t, config, passwords, expected) => {
  t.deepEqual(keysToRetire(application(...passwords), { ...CONFIG, ...config }), expected);
});
test(
  'rotate-root: the stored key goes when its hint fits',
  retires,
  { clientSecretKeyId: 'k1' },
  [password('k1', 'abc'), password('k2', 'abc')],
  { inUse: 'k1', staged: undefined },
);
test(
  'rotate-root: a stored key whose hint does not fit stays',
  retires,
  { clientSecretKeyId: 'k1' },
  [password('k1', 'zzz')],
  { inUse: undefined, staged: undefined },
);
test(
  'rotate-root: without a stored key the only fitting one goes',
  retires,
  {},
  [password('k1', 'zzz'), password('k2', 'abc')],
  { inUse: 'k2', staged: undefined },
);
test('rotate-root: two fitting keys both stay', retires, {}, [password('k1', 'abc'), password('k2', 'abc')], {
  inUse: undefined,
  staged: undefined,
});
test(
  'rotate-root: a staged key that never came into force goes too',
  retires,
  { clientSecretKeyId: 'k1', staged: { clientSecret: 'n', keyId: 'k3', createdAt: AT, expiresAt: AT } },
  [password('k1', 'abc'), password('k3', 'nnn')],
  { inUse: 'k1', staged: 'k3' },
);

const fresh = test.macro<[config: Partial<typeof CONFIG>, ageSeconds: number, expected: boolean]>(
  (t, config, ageSeconds, expected) => {
    const rotated = { clientSecretKeyId: 'k', rootPasswordTtlSeconds: 3600, rootPasswordExpiresAt: at(3600) };
    t.is(isFreshRootSecret({ ...CONFIG, ...rotated, ...config }, at(ageSeconds)), expected);
  },
);
test('root secret: made a minute ago by the engine it is fresh', fresh, {}, 60, true);
test('root secret: made half an hour ago it is not', fresh, {}, 1800, false);
test('root secret: an operator’s is not', fresh, { clientSecretKeyId: '' }, 60, false);
test('root secret: one whose end is not known is not', fresh, { rootPasswordExpiresAt: undefined }, 60, false);

const HOUR = 3600;
const terms = (role: Partial<typeof EMPTY_ROLE>, nowSeconds: number, keyEndSeconds: number) =>
  renewalTerms({ ...EMPTY_ROLE, ...role }, { issuedAt: AT, now: at(nowSeconds), keyExpiresAt: at(keyEndSeconds) });

test('renew: far from the key’s end the role’s terms are given', (t) => {
  t.deepEqual(terms({ ttlSeconds: HOUR, maxTtlSeconds: 24 * HOUR }, 2 * HOUR, 1000 * HOUR), {
    ttlSeconds: HOUR,
    maxTtlSeconds: 24 * HOUR,
    isRenewable: true,
  });
});
test('renew: past half of the key’s life the maximum is still counted from the issue time', (t) => {
  t.deepEqual(terms({ ttlSeconds: HOUR }, 7 * HOUR, 10 * HOUR), {
    ttlSeconds: HOUR,
    maxTtlSeconds: 10 * HOUR,
    isRenewable: true,
  });
});
test('renew: near the key’s end the lease ends with it and stays renewable', (t) => {
  t.deepEqual(terms({ ttlSeconds: HOUR }, 9.5 * HOUR, 10 * HOUR), {
    ttlSeconds: HOUR / 2,
    maxTtlSeconds: 10 * HOUR,
    isRenewable: true,
  });
  t.like(terms({ ttlSeconds: HOUR }, 10 * HOUR, 10 * HOUR), { ttlSeconds: 0, isRenewable: false });
});
test('renew: a role without ttl leaves the choice to the host, bounded by the key', (t) => {
  t.deepEqual(terms({}, HOUR, 10 * HOUR), { ttlSeconds: 0, maxTtlSeconds: 10 * HOUR, isRenewable: true });
});

test('role assignment ids: a trailing slash of the scope does not double', (t) => {
  t.is(
    roleAssignmentId('/subscriptions/s/', 'g'),
    '/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/g',
  );
  t.is(roleAssignmentId('/', 'g'), '/providers/Microsoft.Authorization/roleAssignments/g');
});
