/** Microsoft Graph: who is calling, which route, may they; then the route's own rules. */
import { isJsonObject, parseJson, type JsonObject } from '../json.ts';
import type { Emulation } from '../emulation.ts';
import type { AccessTokenClaims } from '../entra/token-authority.ts';
import { findAudience } from '../hosts.ts';
import { parseODataPath, type Segment } from '../odata/path.ts';
import { readHeader, type EmulatorReply, type EmulatorRequest } from '../server/exchange.ts';
import { APP_ROLE_ASSIGNMENT_ROUTES } from './app-role-assignments.ts';
import { APPLICATION_ROUTES } from './applications.ts';
import type { GraphRoute, PathKey } from './call.ts';
import { DELETED_ITEM_ROUTES } from './deleted-items.ts';
import { DIRECTORY_ROUTES } from './directory.ts';
import { encodeGraphError, GraphError, insufficientPrivileges } from './errors.ts';
import { FEDERATED_CREDENTIAL_ROUTES } from './federated-credentials.ts';
import { GROUP_ROUTES } from './groups.ts';
import { OWNER_ROUTES } from './owners.ts';
import { PASSWORD_ROUTES } from './passwords.ts';
import { SERVICE_PRINCIPAL_ROUTES } from './service-principals.ts';

const ROUTES: readonly (GraphRoute & { readonly segments: readonly string[] })[] = [
  ...APPLICATION_ROUTES,
  ...PASSWORD_ROUTES,
  ...SERVICE_PRINCIPAL_ROUTES,
  ...GROUP_ROUTES,
  ...OWNER_ROUTES,
  ...APP_ROLE_ASSIGNMENT_ROUTES,
  ...FEDERATED_CREDENTIAL_ROUTES,
  ...DELETED_ITEM_ROUTES,
  ...DIRECTORY_ROUTES,
].map((route) => ({ ...route, segments: route.path.split('/').filter((segment) => segment !== '') }));

export function answerGraph(emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  const headers = {
    'request-id': request.requestId,
    'client-request-id': readHeader(request, 'client-request-id') ?? request.requestId,
    'x-ms-ags-diagnostic':
      '{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"EMULATOR"}}',
    'odata-version': '4.0',
    'cache-control': 'no-cache',
  };
  const [version, ...segments] = parseODataPath(request.path);
  const match = version === 'v1.0' || version === 'beta' ? matchRoute(request.method, segments) : undefined;
  const template =
    match === undefined ? undefined : `${match.route.method} ${match.route.path.replaceAll('{}', '{id}')}`;
  try {
    const caller = authenticate(emulation, request);
    if (match === undefined) throw noSuchRoute(segments);
    const isFullyAllowed = match.route.rights.some((right) => caller.roles.includes(right));
    const isOwnedAllowed = match.route.ownedRights?.some((right) => caller.roles.includes(right)) === true;
    if (!isFullyAllowed && !isOwnedAllowed) throw insufficientPrivileges();
    const body = request.method === 'GET' ? {} : parseBody(request.body);
    const reply = match.route.answer({
      emulation,
      request,
      caller,
      keys: match.keys,
      body,
      isOwnedOnly: !isFullyAllowed,
    });
    return { ...reply, headers: { ...headers, ...reply.headers }, ...(template !== undefined && { route: template }) };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const body = encodeGraphError(error, {
      requestId: headers['request-id'],
      clientRequestId: headers['client-request-id'],
      now: new Date(request.nowMs),
    });
    return { status: error.status, headers, body, ...(template !== undefined && { route: template }) };
  }
}

/** @throws GraphError 401 */
function authenticate({ tenant, tokens }: Emulation, request: EmulatorRequest): AccessTokenClaims {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw invalidToken('Access token is empty.');
  const claims = tokens.check(token);
  if (claims === undefined) throw invalidToken('Access token validation failure. Invalid signature.');
  if (claims.expiresAtMs <= request.nowMs) {
    throw invalidToken('Lifetime validation failed, the token is expired.');
  }
  if (findAudience(claims.audience, request.host.cloud)?.service !== 'graph') {
    throw invalidToken('Access token validation failure. Invalid audience.');
  }
  if (tenant.servicePrincipals.get(claims.objectId, request.view) === undefined) {
    throw new GraphError(
      401,
      'Authorization_IdentityNotFound',
      'The identity of the calling application could not be established.',
    );
  }
  return claims;
}

function invalidToken(message: string): GraphError {
  return new GraphError(401, 'InvalidAuthenticationToken', message);
}

/** @throws GraphError 400 */
function parseBody(bytes: Buffer): JsonObject {
  if (bytes.length === 0) return {};
  try {
    const value = parseJson(bytes.toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // Answered below, as any other body that is no object.
  }
  throw new GraphError(
    400,
    'BadRequest',
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
}

function matchRoute(
  method: string,
  segments: readonly Segment[],
): { readonly route: GraphRoute; readonly keys: readonly PathKey[] } | undefined {
  for (const route of ROUTES) {
    if (route.method !== method || route.segments.length !== segments.length) continue;
    const keys = matchSegments(route.segments, segments);
    if (keys !== undefined) return { route, keys };
  }
  return undefined;
}

function matchSegments(pattern: readonly string[], segments: readonly Segment[]): readonly PathKey[] | undefined {
  const keys: PathKey[] = [];
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (expected === '{}') {
      keys.push(
        typeof segment === 'string' ? { name: 'id', value: segment } : { name: segment.keyName, value: segment.value },
      );
    } else if (typeof segment !== 'string' || segment.toLowerCase() !== expected.toLowerCase()) return undefined;
  }
  return keys;
}

function noSuchRoute(segments: readonly Segment[]): GraphError {
  const isKnown = ['GET', 'POST', 'PATCH', 'DELETE'].some((method) => matchRoute(method, segments) !== undefined);
  if (isKnown) {
    return new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
  }
  const last = segments.at(-1);
  const name = typeof last === 'string' ? last : (last?.value ?? '');
  return new GraphError(400, 'BadRequest', `Resource not found for the segment '${name}'.`);
}
