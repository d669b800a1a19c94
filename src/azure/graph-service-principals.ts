/** Service principals in Microsoft Graph. */
import { AzureError } from '../errors.ts';
import { callGraph, readGraph, type GraphDependencies } from './graph-call.ts';
import { requiredText } from './graph-objects.ts';
import { keySegment, pathSegment } from './odata.ts';
import type { AzureCall, DirectoryProvider } from './provider.ts';
import { isGone } from './retry-policy.ts';

type ServicePrincipalMethods = Pick<
  DirectoryProvider,
  'upsertServicePrincipal' | 'findServicePrincipalByAppId' | 'deleteServicePrincipal'
>;

export function createServicePrincipalMethods(graph: GraphDependencies): ServicePrincipalMethods {
  /** Learnt for the provider's life: this cloud does not create by PATCH. */
  let isUpsertRefused = false;

  const getByAppId = async (appId: string, call: AzureCall): Promise<{ readonly id: string }> => {
    const path = `/servicePrincipals${keySegment('appId', appId)}?$select=id`;
    const answer = await readGraph(graph, { method: 'GET', path, route: '/servicePrincipals(appId={appId})' }, call);
    return { id: requiredText(answer, 'id', call.step) };
  };

  const upsert = async (appId: string, displayName: string, call: AzureCall): Promise<{ readonly id: string }> => {
    const path = `/servicePrincipals${keySegment('appId', appId)}`;
    const headers = { Prefer: 'create-if-missing' };
    const body = displayName === '' ? {} : { displayName };
    const request = { method: 'PATCH', path, route: '/servicePrincipals(appId={appId})', headers, body } as const;
    const created = await callGraph(graph, request, call);
    // Empty (204): it was there already.
    return created === undefined ? getByAppId(appId, call) : { id: requiredText(created, 'id', call.step) };
  };

  const create = async (appId: string, call: AzureCall): Promise<{ readonly id: string }> => {
    const request = {
      method: 'POST',
      path: '/servicePrincipals',
      route: '/servicePrincipals',
      body: { appId },
    } as const;
    try {
      return { id: requiredText(await readGraph(graph, request, call), 'id', call.step) };
    } catch (thrown) {
      if (!isGraphError(thrown) || thrown.status !== 409) throw thrown;
      // In use by itself, from an attempt whose answer was lost; when it cannot be read, by something else.
      return getByAppId(appId, call).catch(() => Promise.reject(thrown));
    }
  };

  return {
    upsertServicePrincipal: async (appId, call, displayName = '') => {
      if (isUpsertRefused) return create(appId, call);
      try {
        return await upsert(appId, displayName, call);
      } catch (thrown) {
        if (!isRefusalOfUpsert(thrown)) throw thrown;
        isUpsertRefused = true;
        return create(appId, call);
      }
    },

    findServicePrincipalByAppId: async (appId, call) => {
      try {
        return await getByAppId(appId, call);
      } catch (thrown) {
        if (thrown instanceof AzureError && isGone(thrown)) return undefined;
        throw thrown;
      }
    },

    deleteServicePrincipal: async (servicePrincipalId, call) => {
      const path = `/servicePrincipals/${pathSegment(servicePrincipalId)}`;
      await callGraph(graph, { method: 'DELETE', path, route: '/servicePrincipals/{id}' }, call);
    },
  };
}

/** The method or the header is not known there; a 404 with the usual code is about the application instead. */
function isRefusalOfUpsert(thrown: unknown): boolean {
  if (!isGraphError(thrown)) return false;
  if (thrown.status === 405 || thrown.status === 501) return true;
  return thrown.isNotFound && thrown.azureCode !== 'Request_ResourceNotFound';
}

function isGraphError(thrown: unknown): thrown is AzureError {
  return thrown instanceof AzureError && thrown.service === 'graph';
}
