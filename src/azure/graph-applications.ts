/** Applications and their passwords in Microsoft Graph. */
import { AzureError } from '../errors.ts';
import { isJsonArray, isJsonObject } from '../util/json.ts';
import { unreadableAnswer } from './errors.ts';
import { callGraph, listGraph, readGraph, type GraphDependencies } from './graph-call.ts';
import { APPLICATION_PROPERTIES, readApplication, readNewPassword, writePassword } from './graph-objects.ts';
import { filterContains, filterEquals, pathSegment } from './odata.ts';
import type { DirectoryProvider } from './provider.ts';
import { isGone } from './retry-policy.ts';

type ApplicationMethods = Pick<
  DirectoryProvider,
  | 'createApplication'
  | 'getApplication'
  | 'findApplicationsByAppId'
  | 'findApplicationsByTag'
  | 'deleteApplication'
  | 'addPassword'
  | 'removePassword'
  | 'isInRecycleBin'
  | 'purgeDeletedItem'
  | 'findDeletedApplicationsByTag'
>;

/** The largest page Graph gives. */
const PAGE_SIZE = 999;

// What a search finds may get deleted. Each result is therefore looked at again here: a filter that a service did not
// heed must not widen the search.

export function createApplicationMethods(graph: GraphDependencies): ApplicationMethods {
  return {
    createApplication: async (spec, call) => {
      const body = {
        displayName: spec.displayName,
        // Always sent: the default of old tenants allows personal accounts, which caps passwords at two.
        signInAudience: spec.signInAudience,
        tags: spec.tags,
        ...(spec.notes === undefined ? {} : { notes: spec.notes }),
        ...(spec.password === undefined ? {} : { passwordCredentials: [writePassword(spec.password)] }),
      };
      const request = { method: 'POST', path: '/applications', route: '/applications', body } as const;
      const answer = await readGraph(graph, request, call);
      const passwords = answer['passwordCredentials'];
      const [first] = isJsonArray(passwords) ? passwords : [];
      return {
        application: readApplication(answer, call.step),
        password: isJsonObject(first) ? readNewPassword(first, call.step) : undefined,
      };
    },

    getApplication: async (applicationObjectId, call) => {
      const path = `/applications/${pathSegment(applicationObjectId)}?$select=${APPLICATION_PROPERTIES}`;
      return readApplication(
        await readGraph(graph, { method: 'GET', path, route: '/applications/{id}' }, call),
        call.step,
      );
    },

    findApplicationsByAppId: async (appId, call) => {
      const path = `/applications?$filter=${filterEquals('appId', appId)}&$select=${APPLICATION_PROPERTIES}`;
      const found = await listGraph(graph, { method: 'GET', path, route: '/applications?$filter=appId' }, call);
      const applications = found.map((object) => readApplication(object, call.step));
      return applications.filter((application) => application.appId.toLowerCase() === appId.toLowerCase());
    },

    findApplicationsByTag: async (tag, call) => {
      const filter = filterContains('tags', tag);
      const path = `/applications?$filter=${filter}&$select=${APPLICATION_PROPERTIES}&$top=${PAGE_SIZE}`;
      const found = await listGraph(graph, { method: 'GET', path, route: '/applications?$filter=tags' }, call);
      const applications = found.map((object) => readApplication(object, call.step));
      return applications.filter((application) => application.tags.includes(tag));
    },

    deleteApplication: async (applicationObjectId, call) => {
      const path = `/applications/${pathSegment(applicationObjectId)}`;
      await callGraph(graph, { method: 'DELETE', path, route: '/applications/{id}' }, call);
    },

    addPassword: async (applicationObjectId, spec, call) => {
      const path = `/applications/${pathSegment(applicationObjectId)}/addPassword`;
      const body = { passwordCredential: writePassword(spec) };
      const request = { method: 'POST', path, route: '/applications/{id}/addPassword', body } as const;
      const password = readNewPassword(await readGraph(graph, request, call), call.step);
      if (password === undefined) {
        throw unreadableAnswer({ service: 'graph', step: call.step }, 'secretText is missing');
      }
      return password;
    },

    removePassword: async (applicationObjectId, keyId, call) => {
      const path = `/applications/${pathSegment(applicationObjectId)}/removePassword`;
      const route = '/applications/{id}/removePassword';
      await callGraph(graph, { method: 'POST', path, route, body: { keyId } }, call);
    },

    isInRecycleBin: async (objectId, call) => {
      const path = `/directory/deletedItems/${pathSegment(objectId)}?$select=id`;
      try {
        await readGraph(graph, { method: 'GET', path, route: '/directory/deletedItems/{id}' }, call);
        return true;
      } catch (error) {
        if (error instanceof AzureError && isGone(error)) return false;
        throw error;
      }
    },

    purgeDeletedItem: async (objectId, call) => {
      const path = `/directory/deletedItems/${pathSegment(objectId)}`;
      await callGraph(graph, { method: 'DELETE', path, route: '/directory/deletedItems/{id}' }, call);
    },

    findDeletedApplicationsByTag: async (tag, call) => {
      const collection = '/directory/deletedItems/microsoft.graph.application';
      const query = `$select=${APPLICATION_PROPERTIES}&$top=${PAGE_SIZE}`;
      // The recycle bin is searched in Graph's index only.
      const search = {
        method: 'GET',
        path: `${collection}?$filter=${filterContains('tags', tag)}&${query}&$count=true`,
        route: `${collection}?$filter=tags`,
        headers: { ConsistencyLevel: 'eventual' },
      } as const;
      const listing = { method: 'GET', path: `${collection}?${query}`, route: collection } as const;
      const found = await listGraph(graph, search, call).catch((thrown: unknown) => {
        if (!isUnsupportedQuery(thrown)) throw thrown;
        return listGraph(graph, listing, call);
      });
      const applications = found.map((object) => readApplication(object, call.step));
      return applications.filter((application) => application.tags.includes(tag));
    },
  };
}

/** Which properties of deleted objects can be searched for differs between clouds. */
function isUnsupportedQuery(thrown: unknown): boolean {
  return thrown instanceof AzureError && thrown.status === 400 && thrown.azureCode === 'Request_UnsupportedQuery';
}
