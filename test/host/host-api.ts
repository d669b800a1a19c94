/** The HTTP API of a running host, as a test calls it. */

/**
 * What a real server answered, as JSON. Untyped on purpose: a test asserts at run time what it relies on, and a type
 * written here would only repeat what we believe.
 */
export type Untyped = ReturnType<typeof JSON.parse>;

export interface HostAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; the text when it is not JSON; undefined when there is none. */
  readonly body: Untyped;
}

export interface ApiOptions {
  /** Default: the address's own token. '' sends none. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

/** An answer of 400 or more. The message has method, path, status and the host's own texts. */
export class HostApiError extends Error {
  override readonly name = 'HostApiError';
  readonly status: number;
  /** The `errors` array of the answer. */
  readonly errors: readonly string[];
  /** The host's last lines at that moment. */
  readonly logTail: string;

  constructor(call: string, answer: HostAnswer, logTail: string) {
    const listed: unknown = answer.body?.errors;
    const errors = Array.isArray(listed) ? listed.map(String) : [];
    super(`${call}: ${answer.status}: ${errors.join('; ') || JSON.stringify(answer.body)}`);
    this.status = answer.status;
    this.errors = errors;
    this.logTail = logTail;
  }
}

/**
 * One request; every status is an answer.
 * @param method GET, POST, PUT, PATCH, DELETE, LIST or HEAD
 * @param path below `/v1/`: `sys/health`, `azure/creds/app?x=y`
 * @param body sent as JSON; undefined sends none
 * @throws when the host cannot be reached or does not answer in time
 */
export async function requestHost(
  address: string,
  method: string,
  path: string,
  body?: unknown,
  { token = '', headers = {}, timeoutMs = 60_000 }: ApiOptions = {},
): Promise<HostAnswer> {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: {
      'X-Vault-Request': 'true',
      ...(token === '' ? {} : { 'X-Vault-Token': token }),
      ...(body === undefined ? {} : { 'Content-Type': contentType(method) }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
}

const contentType = (method: string): string =>
  method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';

function parseBody(text: string): Untyped {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
