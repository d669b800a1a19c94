/** `/servicePrincipals`: create, upsert, read, list, change, delete. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { ServicePrincipal } from '../state/service-principals.ts';
import { checkQuotas, checkTags, readBoundOwners } from './applications.ts';
import {
  prefersCreation,
  readFlag,
  readKey,
  readText,
  readTextList,
  requireOwnership,
  type GraphCall,
  type GraphRoute,
  type PathKey,
} from './call.ts';
import { badRequest, notInLocalTenant, resourceNotFound, servicePrincipalNameInUse } from './errors.ts';
import { answerList, answerObject } from './listing.ts';
import { APPLICATION_OWNED, APPLICATION_READ, APPLICATION_WRITE } from './rights.ts';
import { SERVICE_PRINCIPAL_KIND } from './service-principal-kind.ts';

export const SERVICE_PRINCIPAL_ROUTES: readonly GraphRoute[] = [
  { method: 'GET', path: '/servicePrincipals', rights: APPLICATION_READ, answer: list },
  {
    method: 'POST',
    path: '/servicePrincipals',
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: (call) => create(call, readText(call.body, 'appId')),
  },
  {
    method: 'GET',
    path: '/servicePrincipals/{}',
    rights: APPLICATION_READ,
    answer: (call) => answerObject(call, SERVICE_PRINCIPAL_KIND, requireServicePrincipal(call, readKey(call, 0))),
  },
  {
    method: 'PATCH',
    path: '/servicePrincipals/{}',
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: patch,
  },
  {
    method: 'DELETE',
    path: '/servicePrincipals/{}',
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: remove,
  },
];

function list(call: GraphCall): EmulatorReply {
  const { servicePrincipals } = call.emulation.tenant;
  const { view } = call.request;
  return answerList(call, {
    kind: SERVICE_PRINCIPAL_KIND,
    list: () => servicePrincipals.list(view),
    find: (name, value) =>
      name === 'id' || name === 'appId' ? [servicePrincipals.find({ name, value }, view) ?? []].flat() : undefined,
  });
}

/** The principal as this call's replica sees it. @throws GraphError 404 */
export function requireServicePrincipal(call: GraphCall, key: PathKey): ServicePrincipal {
  const found = findServicePrincipal(call, key);
  if (found === undefined) throw resourceNotFound(key.value);
  return found;
}

function findServicePrincipal(call: GraphCall, { name, value }: PathKey): ServicePrincipal | undefined {
  if (name !== 'id' && name !== 'appId') throw badRequest(`Unknown key '${name}'.`);
  return call.emulation.tenant.servicePrincipals.find({ name, value }, call.request.view);
}

/** The primary's version, when the replica has it too and the caller may change it. @throws GraphError 404, 403 */
export function requireServicePrincipalForWrite(call: GraphCall, key: PathKey): ServicePrincipal {
  const seen = requireServicePrincipal(call, key);
  const current = call.emulation.tenant.servicePrincipals.get(seen.id);
  if (current === undefined) throw resourceNotFound(key.value);
  requireOwnership(call, current.id);
  return current;
}

function create(call: GraphCall, appId: string | undefined): EmulatorReply {
  const { tenant, random, settings, freshAnswers } = call.emulation;
  if (appId === undefined) throw badRequest("A value is required for property 'appId' of resource 'ServicePrincipal'.");
  if (tenant.servicePrincipals.find({ name: 'appId', value: appId }) !== undefined) {
    throw servicePrincipalNameInUse(appId);
  }
  const application = tenant.applications.find({ name: 'appId', value: appId }, call.request.view);
  if (application === undefined) throw freshAnswers.next(settings.freshApplicationAnswers, appId);
  if (call.isOwnedOnly && !tenant.owners.isOwner(application.id, call.caller.objectId)) throw notInLocalTenant();
  checkQuotas(call);
  const principal: ServicePrincipal = {
    id: random.uuid(),
    appId: application.appId,
    displayName: application.displayName,
    isEnabled: true,
    tags: [],
    notes: null,
    createdAt: new Date(call.request.nowMs),
    passwords: [],
    appRoles: [],
    createdBy: call.caller.objectId,
    ...readChanges(call),
  };
  const owners = readBoundOwners(call);
  tenant.addServicePrincipal(principal);
  for (const ownerId of owners) tenant.owners.add(principal.id, ownerId);
  return answerObject(call, SERVICE_PRINCIPAL_KIND, principal, { status: 201 });
}

function patch(call: GraphCall): EmulatorReply {
  const key = readKey(call, 0);
  if (key.name === 'appId' && prefersCreation(call) && findServicePrincipal(call, key) === undefined) {
    // The primary knows principals that this replica does not.
    const isThere = call.emulation.tenant.servicePrincipals.find({ name: 'appId', value: key.value }) !== undefined;
    return isThere ? { status: 204 } : create(call, key.value);
  }
  const principal = requireServicePrincipalForWrite(call, key);
  call.emulation.tenant.servicePrincipals.put({ ...principal, ...readChanges(call) });
  return { status: 204 };
}

function remove(call: GraphCall): EmulatorReply {
  call.emulation.tenant.deleteServicePrincipal(requireServicePrincipalForWrite(call, readKey(call, 0)));
  return { status: 204 };
}

function readChanges({ body }: GraphCall): Partial<ServicePrincipal> {
  const isEnabled = readFlag(body, 'accountEnabled');
  const tags = readTextList(body, 'tags');
  if (tags !== undefined) checkTags(tags);
  if (body['passwordCredentials'] !== undefined) {
    throw badRequest('New password credentials must be generated with service actions.');
  }
  return {
    ...(isEnabled !== undefined && { isEnabled }),
    ...(tags !== undefined && { tags }),
    ...(body['notes'] !== undefined && { notes: readText(body, 'notes') ?? null }),
  };
}
