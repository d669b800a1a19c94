/** Logs in to Entra ID (or to the platform's managed identity endpoint) through @azure/identity. Keeps nothing. */
import type { AccessToken as SdkAccessToken } from '@azure/core-auth';
import type { Pipeline } from '@azure/core-rest-pipeline';
import type { ClientSecretCredentialOptions } from '@azure/identity';
import { isJsonObject, parseJson } from '../util/json.ts';
import { addMs } from '../util/rfc3339.ts';
import type { Clock } from '../util/clock.ts';
import { hasKnownAuthority } from './clouds.ts';
import { unreadableAnswer } from './errors.ts';
import { acquireManagedIdentityToken } from './managed-identity.ts';
import { createPipelineHttpClient } from './pipeline-http-client.ts';
import type { AzureCall, AzureProviderSpec } from './provider.ts';
import { runSdkCall, type Send } from './sdk-call.ts';
import { silenceSdkLog } from './sdk-log.ts';
import type { Transport } from './transport.ts';

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
 * @throws AzureError (`entra`).
 */
export async function logIn(
  { transport, clock }: LoginDependencies,
  spec: AzureProviderSpec,
  scope: string,
  call: AzureCall,
  options: LoginOptions = {},
): Promise<AccessToken> {
  const context = { service: 'entra', step: call.step } as const;
  const isManagedIdentity = spec.credential.kind === 'managedIdentity';
  let lifetimeSeconds: number | undefined;
  const token = await runSdkCall(
    context,
    clock,
    async (request) => {
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
    },
    async (send) => {
      await silenceSdkLog();
      return spec.credential.kind === 'managedIdentity'
        ? acquireManagedIdentityToken(spec.credential.clientId, scope, send)
        : acquireTokenBySecret(spec, spec.credential, scope, send);
    },
  );
  if (token === undefined) throw unreadableAnswer(context, 'it holds no access token');
  // Counted from our clock; the SDK counts from the machine's. App Service tells the end only, not the lifetime.
  const lifetimeMs =
    lifetimeSeconds === undefined ? token.expiresOnTimestamp - clock.now().getTime() : lifetimeSeconds * 1000;
  return { value: token.token, expiresAt: addMs(clock.now(), lifetimeMs) };
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

async function acquireTokenBySecret(
  { cloud, tenantId }: AzureProviderSpec,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
  scope: string,
  send: Send,
): Promise<SdkAccessToken> {
  const { ClientSecretCredential } = await import('@azure/identity');
  const { createEmptyPipeline } = await import('@azure/core-rest-pipeline');
  // An empty pipeline: none of the SDK's own proxy, retries, redirects and log. The option is taken, if not in its type.
  const options: ClientSecretCredentialOptions & { readonly pipeline: Pipeline } = {
    authorityHost: cloud.authorityHost,
    // Otherwise the public cloud would be asked about a host that it cannot know.
    disableInstanceDiscovery: !hasKnownAuthority(cloud),
    httpClient: await createPipelineHttpClient(send),
    pipeline: createEmptyPipeline(),
    retryOptions: { maxRetries: 0 },
  };
  return new ClientSecretCredential(tenantId, clientId, clientSecret, options).getToken(scope);
}
