/** Replies as hosts read them: what their decoders insist on, and the HTTP status and text that a user gets. */
import type { HandleRequestReply, LeaseOptions, ProtoError } from './_definitions.ts';

export interface HostReply {
  readonly wire: HandleRequestReply;
  /** `response.data`; `undefined` when there is no response. */
  readonly data: Record<string, unknown> | null | undefined;
  readonly err: ProtoError | null;
  readonly status: number;
  /** The user's error text; '' when there is none. */
  readonly text: string;
}

/** Fixed texts of types 5–10; the plugin's own is dropped. */
const FIXED: Readonly<Record<number, readonly [number, string]>> = {
  5: [405, 'unsupported operation'],
  6: [404, 'unsupported path'],
  7: [400, 'invalid request'],
  8: [403, 'permission denied'],
  9: [500, 'request needs further approval'],
  10: [500, 'unrecoverable error'],
};

/** @throws Error in a host's words when the host's decoder would refuse the reply: the user would see a 500. */
export function readReply(operation: string, wire: HandleRequestReply): HostReply {
  const { response, err } = wire;
  const data = response === null ? undefined : parseObject(response.data, 'data');
  if (response?.secret) {
    parseObject(response.secret.internal_data, 'internal_data');
    checkLease(response.secret.lease_options);
  }
  if (response?.wrap_info?.creation_time === null) throw new Error('timestamp: nil Timestamp');
  return { wire, data, err, ...toHttp(operation, data, err) };
}

function checkLease(lease: LeaseOptions | null): void {
  if (lease === null) return;
  if (lease.issue_time === null) throw new Error('timestamp: nil Timestamp');
  if (BigInt(lease.TTL) < 0n) throw new Error('ttl duration must not be less than zero');
}

function parseObject(text: string, field: string): Record<string, unknown> | null {
  if (text === '') throw new Error(`${field}: unexpected end of JSON input`);
  const value: unknown = JSON.parse(text);
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) throw new Error(`${field}: no object`);
  return value as Record<string, unknown> | null;
}

function toHttp(
  operation: string,
  data: HostReply['data'],
  err: ProtoError | null,
): { readonly status: number; readonly text: string } {
  const ownText = errorResponseText(data);
  if (err === null) {
    if (ownText !== undefined) return { status: 400, text: ownText };
    if (data === undefined) return { status: ['read', 'list', 'header'].includes(operation) ? 404 : 204, text: '' };
    if (operation === 'list' && !Array.isArray(data?.['keys'])) return { status: 404, text: '' };
    return { status: 200, text: '' };
  }
  const fixed = FIXED[err.err_type];
  if (ownText !== undefined) {
    const followsType = [5, 6, 8].includes(err.err_type);
    return { status: followsType ? (fixed?.[0] ?? 400) : 400, text: ownText };
  }
  if (fixed !== undefined) return { status: fixed[0], text: fixed[1] };
  if (err.err_type === 3) return { status: Number(err.err_code), text: err.err_msg };
  if (err.err_type === 4) return { status: 400, text: err.err_msg };
  return { status: data === undefined ? 500 : 400, text: err.err_msg };
}

/** Data whose only key is `error` (or exactly `error` and `data`) is a failure told in a response. */
function errorResponseText(data: HostReply['data']): string | undefined {
  if (data === undefined || data === null || !('error' in data) || data['error'] === null) return undefined;
  const others = Object.keys(data).filter((key) => key !== 'error');
  if (others.length > 1 || (others.length === 1 && others[0] !== 'data')) return undefined;
  if (typeof data['error'] !== 'string') throw new Error('the host panics: error is not a string');
  return data['error'];
}
