import test from 'ava';
import { EMPTY_CONFIG } from '../../../../src/engines/azure/model-config.ts';
import { EMPTY_ROLE } from '../../../../src/engines/azure/model-role.ts';
import { renewalTerms } from '../../../../src/engines/azure/renew.ts';
import { keysToRetire, refuseUnrotatable } from '../../../../src/engines/azure/root-secret.ts';
import { refuseSelfTarget } from '../../../../src/engines/azure/self-target.ts';
import { type AzureEnvironment, resolveSettings } from '../../../../src/engines/azure/settings.ts';
import { roleAssignmentId } from '../../../../src/engines/azure/handles.ts';
import { InvalidRequestError } from '../../../../src/errors.ts';

const NO_ENVIRONMENT: AzureEnvironment = {
  subscriptionId: '',
  tenantId: '',
  clientId: '',
  clientSecret: '',
  environment: '',
};
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

test('settings: a stored token audience is not silently replaced by a managed identity', (t) => {
  const config = { ...CONFIG, clientSecret: '', identityTokenAudience: 'a' };
  t.throws(() => resolveSettings(config, NO_ENVIRONMENT), { message: /^config holds identity_token_audience/ });
  t.is(resolveSettings({ ...config, clientSecret: 's' }, NO_ENVIRONMENT).credential.kind, 'clientSecret');
});

test('settings: the environment outranks the config, field by field', (t) => {
  const settings = resolveSettings(CONFIG, { ...NO_ENVIRONMENT, clientId: 'env-app', tenantId: 'env-tenant' });
  t.is(settings.tenantId, 'env-tenant');
  t.is(settings.subscriptionId, 's');
  t.deepEqual(settings.credential, { kind: 'clientSecret', clientId: 'env-app', clientSecret: 'abc123' });
  t.true(settings.isCredentialFromEnvironment);
});

test('settings: without a secret it is a managed identity, client_id selects which', (t) => {
  t.deepEqual(resolveSettings({ ...CONFIG, clientSecret: '' }, NO_ENVIRONMENT).credential, {
    kind: 'managedIdentity',
    clientId: 'App',
  });
  t.deepEqual(resolveSettings({ ...CONFIG, clientId: '', clientSecret: '' }, NO_ENVIRONMENT).credential, {
    kind: 'managedIdentity',
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
});

test('rotate-root: refused for credentials of the environment and for managed identity', (t) => {
  t.throws(() => refuseUnrotatable(resolveSettings(CONFIG, { ...NO_ENVIRONMENT, clientSecret: 'x' })), {
    message: /environment/,
  });
  t.throws(() => refuseUnrotatable(resolveSettings({ ...CONFIG, clientSecret: '' }, NO_ENVIRONMENT)), {
    message: /^nothing to rotate/,
  });
  t.notThrows(() => refuseUnrotatable(resolveSettings(CONFIG, NO_ENVIRONMENT)));
});

const AT = new Date('2026-01-01T00:00:00Z');
const password = (keyId: string, hint: string) => ({ keyId, hint, displayName: '', expiresAt: AT });
const application = (...passwordCredentials: ReturnType<typeof password>[]) => ({
  id: 'a',
  appId: 'App',
  displayName: '',
  tags: [],
  passwordCredentials,
});

const retires = test.macro<
  [config: Partial<typeof CONFIG>, passwords: ReturnType<typeof password>[], expected: string[]]
>((t, config, passwords, expected) => {
  t.deepEqual(keysToRetire(application(...passwords), { ...CONFIG, ...config }), expected);
});
test(
  'rotate-root: the stored key goes when its hint fits',
  retires,
  { clientSecretKeyId: 'k1' },
  [password('k1', 'abc'), password('k2', 'abc')],
  ['k1'],
);
test(
  'rotate-root: a stored key whose hint does not fit stays',
  retires,
  { clientSecretKeyId: 'k1' },
  [password('k1', 'zzz')],
  [],
);
test(
  'rotate-root: without a stored key the only fitting one goes',
  retires,
  {},
  [password('k1', 'zzz'), password('k2', 'abc')],
  ['k2'],
);
test('rotate-root: two fitting keys both stay', retires, {}, [password('k1', 'abc'), password('k2', 'abc')], []);
test(
  'rotate-root: a staged key that never came into force goes too',
  retires,
  { clientSecretKeyId: 'k1', staged: { clientSecret: 'n', keyId: 'k3', createdAt: AT, expiresAt: AT } },
  [password('k1', 'abc'), password('k3', 'nnn')],
  ['k1', 'k3'],
);

const HOUR = 3600;
const at = (seconds: number): Date => new Date(AT.getTime() + seconds * 1000);
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
test('renew: near the key’s end the lease ends with it and is not renewable again', (t) => {
  t.deepEqual(terms({ ttlSeconds: HOUR }, 9.5 * HOUR, 10 * HOUR), {
    ttlSeconds: HOUR / 2,
    maxTtlSeconds: 10 * HOUR,
    isRenewable: false,
  });
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
