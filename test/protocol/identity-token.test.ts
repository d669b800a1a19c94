/** A host that mints identity tokens for plugins: the engine logs in with them, one for each login. */
import test, { type ExecutionContext } from 'ava';
import { startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { TokenIssuer, trustTokenIssuer } from '../helpers/token-issuer.ts';
import { startFakeHost } from './_host.ts';
import type { FakeMount } from './_mount.ts';

const AUDIENCE = 'vault.example/v1/identity/oidc/plugins';

async function openMount(
  t: ExecutionContext,
  emulator: StartedEmulator,
  token: string,
  storage: Map<string, Buffer>,
): Promise<FakeMount> {
  const host = await startFakeHost({ env: { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile } });
  t.teardown(() => host.dispose());
  return host.mount({ storage, systemView: { GenerateIdentityToken: { token, ttl: '3600' } } }).enable();
}

const mints = (mount: FakeMount) => mount.calls.filter(({ method }) => method === 'SystemView/GenerateIdentityToken');

test('identity token, minted by the host, logs the engine in from config to revocation', async (t) => {
  const emulator = await startEmulator();
  t.teardown(() => emulator.stop());
  const issuer = new TokenIssuer(
    'https://vault.example/v1/identity/oidc/plugins',
    'plugin-identity:root:secret:azure_1',
  );
  trustTokenIssuer(emulator, issuer, AUDIENCE);
  const token = issuer.mint({ audience: AUDIENCE, ttlSeconds: 3600, now: new Date() });
  const storage = new Map<string, Buffer>();

  const mount = await openMount(t, emulator, token, storage);
  await mount.write('config', {
    subscription_id: emulator.subscriptionId,
    tenant_id: emulator.tenantId,
    client_id: emulator.clientId,
    identity_token_audience: AUDIENCE,
    identity_token_ttl: '20m',
    verify: true,
  });
  // Once to see that the host can, once for the login that was asked for.
  t.deepEqual(
    mints(mount).map(({ message }) => message),
    Array.from({ length: 2 }, () => ({ audience: AUDIENCE, ttl: '1200' })),
  );
  t.is((await mount.read('config')).data?.['auth_method'], 'identity_token_audience');

  await mount.write('roles/app', { application_object_id: emulator.applications[0]?.id, ttl: '1h' });
  const issued = await mount.read('creds/app');
  t.is(typeof issued.data?.['client_secret'], 'string');
  t.is(mints(mount).length, 3);
  t.false(JSON.stringify([...storage.values()].map(String)).includes(token));

  const later = await openMount(t, emulator, token, storage);
  await later.read('creds/app');
  t.is(mints(later).length, 1);
});
