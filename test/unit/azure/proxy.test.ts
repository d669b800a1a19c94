import test from 'ava';
import { createProxyChooser, withoutBrackets } from '../../../src/azure/proxy.ts';
import { TransportError } from '../../../src/azure/transport-error.ts';

const HOST = 'graph.microsoft.com';

test('the proxy, no variable set, is none', (t) => {
  t.is(createProxyChooser({})(HOST, 443), undefined);
  t.is(createProxyChooser({ HTTPS_PROXY: '', https_proxy: '' })(HOST, 443), undefined);
});

test('the proxy, HTTP_PROXY alone, is none: all calls are https', (t) => {
  t.is(createProxyChooser({ HTTP_PROXY: 'http://proxy.example:3128' })(HOST, 443), undefined);
});

test('the proxy, HTTPS_PROXY set, is used', (t) => {
  t.deepEqual(createProxyChooser({ HTTPS_PROXY: 'http://proxy.example:3128' })(HOST, 443), {
    protocol: 'http:',
    host: 'proxy.example',
    port: 3128,
    authorization: '',
  });
});

test('the proxy, both cases set, is the upper-case one', (t) => {
  const choose = createProxyChooser({ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:2' });
  t.is(choose(HOST, 443)?.host, 'upper');
});

test('the proxy, lower case only, is used with its NO_PROXY', (t) => {
  const choose = createProxyChooser({ https_proxy: 'http://lower:2', no_proxy: 'login.microsoftonline.com' });
  t.is(choose(HOST, 443)?.host, 'lower');
  t.is(choose('login.microsoftonline.com', 443), undefined);
});

test('the proxy, without a scheme, is an http proxy as for Go', (t) => {
  t.like(createProxyChooser({ HTTPS_PROXY: 'proxy.example:3128' })(HOST, 443), {
    protocol: 'http:',
    host: 'proxy.example',
    port: 3128,
  });
});

test('the proxy, without a port, has the one of its scheme', (t) => {
  t.is(createProxyChooser({ HTTPS_PROXY: 'http://proxy.example' })(HOST, 443)?.port, 80);
  t.is(createProxyChooser({ HTTPS_PROXY: 'https://proxy.example' })(HOST, 443)?.port, 443);
});

test('the proxy, user and password escaped in its address, are decoded for Basic', (t) => {
  const choose = createProxyChooser({ HTTPS_PROXY: 'http://us%40er:p%3Ass%25@proxy.example:3128' });
  t.is(choose(HOST, 443)?.authorization, `Basic ${Buffer.from('us@er:p:ss%').toString('base64')}`);
});

test('the proxy, an IPv6 address, loses its brackets', (t) => {
  t.is(createProxyChooser({ HTTPS_PROXY: 'http://[fd00::1]:3128' })(HOST, 443)?.host, 'fd00::1');
  t.is(withoutBrackets('[fd00::1]'), 'fd00::1');
  t.is(withoutBrackets(HOST), HOST);
});

for (const value of ['socks5://proxy.example:1080', 'http://', 'ftp://proxy.example', 'http://a b']) {
  test(`the proxy, "${value}", fails calls that need it and no others`, (t) => {
    const choose = createProxyChooser({ HTTPS_PROXY: value, NO_PROXY: 'login.microsoftonline.com' });
    t.is(choose('login.microsoftonline.com', 443), undefined);
    const error = t.throws(() => choose(HOST, 443), { instanceOf: TransportError, message: /HTTPS_PROXY/ });
    t.true(error.isPermanent);
    t.false(error.wasSent);
  });
}
