/** Azure Resource Manager: routes and what all answers share. */
import type { Emulation } from '../emulation.ts';
import { CLOUDS } from '../hosts.ts';
import { readHeader, type EmulatorReply, type EmulatorRequest } from '../server/exchange.ts';
import { isScopeWithin } from '../state/scopes.ts';
import { authenticate, listHeldRoles, requireScope, type ArmCall } from './call.ts';
import { ArmError, encodeArmError } from './errors.ts';
import { deleteLock, listLocks, putLock } from './locks.ts';
import { deleteRoleAssignment, getRoleAssignment, listRoleAssignments, putRoleAssignment } from './role-assignments.ts';
import { deleteRoleDefinition, getRoleDefinition, listRoleDefinitions, putRoleDefinition } from './role-definitions.ts';
import {
  deleteResourceGroup,
  getResourceGroup,
  getSubscription,
  listResourceGroups,
  listSubscriptions,
  putResourceGroup,
} from './subscriptions.ts';

interface Route {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Its groups become the handler's arguments. Scopes are matched greedily: the last provider in the path counts. */
  readonly pattern: RegExp;
  readonly template: string;
  answer(call: ArmCall, first: string, second: string): EmulatorReply;
}

/** Routes below `{scope}/providers/Microsoft.Authorization/`, with and without a name. */
function authorizationRoute(method: Route['method'], kind: string, hasName: boolean, answer: Route['answer']): Route {
  return {
    method,
    pattern: new RegExp(`^(.*)/providers/Microsoft\\.Authorization/${kind}${hasName ? '/([^/]+)' : ''}/?$`, 'i'),
    template: `/{scope}/providers/Microsoft.Authorization/${kind}${hasName ? '/{name}' : ''}`,
    answer,
  };
}

const ROUTES: readonly Route[] = [
  authorizationRoute('PUT', 'roleAssignments', true, putRoleAssignment),
  authorizationRoute('DELETE', 'roleAssignments', true, deleteRoleAssignment),
  authorizationRoute('GET', 'roleAssignments', true, getRoleAssignment),
  authorizationRoute('GET', 'roleAssignments', false, listRoleAssignments),
  authorizationRoute('GET', 'roleDefinitions', false, listRoleDefinitions),
  authorizationRoute('GET', 'roleDefinitions', true, getRoleDefinition),
  authorizationRoute('PUT', 'roleDefinitions', true, putRoleDefinition),
  authorizationRoute('DELETE', 'roleDefinitions', true, deleteRoleDefinition),
  authorizationRoute('GET', 'permissions', false, listPermissions),
  authorizationRoute('PUT', 'locks', true, putLock),
  authorizationRoute('DELETE', 'locks', true, deleteLock),
  authorizationRoute('GET', 'locks', false, listLocks),
  { method: 'GET', pattern: /^\/subscriptions\/?$/i, template: '/subscriptions', answer: listSubscriptions },
  {
    method: 'GET',
    pattern: /^\/subscriptions\/([^/]+)\/?$/i,
    template: '/subscriptions/{id}',
    answer: getSubscription,
  },
  {
    method: 'GET',
    pattern: /^\/subscriptions\/([^/]+)\/resourceGroups\/?$/i,
    template: '/subscriptions/{id}/resourceGroups',
    answer: listResourceGroups,
  },
  ...(
    [
      ['GET', getResourceGroup],
      ['PUT', putResourceGroup],
      ['DELETE', deleteResourceGroup],
    ] as const
  ).map(([method, answer]) => ({
    method,
    pattern: /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/?$/i,
    template: '/subscriptions/{id}/resourceGroups/{name}',
    answer,
  })),
  {
    method: 'GET',
    pattern: /^(?:\/subscriptions\/([^/]+))?\/providers\/?$/i,
    template: '/subscriptions/{id}/providers',
    answer: listProviders,
  },
  { method: 'GET', pattern: /^\/tenants\/?$/i, template: '/tenants', answer: listTenants },
];

