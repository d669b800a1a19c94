/** Logs in to Entra ID (or to the platform's managed identity endpoint) through @azure/identity. Keeps nothing. */
import type { AccessToken as SdkAccessToken } from '@azure/core-auth';
import type { Pipeline } from '@azure/core-rest-pipeline';
import type { ClientSecretCredentialOptions } from '@azure/identity';
import { isJsonObject, parseJson } from '../util/json.ts';
import { addMs } from '../util/rfc3339.ts';
import type { Clock } from '../util/clock.ts';
import { throwIfAborted, untilAborted } from './abort.ts';
import { hasKnownAuthority } from './clouds.ts';
import { errorFromThrown, unreadableAnswer, type ErrorContext } from './errors.ts';
import { acquireManagedIdentityToken, withPlatformWait } from './managed-identity.ts';
import { createPipelineHttpClient } from './pipeline-http-client.ts';
import type { AzureCall, AzureProviderSpec } from './provider.ts';
import { runSdkCall, type Send } from './sdk-call.ts';
import { silenceSdkLog } from './sdk-log.ts';
import type { Transport } from './transport.ts';
import { TransportError } from './transport-error.ts';

export interface LoginDependencies {
  readonly transport: Transport;
  readonly clock: Clock;
}

export interface AccessToken {
  /** A secret. */
  readonly value: string;
  readonly expiresAt: Date;
}

export interface LoginOptions {
  /** A connection of its own, for probes. Default false. */
  readonly isFreshConnection?: boolean;
}

/**
 * One login for `scope` (for example `https://graph.microsoft.com/.default`).
 *
 * Always with a credential object of its own. MSAL, inside it, refuses for a minute to repeat a request that was
 * answered 429 or 5xx, and answers from its memory what may have changed since; both are the caller's to decide.
 * @throws AzureError (`entra`, `managedIdentity`), and what the source of an assertion throws.
 */
export async function logIn(
  { transport, clock }: LoginDependencies,
  spec: AzureProviderSpec,
  scope: string,
  call: AzureCall,
  options: LoginOptions = {},
): Promise<AccessToken> {
  const isManagedIdentity = spec.credential.kind === 'managedIdentity';
  const context = { service: isManagedIdentity ? 'managedIdentity' : 'entra', step: call.step } as const;
  const acquire = await prepareLogin(spec, scope, (assertion) => waitFor(assertion, { clock, call, context }));
  let lifetimeSeconds: number | undefined;
  const exchange: Send = async (request) => {
    const answer = await transport.send({
      ...request,
      signal: call.signal,
      route: isManagedIdentity ? 'managed identity /token' : entraRoute(request.url),
      attempt: call.attempt ?? 1,
      isFreshConnection: options.isFreshConnection ?? false,
      isPlainAllowed: isManagedIdentity,
    });
    lifetimeSeconds = readLifetimeSeconds(answer.body);
    return answer;
  };
  const token = await runSdkCall(context, clock, exchange, async (send) => {
    await silenceSdkLog();
    return acquire(send);
  }).catch((thrown: unknown) => {
    throw isManagedIdentity ? withPlatformWait(thrown) : thrown;
  });
  if (token === undefined) throw unreadableAnswer(context, 'it holds no access token');
  // Counted from our clock; the SDK counts from the machine's. App Service tells the end only, not the lifetime.
  const lifetimeMs =
    lifetimeSeconds === undefined ? token.expiresOnTimestamp - clock.now().getTime() : lifetimeSeconds * 1000;
  return { value: token.token, expiresAt: addMs(clock.now(), lifetimeMs) };
}

/** A file, or a call to the process beside us. */
const ASSERTION_TIMEOUT_MS = 10_000;

type AcquireToken = (send: Send) => Promise<Pick<SdkAccessToken, 'token' | 'expiresOnTimestamp'> | undefined>;

