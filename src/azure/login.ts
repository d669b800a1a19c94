/** What is asked of Entra ID beside the logins of calls: whether a credential is accepted, and which tenant a name means. */
import { isJsonObject, parseJson } from '../util/json.ts';
import { graphScope } from './clouds.ts';
import { logIn, type LoginDependencies } from './credential.ts';
import { unreadableAnswer } from './errors.ts';
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
