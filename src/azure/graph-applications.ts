/** Applications and their passwords in Microsoft Graph. */
import { isJsonArray, isJsonObject } from '../util/json.ts';
import { unreadableAnswer } from './errors.ts';
import { callGraph, listGraph, readGraph, type GraphDependencies } from './graph-call.ts';
import { APPLICATION_PROPERTIES, readApplication, readNewPassword, writePassword } from './graph-objects.ts';
import { filterContains, filterEquals, pathSegment } from './odata.ts';
import type { DirectoryProvider } from './provider.ts';

type ApplicationMethods = Pick<
  DirectoryProvider,
  | 'createApplication'
  | 'getApplication'
  | 'findApplicationsByAppId'
  | 'findApplicationsByTag'
  | 'deleteApplication'
  | 'addPassword'
  | 'removePassword'
  | 'purgeDeletedItem'
  | 'findDeletedApplicationsByTag'
>;

/** The largest page Graph gives. */
const PAGE_SIZE = 999;

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
      return found.map((object) => readApplication(object, call.step));
    },

    findApplicationsByTag: async (tag, call) => {
      const filter = filterContains('tags', tag);
      const path = `/applications?$filter=${filter}&$select=${APPLICATION_PROPERTIES}&$top=${PAGE_SIZE}`;
      const found = await listGraph(graph, { method: 'GET', path, route: '/applications?$filter=tags' }, call);
      return found.map((object) => readApplication(object, call.step));
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

    purgeDeletedItem: async (objectId, call) => {
      const path = `/directory/deletedItems/${pathSegment(objectId)}`;
      await callGraph(graph, { method: 'DELETE', path, route: '/directory/deletedItems/{id}' }, call);
    },

    findDeletedApplicationsByTag: async (tag, call) => {
      const collection = '/directory/deletedItems/microsoft.graph.application';
      const filter = filterContains('tags', tag);
      const path = `${collection}?$filter=${filter}&$select=${APPLICATION_PROPERTIES}&$count=true&$top=${PAGE_SIZE}`;
      const route = `${collection}?$filter=tags`;
      // The recycle bin is searched in Graph's index only.
      const headers = { ConsistencyLevel: 'eventual' };
      const found = await listGraph(graph, { method: 'GET', path, route, headers }, call);
      const applications = found.map((object) => readApplication(object, call.step));
      // What is found here gets purged: a filter that the service did not heed must not widen the search.
      return applications.filter((application) => application.tags.includes(tag));
    },
  };
}
