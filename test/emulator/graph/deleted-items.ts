/** The recycle bin: list, read, restore, purge. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { DeletedItem } from '../state/recycle-bin.ts';
import { APPLICATION_KIND } from './application-kind.ts';
import { holdsRight, readKey, type GraphCall, type GraphRoute } from './call.ts';
import { encodeDirectoryObject } from './directory-objects.ts';
import { insufficientPrivileges, resourceNotFound, servicePrincipalNameInUse } from './errors.ts';
import { GROUP_KIND } from './group-kind.ts';
import { answerList, baseUrl, readSelect } from './listing.ts';
import type { ResourceKind } from './properties.ts';
import { APPLICATION_OWNED, APPLICATION_READ, APPLICATION_WRITE, GROUP_READ, GROUP_WRITE } from './rights.ts';
import { SERVICE_PRINCIPAL_KIND } from './service-principal-kind.ts';

const PATH = '/directory/deletedItems';

export const DELETED_ITEM_ROUTES: readonly GraphRoute[] = [
  ...['microsoft.graph.', 'graph.'].flatMap((prefix): readonly GraphRoute[] => [
    { method: 'GET', path: `${PATH}/${prefix}application`, rights: APPLICATION_READ, answer: listApplications },
    { method: 'GET', path: `${PATH}/${prefix}servicePrincipal`, rights: APPLICATION_READ, answer: listPrincipals },
    { method: 'GET', path: `${PATH}/${prefix}group`, rights: GROUP_READ, answer: listGroups },
  ]),
  {
    method: 'GET',
    path: `${PATH}/{}`,
    rights: [...APPLICATION_READ, ...GROUP_READ],
    answer: (call) => encode(call, requireItem(call)),
  },
  {
    method: 'DELETE',
    path: `${PATH}/{}`,
    rights: [...APPLICATION_WRITE, ...APPLICATION_OWNED, ...GROUP_WRITE],
    answer: purge,
  },
  {
    method: 'POST',
    path: `${PATH}/{}/restore`,
    rights: [...APPLICATION_WRITE, ...APPLICATION_OWNED, ...GROUP_WRITE],
    answer: restore,
  },
];

/** The kind's table with the time of deletion in it. */
function asDeleted<T extends { readonly id: string }>(kind: ResourceKind<T>, call: GraphCall): ResourceKind<T> {
  const { recycleBin } = call.emulation.tenant;
  const deletedAt = (object: T): string | null =>
    recycleBin.get(object.id, call.request.nowMs)?.deletedAt.toISOString() ?? null;
  return {
    ...kind,
    collection: 'directoryObjects',
    properties: { ...kind.properties, deletedDateTime: deletedAt },
    filterable: [...kind.filterable, 'deletedDateTime'],
    isSearchedByIndex: true,
  };
}

function listItems(call: GraphCall): readonly DeletedItem[] {
  return call.emulation.tenant.recycleBin.list(call.request.nowMs);
}

function listApplications(call: GraphCall): EmulatorReply {
  const objects = listItems(call).flatMap((item) => (item.kind === 'application' ? item.object : []));
  return answerList(call, { kind: asDeleted(APPLICATION_KIND, call), list: () => objects });
}

function listPrincipals(call: GraphCall): EmulatorReply {
  const objects = listItems(call).flatMap((item) => (item.kind === 'servicePrincipal' ? item.object : []));
  return answerList(call, { kind: asDeleted(SERVICE_PRINCIPAL_KIND, call), list: () => objects });
}

function listGroups(call: GraphCall): EmulatorReply {
  const objects = listItems(call).flatMap((item) => (item.kind === 'group' ? item.object : []));
  return answerList(call, { kind: asDeleted(GROUP_KIND, call), list: () => objects });
}

/** @throws GraphError 404, also for what was deleted but has not reached the bin. */
function requireItem(call: GraphCall): DeletedItem {
  const { value } = readKey(call, 0);
  const item = call.emulation.tenant.recycleBin.get(value, call.request.nowMs);
  if (item === undefined) throw resourceNotFound(value);
  return item;
}

/** @throws GraphError 404, 403 */
function requireItemForWrite(call: GraphCall): DeletedItem {
  const item = requireItem(call);
  const { owners } = call.emulation.tenant;
  const isOwner = holdsRight(call, APPLICATION_OWNED) && owners.isOwner(item.object.id, call.caller.objectId);
  const isAllowed =
    item.kind === 'group' ? holdsRight(call, GROUP_WRITE) : isOwner || holdsRight(call, APPLICATION_WRITE);
  if (!isAllowed) throw insufficientPrivileges();
  return item;
}

function purge(call: GraphCall): EmulatorReply {
  call.emulation.tenant.purge(requireItemForWrite(call));
  return { status: 204 };
}

function restore(call: GraphCall): EmulatorReply {
  const { tenant } = call.emulation;
  const item = requireItemForWrite(call);
  if (item.kind === 'servicePrincipal') {
    const { appId } = item.object;
    const successor = tenant.servicePrincipals.find({ name: 'appId', value: appId });
    if (successor !== undefined) throw servicePrincipalNameInUse(appId);
  }
  tenant.restore(item);
  return encode(call, item);
}

function encode(call: GraphCall, item: DeletedItem): EmulatorReply {
  return {
    status: 200,
    body: {
      '@odata.context': `${baseUrl(call)}/$metadata#directoryObjects/$entity`,
      ...encodeDirectoryObject(item, readSelect(call)),
      deletedDateTime: item.deletedAt.toISOString(),
    },
  };
}
