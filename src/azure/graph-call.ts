/** One request to Microsoft Graph v1.0 through its SDK, whose chain of middleware is nothing but our own end. */
import type { Context } from '@microsoft/microsoft-graph-client';
import { InvariantError } from '../errors.ts';
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../util/json.ts';
import type { Clock } from '../util/clock.ts';
import type { AccessTokens } from './access-tokens.ts';
import { createAuthorizedSend } from './authorized-send.ts';
import { graphScope } from './clouds.ts';
import { unreadableAnswer } from './errors.ts';
import type { AzureCall, AzureCloud } from './provider.ts';
import { runSdkCall, type Send } from './sdk-call.ts';
import type { Transport } from './transport.ts';

export interface GraphDependencies {
  readonly transport: Transport;
  readonly accessTokens: AccessTokens;
  readonly cloud: AzureCloud;
  readonly clock: Clock;
}

export interface GraphRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query with every value escaped (odata.ts), for example `/groups/1f…?$select=id`. */
  readonly path: string;
  /** The path without its values, for the log, for example `/groups/{id}`. */
  readonly route: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
}

/** Statuses whose answers must not carry a body. */
const EMPTY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/** The answer's JSON object; `undefined` when the answer is empty (204). @throws AzureError (`graph`, or `entra` for the login). */
export async function callGraph(
  dependencies: GraphDependencies,
  request: GraphRequest,
  call: AzureCall,
): Promise<JsonObject | undefined> {
  const { transport, accessTokens, cloud, clock } = dependencies;
  const context = { service: 'graph', step: call.step } as const;
  const send = createAuthorizedSend(
    {
      transport,
      accessTokens,
      scope: graphScope(cloud),
      endpoint: cloud.graphEndpoint,
      route: `graph ${request.route}`,
    },
    call,
  );
  const text = await runSdkCall(context, clock, send, (watchedSend) => sendThroughSdk(cloud, request, watchedSend));
  if (text === undefined || text === '') return undefined;
  if (typeof text !== 'string') throw unreadableAnswer(context, 'it is no text');
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch (thrown) {
    throw unreadableAnswer(context, 'it is no JSON', thrown);
  }
  throw unreadableAnswer(context, 'it is no JSON object');
}

/** As `callGraph`, for requests whose answer must hold something. */
export async function readGraph(
  dependencies: GraphDependencies,
  request: GraphRequest,
  call: AzureCall,
): Promise<JsonObject> {
  const answer = await callGraph(dependencies, request, call);
  if (answer === undefined) throw unreadableAnswer({ service: 'graph', step: call.step }, 'it is empty');
  return answer;
}

/** More pages than any tenant's marked applications fill; ends a service that answers the same link for ever. */
const MAX_PAGES = 1000;

/** The members of a collection, all pages. */
export async function listGraph(
  dependencies: GraphDependencies,
  request: GraphRequest,
  call: AzureCall,
): Promise<readonly JsonObject[]> {
  const items: JsonObject[] = [];
  let page = await readGraph(dependencies, request, call);
  for (let count = 1; ; count += 1) {
    const value = page['value'];
    if (!isJsonArray(value)) throw unreadableAnswer({ service: 'graph', step: call.step }, 'it is no collection');
    items.push(...value.filter(isJsonObject));
    const next = page['@odata.nextLink'];
    if (typeof next !== 'string') return items;
    if (count === MAX_PAGES) throw unreadableAnswer({ service: 'graph', step: call.step }, 'it has too many pages');
    page = await readGraph(dependencies, { ...request, path: next }, call);
  }
}

async function sendThroughSdk(cloud: AzureCloud, request: GraphRequest, send: Send): Promise<unknown> {
  const graphSdk = await import('@microsoft/microsoft-graph-client');
  const graphClient = graphSdk.Client.initWithMiddleware({
    baseUrl: cloud.graphEndpoint,
    defaultVersion: 'v1.0',
    middleware: { execute: (context) => execute(context, send) },
  });
  // As text: the SDK's JSON parsing depends on the answer's content type, and 204 comes back as undefined either way.
  const graphRequest = graphClient
    .api(request.path)
    .headers({ ...request.headers })
    .responseType(graphSdk.ResponseType.TEXT);
  switch (request.method) {
    case 'GET':
      return graphRequest.get();
    case 'POST':
      return graphRequest.post(request.body ?? {});
    case 'PATCH':
      return graphRequest.patch(request.body ?? {});
    case 'DELETE':
      return graphRequest.delete();
  }
}

async function execute(context: Context, send: Send): Promise<void> {
  const { options } = context;
  const url: unknown = context.request;
  const body: unknown = options?.body ?? undefined;
  if (typeof url !== 'string' || (body !== undefined && typeof body !== 'string')) {
    throw new InvariantError('the Graph SDK made a request of another kind');
  }
  const answer = await send({ method: options?.method ?? 'GET', url, headers: toRecord(options?.headers), body });
  context.response = new Response(EMPTY_STATUSES.has(answer.status) ? null : answer.body, {
    status: answer.status,
    headers: [...answer.headers],
  });
}

/** The SDK keeps headers as a plain object. */
function toRecord(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
