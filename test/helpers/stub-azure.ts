/** A provider over the real SDKs whose whole Azure is one stub server behind a proxy: a test writes every answer. */
import type { ExecutionContext } from 'ava';
import { findCloud } from '../../src/azure/clouds.ts';
import { createAzureProviderFactory } from '../../src/azure/provider-factory.ts';
import type { AzureProvider, AzureProviderSpec } from '../../src/azure/provider.ts';
import { systemClock, type Clock } from '../../src/util/clock.ts';
import { createTestTransport } from './azure-transport.ts';
import { startProxyStub, startTlsStub, type StubAnswer, type StubHandler, type TlsStub } from './stub-servers.ts';
import type { TestLogger } from './test-logger.ts';

export const STUB_TENANT_ID = '11111111-1111-4111-8111-111111111111';
export const STUB_CLIENT_SECRET = 'sentinel-client-secret';

export interface StubAzure {
  readonly stub: TlsStub;
  readonly provider: AzureProvider;
  readonly logger: TestLogger;
  /** Requests other than logins. */
  readonly calls: () => TlsStub['requests'];
  readonly logins: () => TlsStub['requests'];
}

export interface StubAzureOptions {
  /** Answers everything but logins. */
  readonly handler?: StubHandler;
  /** Answers logins; the default issues `access-1`, `access-2` and so on. */
  readonly logIn?: StubHandler;
  readonly spec?: Partial<AzureProviderSpec>;
  readonly clock?: Clock;
}

export async function startStubAzure(t: ExecutionContext, options: StubAzureOptions = {}): Promise<StubAzure> {
  const { handler = () => ({}), clock = systemClock } = options;
  let issued = 0;
  const logIn =
    options.logIn ??
    ((): StubAnswer => {
      issued += 1;
      return {
        body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: `access-${issued}` },
      };
    });
  const stub = await startTlsStub(t, (request) => (isLogin(request.url) ? logIn(request) : handler(request)));
  const proxy = await startProxyStub(t, { targetPort: stub.port });
  const { transport, logger } = createTestTransport(t, { caPem: stub.identity.caPem, proxyUrl: proxy.url, clock });
  const cloud = findCloud('');
  if (cloud === undefined) throw new Error('no public cloud');
  const provider = createAzureProviderFactory({ transport, clock })({
    cloud,
    tenantId: STUB_TENANT_ID,
    credential: { kind: 'clientSecret', clientId: 'stub-client-id', clientSecret: STUB_CLIENT_SECRET },
    ...options.spec,
  });
  return {
    stub,
    provider,
    logger,
    calls: () => stub.requests.filter((request) => !isLogin(request.url)),
    logins: () => stub.requests.filter((request) => isLogin(request.url)),
  };
}

function isLogin(url: string): boolean {
  return url.includes('/oauth2/v2.0/token');
}
