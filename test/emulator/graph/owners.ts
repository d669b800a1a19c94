/** `owners` of applications and service principals. */
import type { EmulatorReply } from '../server/exchange.ts';
import { requireApplication, requireApplicationForWrite } from './applications.ts';
import { readKey, readReference, type GraphCall, type GraphRoute } from './call.ts';
import { findDirectoryObject, requireDirectoryObject } from './directory-objects.ts';
import { badRequest, GraphError, referencesAlreadyExist, resourceNotFound } from './errors.ts';
import { answerMixedList } from './mixed-listing.ts';
import { APPLICATION_OWNED, APPLICATION_READ, APPLICATION_WRITE } from './rights.ts';
import { requireServicePrincipal, requireServicePrincipalForWrite } from './service-principals.ts';

/** How the owned object is found, for reading and for writing. */
interface Owned {
  readonly path: string;
  readonly read: (call: GraphCall) => { readonly id: string };
  readonly write: (call: GraphCall) => { readonly id: string };
}

const OWNED: readonly Owned[] = [
  {
    path: '/applications/{}',
    read: (call) => requireApplication(call, readKey(call, 0)),
    write: (call) => requireApplicationForWrite(call, readKey(call, 0)),
  },
  {
    path: '/servicePrincipals/{}',
    read: (call) => requireServicePrincipal(call, readKey(call, 0)),
    write: (call) => requireServicePrincipalForWrite(call, readKey(call, 0)),
  },
];

export const OWNER_ROUTES: readonly GraphRoute[] = OWNED.flatMap(({ path, read, write }): readonly GraphRoute[] => [
  {
    method: 'GET',
    path: `${path}/owners`,
    rights: APPLICATION_READ,
    answer: (call) => list(call, read(call).id),
  },
  {
    method: 'POST',
    path: `${path}/owners/$ref`,
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: (call) => add(call, write(call).id),
  },
  {
    method: 'DELETE',
    path: `${path}/owners/{}/$ref`,
    rights: APPLICATION_WRITE,
    ownedRights: APPLICATION_OWNED,
    answer: (call) => remove(call, write(call).id),
  },
]);

function list(call: GraphCall, objectId: string): EmulatorReply {
  const ids = call.emulation.tenant.owners.list(objectId, call.request.view);
  return answerMixedList(
    call,
    ids.flatMap((id) => findDirectoryObject(call, id) ?? []),
  );
}

function add(call: GraphCall, objectId: string): EmulatorReply {
  const { tenant, settings } = call.emulation;
  const owner = requireDirectoryObject(call, readReference(call.body));
  if (owner.kind !== 'servicePrincipal') throw badRequest('Only users and service principals can be owners.');
  if (tenant.owners.isOwner(objectId, owner.object.id)) throw referencesAlreadyExist('owners');
  if (tenant.owners.list(objectId).length >= settings.quotas.ownersPerApplication) {
    throw new GraphError(400, 'Directory_QuotaExceeded', 'The maximum number of owners has been reached.');
  }
  tenant.owners.add(objectId, owner.object.id);
  return { status: 204 };
}

function remove(call: GraphCall, objectId: string): EmulatorReply {
  const { owners } = call.emulation.tenant;
  const ownerId = readKey(call, 1).value.toLowerCase();
  if (!owners.isOwner(objectId, ownerId)) throw resourceNotFound(ownerId);
  owners.remove(objectId, ownerId);
  return { status: 204 };
}