/** What is needed before the call begins: an assertion is fetched here, and once, since MSAL asks for it several times. */
async function prepareLogin(
  spec: AzureProviderSpec,
  scope: string,
  waitForAssertion: (ask: (call: AzureCall) => Promise<string>) => Promise<string>,
): Promise<AcquireToken> {
  const { tenantId, credential } = spec;
  switch (credential.kind) {
    case 'managedIdentity':
      return (send) => acquireManagedIdentityToken(credential.clientId, scope, send);
    case 'clientSecret':
      return async (send) => {
        const { ClientSecretCredential } = await import('@azure/identity');
        const { clientId, clientSecret } = credential;
        return new ClientSecretCredential(tenantId, clientId, clientSecret, await sdkOptions(spec, send)).getToken(
          scope,
        );
      };
    case 'clientCertificate':
      return async (send) => {
        const { ClientCertificateCredential } = await import('@azure/identity');
        const { clientId, certificatePem: certificate } = credential;
        // A chain is given for applications that trust an authority and a name instead of one certificate.
        const options = { ...(await sdkOptions(spec, send)), sendCertificateChain: hasChain(certificate) };
        return new ClientCertificateCredential(tenantId, clientId, { certificate }, options).getToken(scope);
      };
    case 'clientAssertion': {
      const assertion = await waitForAssertion(credential.getAssertion);
      return async (send) => {
        const { ClientAssertionCredential } = await import('@azure/identity');
        const getAssertion = (): Promise<string> => Promise.resolve(assertion);
        const options = await sdkOptions(spec, send);
        return new ClientAssertionCredential(tenantId, credential.clientId, getAssertion, options).getToken(scope);
      };
    }
  }
}

/** Who waits for a shared login has a limit of its own, but the login must end for the next one to begin. */
async function waitFor(
  ask: (call: AzureCall) => Promise<string>,
  { clock, call, context }: { readonly clock: Clock; readonly call: AzureCall; readonly context: ErrorContext },
): Promise<string> {
  throwIfAborted(call.signal);
  let stopTimer = (): void => undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    stopTimer = clock.after(ASSERTION_TIMEOUT_MS, () => {
      const message = `the identity token did not come within ${ASSERTION_TIMEOUT_MS / 1000} s`;
      reject(errorFromThrown(context, new TransportError(message, { failure: 'timeout', wasSent: false })));
    });
  });
  try {
    return await untilAborted(Promise.race([ask(call), timeout]), call.signal);
  } finally {
    stopTimer();
  }
}

function hasChain(certificatePem: string): boolean {
  return certificatePem.split('-----BEGIN CERTIFICATE-----').length > 2;
}

/** Login hosts of clouds that the SDK does not know are first asked for their endpoints. */
function entraRoute(url: string): string {
  return new URL(url).pathname.endsWith('/openid-configuration')
    ? 'entra /{tenant}/v2.0/.well-known/openid-configuration'
    : 'entra /{tenant}/oauth2/v2.0/token';
}

/** `expires_in`: a number from Entra ID, a text from the managed identity endpoints. */
function readLifetimeSeconds(body: string): number | undefined {
  try {
    const answer = parseJson(body);
    const seconds = isJsonObject(answer) ? Number(answer['expires_in'] ?? Number.NaN) : Number.NaN;
    return Number.isFinite(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}

/** An empty pipeline: none of the SDK's own proxy, retries, redirects and log. The option is taken, if not in its type. */
async function sdkOptions({ cloud }: AzureProviderSpec, send: Send): Promise<SdkOptions> {
  const { createEmptyPipeline } = await import('@azure/core-rest-pipeline');
  return {
    authorityHost: cloud.authorityHost,
    // Otherwise the public cloud would be asked about a host that it cannot know.
    disableInstanceDiscovery: !hasKnownAuthority(cloud),
    httpClient: await createPipelineHttpClient(send),
    pipeline: createEmptyPipeline(),
    retryOptions: { maxRetries: 0 },
  };
}

type SdkOptions = ClientSecretCredentialOptions & { readonly pipeline: Pipeline };
