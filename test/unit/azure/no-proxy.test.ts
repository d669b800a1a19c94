import test from 'ava';
import { parseNoProxy } from '../../../src/azure/no-proxy.ts';

/** [NO_PROXY, host, port, called without the proxy] */
const CASES: readonly [string, string, number, boolean][] = [
  // Nothing listed.
  ['', 'graph.microsoft.com', 443, false],
  [' , ,', 'graph.microsoft.com', 443, false],
  // A domain counts with all below it, a dot or star in front leaves the domain itself out.
  ['microsoft.com', 'graph.microsoft.com', 443, true],
  ['microsoft.com', 'microsoft.com', 443, true],
  ['microsoft.com', 'notmicrosoft.com', 443, false],
  ['.microsoft.com', 'graph.microsoft.com', 443, true],
  ['.microsoft.com', 'microsoft.com', 443, false],
  ['*.microsoft.com', 'graph.microsoft.com', 443, true],
  ['*.microsoft.com', 'microsoft.com', 443, false],
  ['graph.microsoft.com', 'login.microsoft.com', 443, false],
  ['MICROSOFT.com', 'Graph.Microsoft.COM', 443, true],
  [' a.example , microsoft.com ', 'graph.microsoft.com', 443, true],
  ['bücher.example', 'xn--bcher-kva.example', 443, true],
  // Everything.
  ['*', 'graph.microsoft.com', 443, true],
  ['a.example,*', 'graph.microsoft.com', 443, true],
  // Ports.
  ['microsoft.com:443', 'graph.microsoft.com', 443, true],
  ['microsoft.com:8443', 'graph.microsoft.com', 443, false],
  ['10.0.0.1:443', '10.0.0.1', 443, true],
  ['10.0.0.1:80', '10.0.0.1', 443, false],
  ['[fd00::1]:443', 'fd00::1', 443, true],
  ['[fd00::1]:80', 'fd00::1', 443, false],
  [':443', 'graph.microsoft.com', 443, false],
  // Addresses and blocks.
  ['10.0.0.1', '10.0.0.1', 443, true],
  ['10.0.0.1', '10.0.0.2', 443, false],
  ['10.0.0.0/8', '10.200.3.4', 443, true],
  ['10.0.0.0/8', '11.0.0.1', 443, false],
  ['192.168.1.0/25', '192.168.1.127', 443, true],
  ['192.168.1.0/25', '192.168.1.128', 443, false],
  ['0.0.0.0/0', '8.8.8.8', 443, true],
  ['fd00::/8', 'fd12:3456::1', 443, true],
  ['fd00::/8', 'fe80::1', 443, false],
  ['fd00::1', 'fd00::1', 443, true],
  ['10.0.0.0/33', '10.0.0.1', 443, false],
  ['10.0.0.0/8', 'graph.microsoft.com', 443, false],
  // This machine and its metadata service, listed or not.
  ['', 'localhost', 443, true],
  ['', '127.0.0.1', 443, true],
  ['', '127.8.9.10', 443, true],
  ['', '::1', 443, true],
  ['', '169.254.169.254', 80, true],
  ['', '169.254.169.253', 80, false],
  ['', 'localhost.example', 443, false],
];

for (const [list, host, port, expected] of CASES) {
  test(`NO_PROXY "${list}", ${host}:${port}, ${expected ? 'goes direct' : 'goes through the proxy'}`, (t) => {
    t.is(parseNoProxy(list)(host, port), expected);
  });
}
