/**
 * Which hosts are called without the proxy: NO_PROXY as Go reads it, because operators write it for the host process.
 * Source: golang.org/x/net/http/httpproxy.
 */
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

interface DomainRule {
  /** Begins with a dot, for example `.example.com`. */
  readonly suffix: string;
  /** The domain itself counts too, not only what is below it. */
  readonly includesItself: boolean;
  /** '' for any port. */
  readonly port: string;
}

interface AddressRule {
  readonly addresses: BlockList;
  /** '' for any port. */
  readonly port: string;
}

/** Tells whether `host` (name or address without brackets) at `port` is called without the proxy. */
export type IsExempt = (host: string, port: number) => boolean;

/** Addresses of this machine, and the platform's metadata service, which exists on this machine's link only. */
const ALWAYS_EXEMPT = new BlockList();
ALWAYS_EXEMPT.addSubnet('127.0.0.0', 8, 'ipv4');
ALWAYS_EXEMPT.addAddress('::1', 'ipv6');
ALWAYS_EXEMPT.addAddress('169.254.169.254', 'ipv4');

/**
 * Reads a list like `localhost,.corp.example,10.0.0.0/8,login.example:443`. Entries that make no sense are ignored.
 * - `*`: everything
 * - `example.com`: it and everything below; `.example.com` and `*.example.com`: only what is below
 * - an address or a CIDR block: calls to addresses, never names that resolve to one
 * - each with `:port` for that port only (not CIDR blocks)
 */
export function parseNoProxy(list: string): IsExempt {
  const domains: DomainRule[] = [];
  const addressRules: AddressRule[] = [];
  for (const part of list.split(',')) {
    const entry = part.trim().toLowerCase();
    if (entry === '*') return () => true;
    if (entry === '') continue;
    const block = parseCidr(entry);
    if (block !== undefined) {
      addressRules.push({ addresses: block, port: '' });
      continue;
    }
    const { host, port } = splitHostPort(entry);
    if (isIP(host) !== 0) addressRules.push({ addresses: singleAddress(host), port });
    else if (host !== '') domains.push(parseDomain(host, port));
  }
  return (host, port) => {
    const name = host.toLowerCase();
    if (name === 'localhost') return true;
    const family = isIP(name);
    const hasPort = (rule: { readonly port: string }): boolean => rule.port === '' || rule.port === String(port);
    if (family !== 0) {
      const familyName = family === 6 ? 'ipv6' : 'ipv4';
      if (ALWAYS_EXEMPT.check(name, familyName)) return true;
      if (addressRules.some((rule) => hasPort(rule) && rule.addresses.check(name, familyName))) return true;
    }
    return domains.some(
      (rule) => hasPort(rule) && (name.endsWith(rule.suffix) || (rule.includesItself && name === rule.suffix.slice(1))),
    );
  };
}

function parseCidr(entry: string): BlockList | undefined {
  const match = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry);
  if (match === null) return undefined;
  const [, address = '', prefix = ''] = match;
  const family = isIP(address);
  if (family === 0 || Number(prefix) > (family === 6 ? 128 : 32)) return undefined;
  const block = new BlockList();
  block.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  return block;
}

function singleAddress(address: string): BlockList {
  const block = new BlockList();
  block.addAddress(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return block;
}

/** `host:port`, `[v6]:port`, or a host alone (a bare IPv6 address has colons but no port). */
function splitHostPort(entry: string): { readonly host: string; readonly port: string } {
  const bracketed = /^\[([^\]]*)\](?::(\d*))?$/.exec(entry);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  const plain = /^([^:]*):(\d*)$/.exec(entry);
  if (plain !== null) return { host: plain[1] ?? '', port: plain[2] ?? '' };
  return { host: entry, port: '' };
}

function parseDomain(host: string, port: string): DomainRule {
  const pattern = host.startsWith('*.') ? host.slice(1) : host;
  const includesItself = !pattern.startsWith('.');
  const bare = includesItself ? pattern : pattern.slice(1);
  const ascii = domainToASCII(bare);
  return { suffix: `.${ascii === '' ? bare : ascii}`, includesItself, port };
}
