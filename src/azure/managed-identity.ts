/**
 * Logs in by managed identity through MSAL: metadata service, App Service, Arc and the other places that it knows.
 * Not through @azure/identity's class around it, which prefers AZURE_FEDERATED_TOKEN_FILE to the managed identity.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { AzureError, InvariantError } from '../errors.ts';
import { parseJson } from '../util/json.ts';
import { withMinimumWait } from './errors.ts';
import type { Send } from './sdk-call.ts';

/**
 * Which call a request of MSAL belongs to. MSAL keeps the first network module that it gets for the life of the
 * process and uses it for all later logins, so the module must find the way of the login at hand by itself.
 */
const currentSend = new AsyncLocalStorage<Send>();

/** `undefined` when the answer holds no token. Asks the platform each time: MSAL's memory is left out. */
export async function acquireManagedIdentityToken(
  clientId: string,
  scope: string,
  send: Send,
): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | undefined> {
  const { ManagedIdentityApplication } = await import('@azure/msal-node');
  const application = new ManagedIdentityApplication({
    ...(clientId === '' ? {} : { managedIdentityIdParams: { userAssignedClientId: clientId } }),
    system: {
      disableInternalRetries: true,
      networkClient: networkModule,
      loggerOptions: { loggerCallback: () => undefined },
    },
  });
  const resource = scope.replace(/\/\.default$/, '');
  const result = await currentSend.run(send, () => application.acquireToken({ resource, forceRefresh: true }));
  if (result.accessToken === '' || result.expiresOn === null) return undefined;
  return { token: result.accessToken, expiresOnTimestamp: result.expiresOn.getTime() };
}

/** While it is updated the metadata service answers 410, for up to 70 s. */
const GONE_WAIT_MS = 3_000;
const OTHER_WAIT_MS = 1_000;

/** A failure of the platform's endpoint with the pause that Microsoft asks for before the next attempt. */
export function withPlatformWait(thrown: unknown): unknown {
  if (!(thrown instanceof AzureError) || thrown.status === undefined) return thrown;
  return withMinimumWait(thrown, thrown.status === 410 ? GONE_WAIT_MS : OTHER_WAIT_MS);
}

const networkModule: INetworkModule = {
  sendGetRequestAsync: (url, options) => exchange('GET', url, options),
  sendPostRequestAsync: (url, options) => exchange('POST', url, options),
};

async function exchange<T>(method: string, url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
  const send = currentSend.getStore();
  if (send === undefined) throw new InvariantError('a managed identity request outside a login');
  const answer = await send({ method, url, headers: options?.headers ?? {}, body: options?.body });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    // MSAL names the type it hopes for and checks what it reads.
    body: parseJson(answer.body === '' ? '{}' : answer.body) as T,
  };
}
