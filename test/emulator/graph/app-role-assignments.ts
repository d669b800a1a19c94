/** App role assignments, seen from the principal that holds them and from the resource that offers them. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { AppRoleAssignment } from '../state/app-role-assignments.ts';
import type { Tenant } from '../state/tenant.ts';
import { readKey, readText, type GraphCall, type GraphRoute } from './call.ts';
import { badRequest, objectTooLarge, resourceNotFound } from './errors.ts';
import { answerList, answerObject } from './listing.ts';
import type { ResourceKind } from './properties.ts';
import { APP_ROLE_ASSIGNMENT_WRITE, APPLICATION_READ } from './rights.ts';
import { requireServicePrincipal } from './service-principals.ts';

/** `Default access`: allowed on a resource that offers no role. */
const DEFAULT_ROLE = '00000000-0000-0000-0000-000000000000';

export const APP_ROLE_ASSIGNMENT_ROUTES: readonly GraphRoute[] = (['appRoleAssignments', 'appRoleAssignedTo'] as const)
  .map((name) => ({ name, path: `/servicePrincipals/{}/${name}` }))
  .flatMap(({ name, path }): readonly GraphRoute[] => [
    { method: 'GET', path, rights: APPLICATION_READ, answer: (call) => list(call, name) },
    { method: 'POST', path, rights: APP_ROLE_ASSIGNMENT_WRITE, answer: create },
    {
      method: 'GET',
      path: `${path}/{}`,
      rights: APPLICATION_READ,
      answer: (call) => answerObject(call, createKind(call.emulation.tenant), requireAssignment(call)),
    },
    { method: 'DELETE', path: `${path}/{}`, rights: APP_ROLE_ASSIGNMENT_WRITE, answer: remove },
  ]);

function createKind(tenant: Tenant): ResourceKind<AppRoleAssignment> {
  const nameOf = (id: string): string | null => tenant.servicePrincipals.get(id)?.displayName ?? null;
  return {
    name: 'AppRoleAssignment',
    collection: 'appRoleAssignments',
    odataType: '#microsoft.graph.appRoleAssignment',
    properties: {
      id: (assignment) => assignment.id,
      deletedDateTime: () => null,
      appRoleId: (assignment) => assignment.appRoleId,
      createdDateTime: (assignment) => assignment.createdAt.toISOString(),
      principalDisplayName: (assignment) => nameOf(assignment.principalId),
      principalId: (assignment) => assignment.principalId,
      principalType: () => 'ServicePrincipal',
      resourceDisplayName: (assignment) => nameOf(assignment.resourceId),
      resourceId: (assignment) => assignment.resourceId,
    },
    filterable: ['resourceId', 'appRoleId', 'principalId', 'resourceDisplayName'],
  };
}

function list(call: GraphCall, side: 'appRoleAssignments' | 'appRoleAssignedTo'): EmulatorReply {
  const { tenant } = call.emulation;
  const { id } = requireServicePrincipal(call, readKey(call, 0));
  const { view } = call.request;
  return answerList(call, {
    kind: createKind(tenant),
    list: () =>
      side === 'appRoleAssignments'
        ? tenant.appRoleAssignments.listByPrincipal(id, view)
        : tenant.appRoleAssignments.listByResource(id, view),
  });
}

function create(call: GraphCall): EmulatorReply {
  const { emulation, body, request } = call;
  const { tenant, random, settings } = emulation;
  requireServicePrincipal(call, readKey(call, 0));
  const [principalId = '', resourceId = '', appRoleId = ''] = ['principalId', 'resourceId', 'appRoleId'].map((name) =>
    readText(body, name)?.toLowerCase(),
  );
  const principal = requireServicePrincipal(call, { name: 'id', value: principalId });
  const resource = requireServicePrincipal(call, { name: 'id', value: resourceId });
  if (appRoleId !== DEFAULT_ROLE && !resource.appRoles.some((role) => role.id === appRoleId)) {
    throw badRequest('Permission being assigned was not found on application');
  }
  const held = tenant.appRoleAssignments.listByPrincipal(principal.id);
  if (held.some((other) => other.resourceId === resource.id && other.appRoleId === appRoleId)) {
    throw badRequest('Permission being assigned already exists on the object');
  }
  if (held.length >= settings.quotas.appRoleAssignmentsPerPrincipal) throw objectTooLarge();
  const assignment: AppRoleAssignment = {
    id: random.opaqueId(),
    principalId: principal.id,
    resourceId: resource.id,
    appRoleId,
    createdAt: new Date(request.nowMs),
  };
  tenant.appRoleAssignments.add(assignment);
  return answerObject(call, createKind(tenant), assignment, { status: 201 });
}

function remove(call: GraphCall): EmulatorReply {
  call.emulation.tenant.appRoleAssignments.remove(requireAssignment(call).id);
  return { status: 204 };
}

/** @throws GraphError 404 when there is none of this id at this principal. */
function requireAssignment(call: GraphCall): AppRoleAssignment {
  const { tenant } = call.emulation;
  const principal = requireServicePrincipal(call, readKey(call, 0));
  const { value } = readKey(call, 1);
  const assignment = tenant.appRoleAssignments.get(value, call.request.view);
  const isOfPrincipal = assignment?.principalId === principal.id || assignment?.resourceId === principal.id;
  if (assignment === undefined || !isOfPrincipal || tenant.appRoleAssignments.get(value) === undefined) {
    throw resourceNotFound(value);
  }
  return assignment;
}
