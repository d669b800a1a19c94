/** An emulator with a way in and the operator's tokens: what a test of Azure's behaviour starts from. */
import type { ExecutionContext } from 'ava';
import { startEmulator, type EmulatorOptions, type StartedEmulator } from '../emulator/index.ts';
import { createAzureTunnel, type AzureTunnel, type TunnelResponse } from './azure-tunnel.ts';

export interface EmulatorWorld {
  readonly emulator: StartedEmulator;
  readonly tunnel: AzureTunnel;
  /** A call to Microsoft Graph; `path` begins after `/v1.0`. */
  readonly graph: (method: string, path: string, options?: WorldCallOptions) => Promise<TunnelResponse>;
  /** A call to ARM; `path` is the whole path, an api-version is added when there is none. */
  readonly arm: (method: string, path: string, options?: WorldCallOptions) => Promise<TunnelResponse>;
  /** The token endpoint's answer, good or bad; `form` replaces or (undefined) removes fields. */
  readonly logIn: (form?: Readonly<Record<string, string | undefined>>, tenantId?: string) => Promise<TunnelResponse>;
  /** A token, or an error with the answer in it. */
  readonly getToken: (service: 'graph' | 'arm', identity?: Identity) => Promise<string>;
  /** Creates an application with a password and its service principal. */
  readonly createPrincipal: (displayName?: string) => Promise<CreatedPrincipal>;
  /** The scope of the seeded subscription's first resource group. */
  readonly groupScope: string;
}

export interface Identity {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface WorldCallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the operator. */
  readonly token?: string;
}

export interface CreatedPrincipal extends Identity {
  /** The application's object id. */
  readonly applicationId: string;
  readonly principalId: string;
  readonly keyId: string;
}

const SCOPES = {
  graph: 'https://graph.microsoft.com/.default',
  arm: 'https://management.azure.com/.default',
} as const;

export async function startEmulatorWorld(t: ExecutionContext, options: EmulatorOptions = {}): Promise<EmulatorWorld> {
  const emulator = await startEmulator(options);
  t.teardown(() => emulator.stop());
  const tunnel = createAzureTunnel(emulator);
  const tokens = new Map<string, Promise<string>>();

  const logIn: EmulatorWorld['logIn'] = (form = {}, tenantId = emulator.tenantId) => {
    const fields: Readonly<Record<string, string | undefined>> = {
      grant_type: 'client_credentials',
      client_id: emulator.clientId,
      client_secret: emulator.clientSecret,
      scope: SCOPES.graph,
      ...form,
    };
    const sent = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) sent.set(name, value);
    return tunnel.call(`https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: sent.toString(),
    });
  };
  const getToken: EmulatorWorld['getToken'] = async (service, identity = emulator) => {
    const answer = await logIn({
      client_id: identity.clientId,
      client_secret: identity.clientSecret,
      scope: SCOPES[service],
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body.access_token;
  };
  const operatorToken = (service: 'graph' | 'arm'): Promise<string> => {
    const token = tokens.get(service) ?? getToken(service);
    tokens.set(service, token);
    return token;
  };
  const graph: EmulatorWorld['graph'] = async (method, path, { body, headers, token } = {}) =>
    tunnel.call(`https://graph.microsoft.com/v1.0${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${token ?? (await operatorToken('graph'))}`, ...headers },
    });
  return {
    emulator,
    tunnel,
    graph,
    logIn,
    getToken,
    groupScope: `/subscriptions/${emulator.subscriptionId}/resourceGroups/${emulator.resourceGroups[0] ?? ''}`,
    arm: async (method, path, { body, headers, token } = {}) => {
      const suffix = path.includes('api-version=') ? '' : `${path.includes('?') ? '&' : '?'}api-version=2022-04-01`;
      return tunnel.call(`https://management.azure.com${path}${suffix}`, {
        method,
        body,
        headers: { authorization: `Bearer ${token ?? (await operatorToken('arm'))}`, ...headers },
      });
    },
    createPrincipal: async (displayName = 'created') => {
      const application = await graph('POST', '/applications', {
        body: { displayName, passwordCredentials: [{ displayName: 'first' }] },
      });
      const principal = await graph('POST', '/servicePrincipals', { body: { appId: application.body.appId } });
      if (principal.status !== 201) throw new Error(principal.text);
      return {
        applicationId: application.body.id,
        principalId: principal.body.id,
        clientId: application.body.appId,
        clientSecret: application.body.passwordCredentials[0].secretText,
        keyId: application.body.passwordCredentials[0].keyId,
      };
    },
  };
}