export function answerArm(emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  const headers = {
    'x-ms-request-id': request.requestId,
    'x-ms-correlation-request-id': readHeader(request, 'x-ms-correlation-request-id') ?? request.requestId,
    'x-ms-routing-request-id': `EMULATOR:${request.requestId}`,
    'cache-control': 'no-cache',
  };
  if (request.path.toLowerCase() === '/metadata/endpoints' && request.method === 'GET') {
    return { status: 200, headers, body: describeEndpoints(request), route: 'GET /metadata/endpoints' };
  }
  const match = findRoute(request);
  const route = match === undefined ? undefined : `${match.route.method} ${match.route.template}`;
  try {
    const call = authenticate(emulation, request);
    if (match === undefined) throw noSuchRoute(request);
    if (!request.query.has('api-version')) {
      const message = 'The api-version query parameter (?api-version=) is required for all requests.';
      throw new ArmError(400, 'MissingApiVersionParameter', message);
    }
    const reply = match.route.answer(call, ...match.groups);
    return { ...reply, headers: { ...headers, ...reply.headers }, ...(route !== undefined && { route }) };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return {
      status: error.status,
      headers: { ...headers, 'x-ms-failure-cause': 'gateway', ...error.headers },
      body: encodeArmError(error),
      ...(route !== undefined && { route }),
    };
  }
}

function findRoute(
  request: EmulatorRequest,
): { readonly route: Route; readonly groups: readonly [string, string] } | undefined {
  for (const route of ROUTES) {
    const match = route.method === request.method ? route.pattern.exec(request.path) : null;
    if (match !== null) return { route, groups: [decode(match[1]), decode(match[2])] };
  }
  return undefined;
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function noSuchRoute(request: EmulatorRequest): ArmError {
  const message = `No route providers could be found for '${request.method} ${request.path}'.`;
  return new ArmError(404, 'InvalidResourceType', message);
}

/** What the caller may do at a scope. */
function listPermissions(call: ArmCall, path: string): EmulatorReply {
  const scope = requireScope(call, path, 'Microsoft.Authorization/permissions/read');
  const held = listHeldRoles(call, call.caller.objectId).filter(({ assignment }) =>
    isScopeWithin(scope.path, assignment.scope),
  );
  return { status: 200, body: { value: held.flatMap(({ definition }) => definition.permissions) } };
}

function listProviders(call: ArmCall, subscriptionId: string): EmulatorReply {
  const prefix = subscriptionId === '' ? '' : `/subscriptions/${subscriptionId}`;
  if (subscriptionId !== '') getSubscription(call, subscriptionId);
  const names = ['Microsoft.Authorization', 'Microsoft.KeyVault', 'Microsoft.Resources', 'Microsoft.Storage'];
  const value = names.map((namespace) => ({
    id: `${prefix}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationFree',
    resourceTypes: [],
  }));
  return { status: 200, body: { value } };
}

function listTenants({ emulation: { tenant } }: ArmCall): EmulatorReply {
  const { id, displayName, domain } = tenant;
  const value = [{ id: `/tenants/${id}`, tenantId: id, displayName, defaultDomain: domain, domains: [domain] }];
  return { status: 200, body: { value } };
}

/** The cloud's endpoints, as asked for by clients that learn them from ARM. No login needed. */
function describeEndpoints(request: EmulatorRequest): object {
  const hosts = CLOUDS[request.host.cloud];
  const names = { public: 'AzureCloud', usGovernment: 'AzureUSGovernment', china: 'AzureChinaCloud' };
  const cloud = {
    name: names[request.host.cloud],
    resourceManager: `https://${hosts.arm[0] ?? ''}`,
    authentication: {
      loginEndpoint: `https://${hosts.login[0] ?? ''}`,
      audiences: [...hosts.armAudiences, ...hosts.arm].map((name) => `https://${name}/`),
      tenant: 'common',
      identityProvider: 'AAD',
    },
    microsoftGraphResourceId: `https://${hosts.graph[0] ?? ''}/`,
    suffixes: { keyVaultDns: hosts.keyVaultSuffixes[0] ?? '', mhsmDns: hosts.managedHsmSuffixes[0] ?? '' },
  };
  // The newest form answers with one cloud, the older one with a list.
  return (request.query.get('api-version') ?? '') >= '2022-09-01' ? cloud : { value: [cloud] };
}
