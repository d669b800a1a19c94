/** What is asked of Entra ID beside the logins of calls: with other credentials than those in force, and which tenant a name means. */
import { isJsonObject, parseJson, type JsonObject } from '../util/json.ts';
import { graphScope } from './clouds.ts';
import { logIn, type LoginDependencies } from './credential.ts';
import { errorFromAnswer, errorFromThrown, unreadableAnswer } from './errors.ts';
import { pathSegment } from './odata.ts';
import type { AzureCall, AzureProviderSpec, LoginProvider } from './provider.ts';
import { runSdkCall } from './sdk-call.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createLoginProvider(dependencies: LoginDependencies, spec: AzureProviderSpec): LoginProvider {
  const tenantIds = new Map<string, string>();
  /** On a path that no cache of ours or of MSAL's can answer. */
  const verify = async (probe: AzureProviderSpec, call: AzureCall): Promise<void> => {
    await logIn(dependencies, probe, graphScope(spec.cloud), call, { isFreshConnection: true });
  };
  return {
    verifyLogin: (clientId, clientSecret, call) =>
      verify({ ...spec, credential: { kind: 'clientSecret', clientId, clientSecret } }, call),
    verifyOwnLogin: (call) => verify(spec, call),
    resolveTenant: async (tenant, call) => {
      const name = tenant.toLowerCase();
      const tenantId = GUID.test(name)
        ? name
        : (tenantIds.get(name) ?? (await askTenantId(dependencies, spec, name, call)));
      tenantIds.set(name, tenantId);
      return tenantId;
    },
    requestToken: (clientId, clientSecret, scope, call) => {
      const form = { client_id: clientId, scope, grant_type: 'client_credentials', client_secret: clientSecret };
      return postTokenRequest(dependencies, spec, new URLSearchParams(form).toString(), call);
    },
  };
}

/** From the `issuer` of the tenant's OpenID configuration, for example `https://login.microsoftonline.com/<id>/v2.0`. */
async function askTenantId(
  { transport, clock }: LoginDependencies,
  { cloud }: AzureProviderSpec,
  name: string,
  call: AzureCall,
): Promise<string> {
  const context = { service: 'entra', step: call.step } as const;
  const url = `${cloud.authorityHost}/${encodeURIComponent(name)}/v2.0/.well-known/openid-configuration`;
  const { body } = await runSdkCall(
    context,
    clock,
    (request) =>
      transport.send({
        ...request,
        signal: call.signal,
        route: 'entra /{tenant}/v2.0/.well-known/openid-configuration',
        attempt: call.attempt ?? 1,
      }),
    (send) => send({ method: 'GET', url, headers: {} }),
  );
  const tenantId = readIssuer(body)
    .split('/')
    .find((segment) => GUID.test(segment));
  if (tenantId === undefined) throw unreadableAnswer(context, 'it names no tenant');
  return tenantId;
}

/** '' when the answer has none. */
function readIssuer(body: string): string {
  try {
    const answer = parseJson(body);
    const issuer = isJsonObject(answer) ? answer['issuer'] : '';
    return typeof issuer === 'string' ? issuer.toLowerCase() : '';
  } catch {
    return '';
  }
}

/** Not through MSAL, which sorts scopes, keeps tokens and shows only parts of the answer. */
async function postTokenRequest(
  { transport, clock }: LoginDependencies,
  { cloud, tenantId }: AzureProviderSpec,
  body: string,
  call: AzureCall,
): Promise<JsonObject> {
  const context = { service: 'entra', step: call.step } as const;
  const request = {
    method: 'POST',
    url: `${cloud.authorityHost}/${pathSegment(tenantId)}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', accept: 'application/json' },
    body,
    signal: call.signal,
    route: 'entra /{tenant}/oauth2/v2.0/token',
    attempt: call.attempt ?? 1,
  };
  const answer = await transport.send(request).catch((thrown: unknown) => {
    throw errorFromThrown(context, thrown);
  });
  if (answer.status < 200 || answer.status > 299) throw errorFromAnswer(context, answer, clock.now());
  try {
    const token = parseJson(answer.body);
    if (isJsonObject(token) && typeof token['access_token'] === 'string' && token['access_token'] !== '') return token;
  } catch (thrown) {
    throw unreadableAnswer(context, 'it is no JSON', thrown);
  }
  throw unreadableAnswer(context, 'it holds no access token');
}
