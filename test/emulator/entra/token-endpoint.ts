/** The token endpoint: client credentials with a secret, a federated token or a certificate. */
import type { Emulation } from '../emulation.ts';
import { findAudience, MICROSOFT_GRAPH_APP_ID, type Audience, type CloudName } from '../hosts.ts';
import type { EmulatorReply, EmulatorRequest } from '../server/exchange.ts';
import type { Application } from '../state/applications.ts';
import { judgeSecret } from '../state/passwords.ts';
import type { ServicePrincipal } from '../state/service-principals.ts';
import { checkClientAssertion } from './client-assertion.ts';
import { EntraError } from './errors.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Asked for beside the resource by the Go libraries; they mean nothing to an application. */
const IDENTITY_SCOPES = ['openid', 'offline_access', 'profile', 'email'];
/** Failures that replication explains, hence the ones a front end remembers. */
const REMEMBERED_CODES = [700016, 7000229, 7000215];

/** @param tenantName the path's first segment. @throws EntraError */
export function answerTokenRequest(emulation: Emulation, request: EmulatorRequest, tenantName: string): EmulatorReply {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const { tenant } = emulation;
  if (!tenant.isNamed(tenantName)) throw unknownTenant(tenantName);
  if (form.get('grant_type') !== 'client_credentials') {
    throw new EntraError(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  }
  const appId = form.get('client_id') ?? '';
  if (appId === '') {
    const message = "The request body must contain the following parameter: 'client_id'.";
    throw new EntraError(400, 'invalid_request', 900144, message);
  }
  const secret = form.get('client_secret') ?? form.get('client_assertion') ?? '';
  const remembered = emulation.loginFailures.find(appId, secret, request.nowMs);
  if (remembered !== undefined) throw remembered;
  try {
    return logIn(emulation, request, appId, form);
  } catch (error) {
    const { negativeCacheMs } = emulation.settings;
    if (error instanceof EntraError && REMEMBERED_CODES.includes(error.code) && negativeCacheMs > 0) {
      emulation.loginFailures.remember(appId, secret, error, request.nowMs + negativeCacheMs);
    }
    throw error;
  }
}

export function unknownTenant(name: string): EntraError {
  const message = `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  return new EntraError(400, 'invalid_request', 90002, message);
}

function logIn(emulation: Emulation, request: EmulatorRequest, appId: string, form: URLSearchParams): EmulatorReply {
  const { tenant, settings } = emulation;
  const application = tenant.applications.find({ name: 'appId', value: appId }, request.view);
  if (application === undefined) {
    const message = `Application with identifier '${appId}' was not found in the directory '${tenant.displayName}'.`;
    throw new EntraError(400, 'unauthorized_client', 700016, message);
  }
  const principal = tenant.servicePrincipals.find({ name: 'appId', value: appId }, request.view);
  if (principal === undefined) {
    const message = `The client application ${appId} is missing service principal in the tenant ${tenant.id}.`;
    throw new EntraError(401, 'invalid_client', 7000229, message);
  }
  if (!principal.isEnabled) {
    const message = `Application '${appId}'(${principal.displayName}) is disabled.`;
    throw new EntraError(401, 'unauthorized_client', 7000112, message);
  }
  const { resource, audience } = readResource(form, request.host.cloud);
  checkCredential(emulation, request, application, principal, form);
  const lifetimeSeconds = settings.tokenLifetimeSeconds;
  const token = issueToken(emulation, request, principal, { resource, audience });
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      access_token: token,
    },
  };
}

/** An access token of `principal` for `resource`, with its rights there. */
export function issueToken(
  emulation: Emulation,
  request: EmulatorRequest,
  principal: ServicePrincipal,
  { resource, audience }: { readonly resource: string; readonly audience: Audience },
): string {
  const { tenant, settings, tokens } = emulation;
  return tokens.issue(
    {
      audience: resource,
      tenantId: tenant.id,
      appId: principal.appId,
      objectId: principal.id,
      roles: audience.service === 'graph' ? listGraphRights(emulation, principal, request) : [],
      issuedAtMs: request.nowMs,
      expiresAtMs: request.nowMs + settings.tokenLifetimeSeconds * 1000,
    },
    request.requestId,
  );
}

/** The resource of the one `/.default` scope, or of the older `resource` parameter. */
function readResource(form: URLSearchParams, cloud: CloudName): { resource: string; audience: Audience } {
  const resource = form.get('resource') ?? readDefaultScope(form.get('scope') ?? '');
  const audience = findAudience(resource, cloud);
  if (audience === undefined) {
    const message = `The resource principal named ${resource} was not found in the tenant.`;
    throw new EntraError(400, 'invalid_resource', 500011, message);
  }
  return { resource, audience };
}

function readDefaultScope(scope: string): string {
  const scopes = scope.split(' ').filter((item) => item !== '' && !IDENTITY_SCOPES.includes(item));
  const [first, ...others] = scopes;
  if (first === undefined) {
    const message = "The request body must contain the following parameter: 'scope'.";
    throw new EntraError(400, 'invalid_request', 900144, message);
  }
  if (others.length > 0) {
    const message = `The provided request must include a 'scope' input parameter with one resource. The scope '${scope}' is not valid.`;
    throw new EntraError(400, 'invalid_scope', 70011, message);
  }
  if (!first.endsWith('/.default')) {
    const message = `The provided value for scope ${first} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    throw new EntraError(400, 'invalid_scope', 1002012, message);
  }
  return first.slice(0, -'/.default'.length);
}

function checkCredential(
  emulation: Emulation,
  request: EmulatorRequest,
  application: Application,
  principal: ServicePrincipal,
  form: URLSearchParams,
): void {
  const assertion = form.get('client_assertion');
  if (assertion !== null) {
    if (form.get('client_assertion_type') !== JWT_BEARER) {
      throw new EntraError(400, 'invalid_request', 900144, `client_assertion_type must be '${JWT_BEARER}'.`);
    }
    const { tenant, trustedIssuers } = emulation;
    checkClientAssertion(assertion, application, {
      trustedIssuers,
      nowMs: request.nowMs,
      audiences: [tenant.id, tenant.domain].flatMap((name) =>
        ['/oauth2/v2.0/token', '/oauth2/token', '/v2.0'].map((path) => `https://${request.hostName}/${name}${path}`),
      ),
    });
    return;
  }
  const secret = form.get('client_secret');
  if (secret === null) {
    const message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    throw new EntraError(401, 'invalid_client', 7000218, message);
  }
  const verdict = judgeSecret([...application.passwords, ...principal.passwords], secret, request.nowMs);
  if (verdict === 'wrong') {
    const message = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${application.appId}'.`;
    throw new EntraError(401, 'invalid_client', 7000215, message);
  }
  if (verdict === 'expired') {
    const message = `The provided client secret keys for app '${application.appId}' are expired.`;
    throw new EntraError(401, 'invalid_client', 7000222, message);
  }
}

function listGraphRights(
  { tenant }: Emulation,
  principal: ServicePrincipal,
  request: EmulatorRequest,
): readonly string[] {
  const graph = tenant.servicePrincipals.find({ name: 'appId', value: MICROSOFT_GRAPH_APP_ID });
  if (graph === undefined) return [];
  return tenant.appRoleAssignments
    .listByPrincipal(principal.id, request.view)
    .filter((assignment) => assignment.resourceId === graph.id)
    .flatMap((assignment) => graph.appRoles.find((role) => role.id === assignment.appRoleId)?.value ?? []);
}
