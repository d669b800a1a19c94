/** The places where a platform hands out tokens of managed identities: a virtual machine's metadata service, App Service. */
import type { Emulation } from '../emulation.ts';
import { issueToken } from '../entra/token-endpoint.ts';
import { findAudience, type Host } from '../hosts.ts';
import { readHeader, type EmulatorReply, type EmulatorRequest } from '../server/exchange.ts';

export const MANAGED_IDENTITY_HOST: Host = { cloud: 'public', service: 'managedIdentity', label: '' };
/** For IDENTITY_ENDPOINT, behind the server's address. */
export const APP_SERVICE_PATH = '/msi/token';

interface Flavour {
  readonly path: RegExp;
  readonly route: string;
  readonly apiVersion: string;
  /** What is wrong with the headers, if anything. */
  judge(emulation: Emulation, request: EmulatorRequest): EmulatorReply | undefined;
  encodeError(status: number, code: string, message: string): EmulatorReply;
  /** What the answer holds beside the token. */
  describe(expiresAtSeconds: number, lifetimeSeconds: number): object;
}

const METADATA_SERVICE: Flavour = {
  path: /^\/metadata\/identity\/oauth2\/token\/?$/i,
  route: 'GET /metadata/identity/oauth2/token',
  apiVersion: '2018-02-01',
  judge: (_emulation, request) => {
    if (readHeader(request, 'metadata')?.toLowerCase() !== 'true') {
      return METADATA_SERVICE.encodeError(400, 'invalid_request', 'Required metadata header not specified');
    }
    // Whoever was forwarded could be somebody outside of the machine.
    if (readHeader(request, 'x-forwarded-for') === undefined) return undefined;
    return METADATA_SERVICE.encodeError(400, 'invalid_request', 'Forwarded requests are not served');
  },
  encodeError: (status, code, message) => ({ status, body: { error: code, error_description: message } }),
  describe: (expiresAtSeconds, lifetimeSeconds) => ({
    expires_in: String(lifetimeSeconds),
    ext_expires_in: String(lifetimeSeconds),
    expires_on: String(expiresAtSeconds),
    not_before: String(expiresAtSeconds - lifetimeSeconds),
  }),
};

const APP_SERVICE: Flavour = {
  path: new RegExp(`^${APP_SERVICE_PATH}$`, 'i'),
  route: `GET ${APP_SERVICE_PATH}`,
  apiVersion: '2019-08-01',
  judge: ({ identityHeader }, request) =>
    readHeader(request, 'x-identity-header') === identityHeader
      ? undefined
      : APP_SERVICE.encodeError(401, '', 'The identity header is missing or wrong.'),
  encodeError: (status, _code, message) => ({ status, body: { statusCode: status, message } }),
  describe: (expiresAtSeconds) => ({ expires_on: String(expiresAtSeconds) }),
};

export function answerManagedIdentity(emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  const flavour = [METADATA_SERVICE, APP_SERVICE].find(({ path }) => path.test(request.path));
  if (flavour === undefined || request.method !== 'GET') return { status: 404 };
  return { ...answerToken(flavour, emulation, request), route: flavour.route };
}

/** A set failure, in the form of the endpoint that was asked. */
export function encodeManagedIdentityFault(
  request: EmulatorRequest,
  status: number,
  code: string,
  message: string,
): EmulatorReply {
  const flavour = APP_SERVICE.path.test(request.path) ? APP_SERVICE : METADATA_SERVICE;
  return flavour.encodeError(status, code, message);
}

function answerToken(flavour: Flavour, emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  const refusal = flavour.judge(emulation, request);
  if (refusal !== undefined) return refusal;
  const { query } = request;
  if (query.get('api-version') !== flavour.apiVersion) {
    return flavour.encodeError(400, 'bad_request_102', 'Required api-version is missing or not supported');
  }
  const resource = query.get('resource') ?? '';
  const audience = findAudience(resource, request.host.cloud);
  if (audience === undefined) {
    const message = `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`;
    return flavour.encodeError(400, 'invalid_resource', message);
  }
  const identity = emulation.managedIdentities.find(query.get('client_id') ?? undefined);
  const principal = emulation.tenant.servicePrincipals.get(identity?.principalId ?? '');
  if (identity === undefined || principal === undefined) {
    return flavour.encodeError(400, 'invalid_request', 'Identity not found');
  }
  const lifetimeSeconds = emulation.settings.tokenLifetimeSeconds;
  return {
    status: 200,
    body: {
      access_token: issueToken(emulation, request, principal, { resource, audience }),
      client_id: identity.clientId,
      resource,
      token_type: 'Bearer',
      ...flavour.describe(Math.floor(request.nowMs / 1000) + lifetimeSeconds, lifetimeSeconds),
    },
  };
}
