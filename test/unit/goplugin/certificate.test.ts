/** src/goplugin/certificate.ts */
import test from 'ava';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { HandshakeError } from '../../../src/errors.ts';
import { checkHostCertificate, createTlsIdentity } from '../../../src/goplugin/certificate.ts';

test('certificate, read by node, is self-signed for localhost with both usages', (t) => {
  const identity = createTlsIdentity(new Date('2026-01-31T09:08:07.900Z'));
  const certificate = new X509Certificate(identity.certificateDer);

  t.is(certificate.subjectAltName, 'DNS:localhost');
  t.is(certificate.checkHost('localhost', { subject: 'never' }), 'localhost');
  t.is(certificate.checkHost('example.org'), undefined);
  t.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  t.true(certificate.ca);
  t.true(certificate.verify(certificate.publicKey));
  t.true(certificate.checkPrivateKey(createPrivateKey(identity.privateKeyPem)));
  t.is(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  t.is(certificate.subject, certificate.issuer);
});

test('certificate, validity, begins half a minute ago and ends after 2050', (t) => {
  const certificate = new X509Certificate(createTlsIdentity(new Date('2026-01-31T09:08:07.900Z')).certificateDer);
  t.is(new Date(certificate.validFrom).toISOString(), '2026-01-31T09:07:37.000Z');
  t.is(new Date(certificate.validTo).toISOString(), '2056-01-31T21:08:07.000Z');
});

test('certificate, key usage bits, leave exactly two unused', (t) => {
  t.true(createTlsIdentity(new Date()).certificateDer.toString('hex').includes('0603551d0f0101ff0404030202ac'));
});

test('certificate, PEM and DER, hold the same', (t) => {
  const identity = createTlsIdentity(new Date());
  t.deepEqual(new X509Certificate(identity.certificatePem).raw, identity.certificateDer);
});

test('identity, made twice, shares neither key nor serial', (t) => {
  const [first, second] = [createTlsIdentity(new Date()), createTlsIdentity(new Date())];
  t.not(first.privateKeyPem, second.privateKeyPem);
  t.not(
    new X509Certificate(first.certificateDer).serialNumber,
    new X509Certificate(second.certificateDer).serialNumber,
  );
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`identity, as both ends of a mutual ${version} connection, is accepted`, async (t) => {
    const [ours, theirs] = [createTlsIdentity(new Date()), createTlsIdentity(new Date())];
    const server = createServer({
      key: ours.privateKeyPem,
      cert: ours.certificatePem,
      ca: theirs.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    const socket = connect({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      servername: 'localhost',
      key: theirs.privateKeyPem,
      cert: theirs.certificatePem,
      ca: ours.certificatePem,
    });
    t.teardown(() => socket.destroy());
    await once(socket, 'secureConnect');
    const [serverSide] = await accepted;
    t.true(socket.authorized);
    t.true(serverSide.authorized);
  });
}

test('host certificate, readable or not, is told apart', (t) => {
  t.notThrows(() => checkHostCertificate(createTlsIdentity(new Date()).certificatePem));
  t.throws(() => checkHostCertificate('no certificate'), { instanceOf: HandshakeError });
});
