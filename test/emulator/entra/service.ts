/** Entra's login hosts: discovery, keys and the token endpoint. */
import type { Emulation } from '../emulation.ts';
import { CLOUDS, type CloudName } from '../hosts.ts';
import { readHeader, type EmulatorReply, type EmulatorRequest } from '../server/exchange.ts';
import { EntraError, encodeEntraError } from './errors.ts';
import { answerTokenRequest, unknownTenant } from './token-endpoint.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly pattern: RegExp;
  readonly template: string;
  /** `tenantName`: the path's first segment. */
  answer(emulation: Emulation, request: EmulatorRequest, tenantName: string): EmulatorReply;
}

const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    pattern: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?token$/i,
    template: '/{tenant}/oauth2/v2.0/token',
    answer: answerTokenRequest,
  },
  {
    method: 'GET',
    pattern: /^\/(common)\/discovery\/instance$/i,
    template: '/common/discovery/instance',
    answer: (_emulation, request) => ({ status: 200, body: describeInstances(request) }),
  },
  {
    method: 'GET',
    pattern: /^\/([^/]+)\/(?:v2\.0\/)?\.well-known\/openid-configuration$/i,
    template: '/{tenant}/v2.0/.well-known/openid-configuration',
    answer: (emulation, request, tenantName) => ({
      status: 200,
      body: describeTenant(emulation, request, tenantName),
    }),
  },
  {
    method: 'GET',
    pattern: /^\/([^/]+)\/discovery\/(?:v2\.0\/)?keys$/i,
    template: '/{tenant}/discovery/v2.0/keys',
    answer: ({ tokens }) => ({ status: 200, body: tokens.keySet() }),
  },
];

/** Tenant names that stand for "whichever". */
const SHARED_TENANTS = ['common', 'organizations', 'consumers'];

export function answerEntra(emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  const headers = {
    'x-ms-request-id': request.requestId,
    'x-ms-ests-server': '2.1.0 - EMULATOR',
    'cache-control': 'no-store',
  };
  for (const route of ROUTES) {
    const match = route.method === request.method ? route.pattern.exec(request.path) : null;
    if (match === null) continue;
    const template = `${route.method} ${route.template}`;
    try {
      const reply = route.answer(emulation, request, match[1] ?? '');
      return { ...reply, headers, route: template };
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      return { ...encodeReply(request, error), headers, route: template };
    }
  }
  const notFound = new EntraError(404, 'invalid_request', 90019, 'There is no such endpoint.');
  return { ...encodeReply(request, notFound), headers };
}

function encodeReply(request: EmulatorRequest, error: EntraError): EmulatorReply {
  const body = encodeEntraError(error.oauthError, [error.code], `AADSTS${error.code}: ${error.message}`, {
    traceId: request.requestId,
    correlationId: readHeader(request, 'client-request-id') ?? request.requestId,
    now: new Date(request.nowMs),
  });
  return { status: error.status, body };
}

/** Groups of login hosts that are the same authority. */
function describeInstances(request: EmulatorRequest): object {
  const asked =
    request.query.get('authorization_endpoint') ?? `https://${request.hostName}/common/oauth2/v2.0/authorize`;
  const authority = asked.replace(/\/oauth2\/(?:v2\.0\/)?authorize\/?$/i, '');
  const clouds: readonly CloudName[] = ['public', 'china', 'usGovernment'];
  return {
    tenant_discovery_endpoint: `${authority}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: clouds.map((cloud) => {
      const aliases = CLOUDS[cloud].login;
      // China's second name is the one that clients are told to use.
      const preferred = cloud === 'china' ? aliases[1] : aliases[0];
      return { preferred_network: preferred, preferred_cache: preferred, aliases };
    }),
  };
}

function describeTenant({ tenant }: Emulation, request: EmulatorRequest, tenantName: string): object {
  const isShared = SHARED_TENANTS.includes(tenantName.toLowerCase());
  if (!isShared && !tenant.isNamed(tenantName)) throw unknownTenant(tenantName);
  const id = isShared ? tenantName.toLowerCase() : tenant.id;
  const version = /\/v2\.0\//i.test(request.path) ? '/v2.0' : '';
  const base = `https://${request.hostName}/${id}`;
  const hosts = CLOUDS[request.host.cloud];
  return {
    token_endpoint: `${base}/oauth2${version}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery${version}/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer:
      version === ''
        ? `https://sts.windows.net/${isShared ? '{tenantid}' : id}/`
        : `https://${request.hostName}/${isShared ? '{tenantid}' : id}/v2.0`,
    authorization_endpoint: `${base}/oauth2${version}/authorize`,
    device_authorization_endpoint: `${base}/oauth2${version}/devicecode`,
    tenant_region_scope: request.host.cloud === 'public' ? 'EU' : 'NA',
    cloud_instance_name: hosts.login[0],
    msgraph_host: hosts.graph[0],
  };
}
