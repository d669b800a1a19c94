/** `/groups`: read, list, create, delete; members. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { DirectoryObject } from '../state/directory-object.ts';
import type { Group } from '../state/groups.ts';
import { checkQuotas } from './applications.ts';
import {
  holdsRight,
  parseReference,
  readFlag,
  readKey,
  readReference,
  readText,
  readTextList,
  type GraphCall,
  type GraphRoute,
} from './call.ts';
import { requireDirectoryObject, findDirectoryObject } from './directory-objects.ts';
import { badRequest, GraphError, insufficientPrivileges, referencesAlreadyExist, resourceNotFound } from './errors.ts';
import { GROUP_KIND } from './group-kind.ts';
import { answerList, answerObject } from './listing.ts';
import { answerMixedList } from './mixed-listing.ts';
import {
  APPLICATION_WRITE,
  GROUP_MEMBER_WRITE,
  GROUP_READ,
  GROUP_WRITE,
  ROLE_ASSIGNABLE_GROUP_WRITE,
} from './rights.ts';

export const GROUP_ROUTES: readonly GraphRoute[] = [
  { method: 'GET', path: '/groups', rights: GROUP_READ, answer: list },
  { method: 'POST', path: '/groups', rights: GROUP_WRITE, answer: create },
  {
    method: 'GET',
    path: '/groups/{}',
    rights: GROUP_READ,
    answer: (call) => answerObject(call, GROUP_KIND, requireGroup(call)),
  },
  { method: 'PATCH', path: '/groups/{}', rights: [...GROUP_MEMBER_WRITE], answer: patch },
  { method: 'DELETE', path: '/groups/{}', rights: GROUP_WRITE, answer: remove },
  { method: 'GET', path: '/groups/{}/members', rights: GROUP_READ, answer: listMembers },
  {
    method: 'GET',
    path: '/groups/{}/members/microsoft.graph.servicePrincipal',
    rights: GROUP_READ,
    answer: listMembers,
  },
  {
    method: 'POST',
    path: '/groups/{}/members/$ref',
    rights: GROUP_MEMBER_WRITE,
    answer: addMember,
  },
  { method: 'DELETE', path: '/groups/{}/members/{}/$ref', rights: GROUP_MEMBER_WRITE, answer: removeMember },
];

/** Members that one PATCH may add. */
const LARGEST_BIND = 20;

function list(call: GraphCall): EmulatorReply {
  return answerList(call, { kind: GROUP_KIND, list: () => call.emulation.tenant.groups.list(call.request.view) });
}

/** The group as this call's replica sees it. @throws GraphError 404 */
function requireGroup(call: GraphCall): Group {
  const { value } = readKey(call, 0);
  const group = call.emulation.tenant.groups.get(value, call.request.view);
  if (group === undefined) throw resourceNotFound(value);
  return group;
}

/** The primary's version. @throws GraphError 404 */
function requireGroupForWrite(call: GraphCall): Group {
  const current = call.emulation.tenant.groups.get(requireGroup(call).id);
  if (current === undefined) throw resourceNotFound(readKey(call, 0).value);
  return current;
}

function create(call: GraphCall): EmulatorReply {
  const { emulation, body, request } = call;
  const displayName = readText(body, 'displayName');
  const isMailEnabled = readFlag(body, 'mailEnabled');
  const isSecurityEnabled = readFlag(body, 'securityEnabled');
  for (const name of ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled']) {
    if (body[name] === undefined) throw badRequest(`A value is required for property '${name}' of resource 'Group'.`);
  }
  checkQuotas(call);
  const group: Group = {
    id: emulation.random.uuid(),
    displayName: displayName ?? '',
    description: readText(body, 'description') ?? null,
    isMailEnabled: isMailEnabled ?? false,
    isSecurityEnabled: isSecurityEnabled ?? true,
    groupTypes: readTextList(body, 'groupTypes') ?? [],
    isAssignableToRole: readFlag(body, 'isAssignableToRole') ?? false,
    createdAt: new Date(request.nowMs),
    members: [],
  };
  emulation.tenant.addGroup(group);
  return answerObject(call, GROUP_KIND, group, { status: 201 });
}

function patch(call: GraphCall): EmulatorReply {
  const group = requireGroupForWrite(call);
  const bound = readTextList(call.body, 'members@odata.bind') ?? [];
  if (bound.length > LARGEST_BIND) throw badRequest(`At most ${LARGEST_BIND} members can be added in one request.`);
  const displayName = readText(call.body, 'displayName');
  if (displayName !== undefined) {
    if (!holdsRight(call, GROUP_WRITE)) throw insufficientPrivileges();
    call.emulation.tenant.groups.put({ ...group, displayName });
  }
  addMembers(call, bound.map(parseReference));
  return { status: 204 };
}

function remove(call: GraphCall): EmulatorReply {
  call.emulation.tenant.deleteGroup(requireGroupForWrite(call));
  return { status: 204 };
}

function listMembers(call: GraphCall): EmulatorReply {
  const members = requireGroup(call).members.flatMap((id) => findDirectoryObject(call, id) ?? []);
  const wantsPrincipals = call.request.path.toLowerCase().endsWith('serviceprincipal');
  return answerMixedList(
    call,
    members.filter(({ kind }) => !wantsPrincipals || kind === 'servicePrincipal'),
  );
}

function addMember(call: GraphCall): EmulatorReply {
  addMembers(call, [readReference(call.body)]);
  return { status: 204 };
}

/** All or none. @throws GraphError */
function addMembers(call: GraphCall, ids: readonly string[]): void {
  const group = requireGroupForWrite(call);
  checkMembershipRights(call, group);
  const members = ids.map((id) => requireDirectoryObject(call, id));
  // Documented for service principals as members: rights on the group alone do not do.
  if (members.some(isPrincipal) && !holdsRight(call, APPLICATION_WRITE)) throw insufficientPrivileges();
  if (members.some(({ object }) => group.members.includes(object.id))) throw referencesAlreadyExist('members');
  call.emulation.tenant.groups.put({
    ...group,
    members: [...group.members, ...members.map(({ object }) => object.id)],
  });
}

function isPrincipal({ kind }: DirectoryObject): boolean {
  return kind === 'servicePrincipal';
}

function removeMember(call: GraphCall): EmulatorReply {
  const group = requireGroupForWrite(call);
  checkMembershipRights(call, group);
  const memberId = readKey(call, 1).value.toLowerCase();
  if (!group.members.includes(memberId)) throw resourceNotFound(memberId);
  call.emulation.tenant.groups.put({ ...group, members: group.members.filter((id) => id !== memberId) });
  return { status: 204 };
}

function checkMembershipRights(call: GraphCall, group: Group): void {
  if (group.isAssignableToRole && !holdsRight(call, ROLE_ASSIGNABLE_GROUP_WRITE)) throw insufficientPrivileges();
  if (group.groupTypes.includes('DynamicMembership')) {
    throw badRequest('Insufficient privileges to manage the members of a group with dynamic membership.');
  }
  if (group.isMailEnabled && !group.groupTypes.includes('Unified')) {
    const message = 'Cannot Update a mail-enabled security groups and or distribution list.';
    throw new GraphError(400, 'Request_BadRequest', message);
  }
}
