/** Objects of any kind, found by object id alone. */
import type { DirectoryObject } from '../state/directory-object.ts';
import { APPLICATION_KIND } from './application-kind.ts';
import type { GraphCall } from './call.ts';
import { resourceNotFound } from './errors.ts';
import { GROUP_KIND } from './group-kind.ts';
import { encodeObject } from './properties.ts';
import { SERVICE_PRINCIPAL_KIND } from './service-principal-kind.ts';

/** The object as the call's replica sees it. */
export function findDirectoryObject(call: GraphCall, id: string): DirectoryObject | undefined {
  const { tenant } = call.emulation;
  const { view } = call.request;
  const principal = tenant.servicePrincipals.get(id, view);
  if (principal !== undefined) return { kind: 'servicePrincipal', object: principal };
  const group = tenant.groups.get(id, view);
  if (group !== undefined) return { kind: 'group', object: group };
  const application = tenant.applications.get(id, view);
  return application === undefined ? undefined : { kind: 'application', object: application };
}

/** @throws GraphError 404 */
export function requireDirectoryObject(call: GraphCall, id: string): DirectoryObject {
  const found = findDirectoryObject(call, id);
  if (found === undefined) throw resourceNotFound(id);
  return found;
}

/** With `@odata.type`, as Graph shows an object whose kind the path does not tell. */
export function encodeDirectoryObject(item: DirectoryObject, select: readonly string[]): Record<string, unknown> {
  switch (item.kind) {
    case 'application':
      return {
        '@odata.type': APPLICATION_KIND.odataType,
        ...encodeObject(APPLICATION_KIND.properties, item.object, select),
      };
    case 'servicePrincipal':
      return {
        '@odata.type': SERVICE_PRINCIPAL_KIND.odataType,
        ...encodeObject(SERVICE_PRINCIPAL_KIND.properties, item.object, select),
      };
    case 'group':
      return { '@odata.type': GROUP_KIND.odataType, ...encodeObject(GROUP_KIND.properties, item.object, select) };
  }
}
