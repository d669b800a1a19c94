/** src/goplugin/environment.ts */
import test from 'ava';
import { readHostEnvironment } from '../../../src/goplugin/environment.ts';

test('environment, of a plain Vault, is read', (t) => {
  const environment = readHostEnvironment({
    PLUGIN_PROTOCOL_VERSIONS: '5',
    PLUGIN_CLIENT_CERT: 'PEM\n',
    VAULT_VERSION: '1.21.0',
    TMPDIR: '/var/tmp',
  });
  t.deepEqual(environment, {
    protocolVersions: [5],
    hostCertificatePem: 'PEM\n',
    isBrokerMultiplexingAsked: false,
    socketDirectory: '/var/tmp',
    socketGroup: undefined,
    hostVersion: '1.21.0',
    isOpenBao: false,
    isMlockAsked: false,
  });
});

test('environment, empty, has defaults', (t) => {
  const environment = readHostEnvironment({});
  t.deepEqual(environment.protocolVersions, []);
  t.is(environment.hostCertificatePem, undefined);
  t.is(environment.socketDirectory, '/tmp');
  t.is(environment.hostVersion, '');
});

test('environment, protocol versions in any order with rubbish, keeps the numbers', (t) => {
  t.deepEqual(readHostEnvironment({ PLUGIN_PROTOCOL_VERSIONS: '4, 3,x,,-1,5' }).protocolVersions, [4, 3, 5]);
});

test('environment, OpenBao names, win even when empty', (t) => {
  const environment = readHostEnvironment({ BAO_VERSION: '2.4.1', VAULT_VERSION: '1.0.0' });
  t.is(environment.hostVersion, '2.4.1');
  t.true(environment.isOpenBao);
  t.is(readHostEnvironment({ BAO_VERSION: '', VAULT_VERSION: '1.0.0' }).hostVersion, '');
  t.false(readHostEnvironment({ BAO_PLUGIN_MLOCK_ENABLED: '', VAULT_PLUGIN_MLOCK_ENABLED: 'true' }).isMlockAsked);
});

test('environment, container host, names directory, group and multiplexing', (t) => {
  const environment = readHostEnvironment({
    PLUGIN_UNIX_SOCKET_DIR: '/run/plugin-dir1',
    PLUGIN_UNIX_SOCKET_GROUP: '1001',
    PLUGIN_MULTIPLEX_GRPC: 'true',
    TMPDIR: '/elsewhere',
  });
  t.is(environment.socketDirectory, '/run/plugin-dir1');
  t.is(environment.socketGroup, '1001');
  t.true(environment.isBrokerMultiplexingAsked);
});

test('environment, blank values, count as absent', (t) => {
  const environment = readHostEnvironment({ PLUGIN_CLIENT_CERT: ' ', PLUGIN_MULTIPLEX_GRPC: '', TMPDIR: '' });
  t.is(environment.hostCertificatePem, undefined);
  t.false(environment.isBrokerMultiplexingAsked);
  t.is(environment.socketDirectory, '/tmp');
});

for (const value of ['1', 't', 'T', 'TRUE', 'true', 'True']) {
  test(`environment, mlock "${value}", is asked`, (t) => {
    t.true(readHostEnvironment({ VAULT_PLUGIN_MLOCK_ENABLED: value }).isMlockAsked);
  });
}
