/** Groups and their members in Microsoft Graph. */
import { AzureError } from '../errors.ts';
import { callGraph, listGraph, readGraph, type GraphDependencies } from './graph-call.ts';
import { readGroup } from './graph-objects.ts';
import { filterEquals, pathSegment } from './odata.ts';
import type { DirectoryProvider } from './provider.ts';
import { isAlreadyMember } from './retry-policy.ts';

type GroupMethods = Pick<DirectoryProvider, 'getGroup' | 'findGroupsByName' | 'addGroupMember' | 'removeGroupMember'>;

const GROUP_PROPERTIES = 'id,displayName';

export function createGroupMethods(graph: GraphDependencies): GroupMethods {
  return {
    getGroup: async (groupId, call) => {
      const path = `/groups/${pathSegment(groupId)}?$select=${GROUP_PROPERTIES}`;
      return readGroup(await readGraph(graph, { method: 'GET', path, route: '/groups/{id}' }, call), call.step);
    },

    findGroupsByName: async (displayName, call) => {
      const path = `/groups?$filter=${filterEquals('displayName', displayName)}&$select=${GROUP_PROPERTIES}`;
      const found = await listGraph(graph, { method: 'GET', path, route: '/groups?$filter=displayName' }, call);
      return found.map((object) => readGroup(object, call.step));
    },

    addGroupMember: async (groupId, memberId, call) => {
      const path = `/groups/${pathSegment(groupId)}/members/$ref`;
      const body = { '@odata.id': `${graph.cloud.graphEndpoint}/v1.0/directoryObjects/${pathSegment(memberId)}` };
      try {
        await callGraph(graph, { method: 'POST', path, route: '/groups/{id}/members/$ref', body }, call);
      } catch (thrown) {
        if (!(thrown instanceof AzureError && isAlreadyMember(thrown))) throw thrown;
      }
    },

    removeGroupMember: async (groupId, memberId, call) => {
      // Without /$ref this would delete the member itself.
      const path = `/groups/${pathSegment(groupId)}/members/${pathSegment(memberId)}/$ref`;
      await callGraph(graph, { method: 'DELETE', path, route: '/groups/{id}/members/{id}/$ref' }, call);
    },
  };
}
