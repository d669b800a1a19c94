/** Which HTTP proxy, if any, a call goes through. */
import { parseNoProxy } from './no-proxy.ts';
import { TransportError } from './transport-error.ts';

/** Values of the environment that the transport heeds. Names in upper case; lower-case ones count when those are unset. */
export type TransportEnvironment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** `http:` or `https:`: how the proxy itself is spoken to. */
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number;
  /** For `Proxy-Authorization`, for example `Basic dXNlcjpwYXNz`; '' without a user. A secret. */
  readonly authorization: string;
}

/** The proxy for a call to `host` (no brackets) at `port`; `undefined`: direct. @throws TransportError when it is not usable. */
export type ChooseProxy = (host: string, port: number) => Proxy | undefined;

/**
 * Reads HTTPS_PROXY and NO_PROXY as Go does: upper case first, a value without a scheme is an `http` proxy.
 * Never throws itself: a useless value surfaces at the first call that needs the proxy.
 */
export function createProxyChooser(environment: TransportEnvironment): ChooseProxy {
  const value = (environment['HTTPS_PROXY'] ?? '') || (environment['https_proxy'] ?? '');
  if (value === '') return () => undefined;
  const isExempt = parseNoProxy((environment['NO_PROXY'] ?? '') || (environment['no_proxy'] ?? ''));
  const proxy = parseProxy(value);
  return (host, port) => {
    if (isExempt(host, port)) return undefined;
    if (proxy === undefined) {
      throw new TransportError(
        'HTTPS_PROXY is not the address of an HTTP proxy, for example http://proxy.example:3128',
        {
          failure: 'proxy',
          wasSent: false,
        },
      );
    }
    return proxy;
  };
}

function parseProxy(value: string): Proxy | undefined {
  const text = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return undefined;
  const defaultPort = url.protocol === 'https:' ? 443 : 80;
  return {
    protocol: url.protocol,
    host: withoutBrackets(url.hostname),
    port: url.port === '' ? defaultPort : Number(url.port),
    authorization: url.username === '' ? '' : basicAuthorization(url.username, url.password),
  };
}

function basicAuthorization(encodedUser: string, encodedPassword: string): string {
  const pair = `${decodeUserInfo(encodedUser)}:${decodeUserInfo(encodedPassword)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function decodeUserInfo(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: taken as it stands.
    return text;
  }
}

/** A URL's host as sockets want it: `::1`, not `[::1]`. */
export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
