/** One call as the services see it, whatever HTTP version carried it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Host } from '../hosts.ts';
import type { View } from '../state/replicated-map.ts';

export interface EmulatorRequest {
  readonly host: Host;
  /** As the client sent it, without a port, lower case. */
  readonly hostName: string;
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded, without the query; runs of slashes collapsed to one. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Unzipped. */
  readonly body: Buffer;
  readonly nowMs: number;
  /** A UUID for this answer's request-id headers. */
  readonly requestId: string;
  readonly view: View;
}

export interface EmulatorReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text as it is; `undefined`: no body. */
  readonly body?: object | string;
  /** The route's template, for the call log; for example `POST /applications/{id}/addPassword`. */
  readonly route?: string;
}

/** A named header's value; the first one when it was sent more than once. */
export function readHeader(request: EmulatorRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value[0] : value;
}
