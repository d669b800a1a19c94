/** The life of one call: latency, faults, throttling, the service. */
import type { IncomingHttpHeaders } from 'node:http';
import { answerArm } from '../arm/service.ts';
import { encodeArmError } from '../arm/errors.ts';
import type { CallLog } from '../call-log.ts';
import type { Emulation } from '../emulation.ts';
import { encodeEntraError } from '../entra/errors.ts';
import { answerEntra } from '../entra/service.ts';
import type { FaultAnswer, FaultRegistry, StatusAnswer } from '../faults.ts';
import { encodeGraphError } from '../graph/errors.ts';
import { answerGraph } from '../graph/service.ts';
import type { Host } from '../hosts.ts';
import { answerManagedIdentity, encodeManagedIdentityFault } from '../managed-identity/service.ts';
import type { SeededRandom } from '../random.ts';
import type { Throttle } from '../throttle.ts';
import type { View } from '../state/replicated-map.ts';
import type { EmulatorReply, EmulatorRequest } from './exchange.ts';

/** A call as it comes off the wire. */
export interface IncomingCall {
  readonly host: Host;
  readonly hostName: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  /** Counts connections from 1. */
  readonly connection: number;
}

/** What goes back on the wire. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: EmulatorReply; readonly slowBodyMs: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

export interface DispatcherParts {
  /** Read anew for each call: a reset replaces it. */
  emulation(): Emulation;
  readonly faults: FaultRegistry;
  readonly throttle: Throttle;
  readonly log: CallLog;
  /** Request ids and the choice of replicas; apart from the identifiers of objects. */
  readonly random: SeededRandom;
}

export async function dispatch(parts: DispatcherParts, call: IncomingCall): Promise<Outcome> {
  const { clock, settings } = parts.emulation();
  const requestId = parts.random.uuid();
  const { hostName: host, method, url: path, protocol, connection } = call;
  const time = clock.now().toISOString();
  const complete = parts.log.begin({ time, host, method, path, protocol, connection, requestId });
  if (settings.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, settings.latencyMs));

  const emulation = parts.emulation();
  const request = buildRequest(parts, emulation, call, requestId);
  const active = parts.faults.pick(request);
  const answer = active?.fault.answer;
  const fault = active?.id ?? '';
  if (answer === 'hang' || answer === 'reset') {
    complete({ fault });
    return { kind: answer };
  }
  const reply = isStatusAnswer(answer)
    ? answerFault(parts, emulation, request, answer)
    : work(parts, emulation, request);
  if (answer === 'after' || answer === 'hangAfter') {
    complete({ fault, route: reply.route ?? '' });
    return { kind: answer === 'after' ? 'reset' : 'hang' };
  }
  complete({ fault, route: reply.route ?? '', status: reply.status });
  return {
    kind: 'reply',
    reply,
    slowBodyMs: typeof answer === 'object' && 'slowBodyMs' in answer ? answer.slowBodyMs : 0,
  };
}

function isStatusAnswer(answer: FaultAnswer | undefined): answer is StatusAnswer {
  return typeof answer === 'object' && 'status' in answer;
}

function buildRequest(
  parts: DispatcherParts,
  { clock, settings }: Emulation,
  call: IncomingCall,
  requestId: string,
): EmulatorRequest {
  const { host, hostName, method, url, headers, body, connection } = call;
  const mark = url.indexOf('?');
  const nowMs = clock.nowMs();
  const replica = settings.stickyReplicas ? connection % settings.replicas : parts.random.integer(settings.replicas);
  const service: View['service'] = host.service === 'login' || host.service === 'graph' ? host.service : 'arm';
  return {
    host,
    hostName,
    method,
    path: (mark === -1 ? url : url.slice(0, mark)).replace(/\/{2,}/g, '/'),
    query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    headers,
    body,
    nowMs,
    requestId,
    view: { service, lagShare: (replica + 1) / settings.replicas, atMs: nowMs },
  };
}

function answerFault(
  parts: DispatcherParts,
  emulation: Emulation,
  request: EmulatorRequest,
  answer: StatusAnswer,
): EmulatorReply {
  const route = answer.done === true ? work(parts, emulation, request).route : undefined;
  return { ...encodeFault(answer, request), ...(route !== undefined && { route }) };
}

function work(parts: DispatcherParts, emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  const verdict = parts.throttle.judge(emulation, request);
  if (verdict.refusal !== undefined) return encodeFault(verdict.refusal, request);
  const reply = serve(emulation, request);
  return { ...reply, headers: { ...reply.headers, ...verdict.headers } };
}

function serve(emulation: Emulation, request: EmulatorRequest): EmulatorReply {
  switch (request.host.service) {
    case 'login':
      return answerEntra(emulation, request);
    case 'graph':
      return answerGraph(emulation, request);
    case 'arm':
      return answerArm(emulation, request);
    case 'managedIdentity':
      return answerManagedIdentity(emulation, request);
    case 'keyVault':
    case 'managedHsm':
      return { status: 501, body: encodeArmError({ code: 'NotImplemented', message: 'No key vaults are emulated.' }) };
  }
}

/** A set answer in the form of the service that would have answered. */
function encodeFault(answer: StatusAnswer, request: EmulatorRequest): EmulatorReply {
  const { status, code = `Emulated${status}`, message = 'A fault was asked for.', retryAfter } = answer;
  const { requestId } = request;
  const ids = {
    requestId,
    clientRequestId: requestId,
    traceId: requestId,
    correlationId: requestId,
    now: new Date(request.nowMs),
  };
  const headers = {
    'request-id': requestId,
    'x-ms-request-id': requestId,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...answer.headers,
  };
  if (status === 204) return { status, headers };
  if (answer.body !== undefined) return { status, headers, body: answer.body };
  if (request.host.service === 'graph')
    return { status, headers, body: encodeGraphError({ code, message, details: [] }, ids) };
  if (request.host.service === 'managedIdentity') {
    return { ...encodeManagedIdentityFault(request, status, code, message), headers };
  }
  if (request.host.service !== 'login') return { status, headers, body: encodeArmError({ code, message }) };
  const entraCode = /^AADSTS(\d+)/.exec(message)?.[1];
  const codes = entraCode === undefined ? [] : [Number(entraCode)];
  return { status, headers, body: encodeEntraError(code, codes, message, ids) };
}
