/**
 * Ways into the emulator for clients in the test's own process: connections through its proxy, trusting its authority,
 * whatever the shell's proxy settings say.
 */
import type http from 'node:http';
import https from 'node:https';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { Client } from '@microsoft/microsoft-graph-client';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** What is needed of a started emulator. */
interface Entrance {
  readonly proxyUrl: string;
  readonly caPem: string;
}

export interface TunnelRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and buffers go as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/** JSON of any shape; what tests assert of it is checked at run time. */
export type Untyped = ReturnType<typeof JSON.parse>;

export interface TunnelResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body; `undefined` when it is empty or no JSON. */
  readonly body: Untyped;
}

export interface AzureTunnel {
  /** For `httpClient` of the @azure packages. */
  readonly httpClient: HttpClient;
  readonly agent: http.Agent;
  readonly call: (url: string, request?: TunnelRequest) => Promise<TunnelResponse>;
  /** Microsoft's client without its retries, over this tunnel. */
  readonly graphClient: (getToken: () => Promise<string>) => Client;
}

/** Connections are kept alive; `close` of the emulator ends them. */
export function createAzureTunnel({ proxyUrl, caPem }: Entrance, options: { keepAlive?: boolean } = {}): AzureTunnel {
  const agent = new HttpsProxyAgent(proxyUrl, { keepAlive: options.keepAlive ?? true });
  const defaultClient = createDefaultHttpClient();
  const call = (url: string, request: TunnelRequest = {}): Promise<TunnelResponse> =>
    sendRequest(url, request, agent, caPem);
  return {
    agent,
    call,
    httpClient: {
      sendRequest: (request) => {
        request.agent = agent;
        request.requestOverrides = { ca: caPem };
        return defaultClient.sendRequest(request);
      },
    },
    graphClient: (getToken) => Client.initWithMiddleware({ middleware: createGraphMiddleware(call, getToken) }),
  };
}

function sendRequest(url: string, request: TunnelRequest, agent: http.Agent, ca: string): Promise<TunnelResponse> {
  const { method = 'GET', body, signal } = request;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = body === undefined ? undefined : Buffer.from(isRaw ? body : JSON.stringify(body));
  const headers = {
    ...(bytes !== undefined && { 'content-type': 'application/json', 'content-length': bytes.length }),
    ...request.headers,
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent, ca, ...(signal !== undefined && { signal }) };
    const sent = https.request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parse(text) });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The end of the client's chain: adds the token and sends through the tunnel. */
function createGraphMiddleware(call: AzureTunnel['call'], getToken: () => Promise<string>): Middleware {
  return {
    execute: async (context: Context): Promise<void> => {
      const url = typeof context.request === 'string' ? context.request : context.request.url;
      const { method = 'GET', body } = context.options ?? {};
      const headers = Object.fromEntries(new Headers(context.options?.headers));
      const response = await call(url, {
        method,
        headers: { 'content-type': 'application/json', ...headers, authorization: `Bearer ${await getToken()}` },
        ...(body !== undefined && body !== null && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const isEmpty = response.status === 204 || response.text === '';
      context.response = new Response(isEmpty ? null : response.text, {
        status: response.status,
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      });
    },
  };
}
