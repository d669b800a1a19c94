import { rootCertificates } from 'node:tls';
import test from 'ava';
import { loadSecureContext } from '../../../src/azure/certificate-authorities.ts';
import type { TransportEnvironment } from '../../../src/azure/proxy.ts';
import { createTransport } from '../../../src/azure/transport.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { startTlsStub } from '../../helpers/stub-servers.ts';
import { TestLogger } from '../../helpers/test-logger.ts';
import { createServerIdentity } from '../../emulator/server/certificates.ts';

const OTHER_CA = createServerIdentity(['localhost'], new Date()).caPem;

const trust = test.macro({
  exec: async (
    t,
    environment: TransportEnvironment,
    place: (caPem: string) => Readonly<Record<string, string>>,
    isTrusted: boolean,
  ) => {
    const stub = await startTlsStub(t);
    const logger = new TestLogger();
    const files = memoryFiles(place(stub.identity.caPem));
    const dependencies = { environment, files, logger, clock: systemClock, userAgent: 'test' };
    const transport = createTransport(dependencies);
    t.teardown(() => transport.close());
    const call = transport.send({
      method: 'GET',
      url: `https://localhost:${stub.port}/`,
      headers: {},
      signal: new AbortController().signal,
      route: 'stub',
      attempt: 1,
    });
    if (isTrusted) t.is((await call).status, 200);
    else await t.throwsAsync(call, { message: /is not accepted/ });
  },
  title: (title) => `authorities, ${title ?? ''}`,
});

test(
  'a private one in NODE_EXTRA_CA_CERTS, is trusted',
  trust,
  { NODE_EXTRA_CA_CERTS: '/extra.pem' },
  (ca: string) => ({ '/extra.pem': ca }),
  true,
);
test(
  'a private one in SSL_CERT_FILE, is trusted',
  trust,
  { SSL_CERT_FILE: '/file.pem' },
  (ca: string) => ({ '/file.pem': `# a comment\n${OTHER_CA}${ca}` }),
  true,
);
test(
  'a private one in the second folder of SSL_CERT_DIR, is trusted',
  trust,
  { SSL_CERT_DIR: '/one:/two' },
  (ca: string) => ({ '/one/a.pem': OTHER_CA, '/two/b.pem': ca, '/two/notes.txt': 'no certificate' }),
  true,
);
test(
  'a private one in the system bundle, is trusted',
  trust,
  {},
  (ca: string) => ({ '/etc/pki/tls/certs/ca-bundle.crt': ca }),
  true,
);
test(
  'a private one in the system bundle but SSL_CERT_FILE set, is not trusted',
  trust,
  { SSL_CERT_FILE: '/file.pem' },
  (ca: string) => ({ '/etc/ssl/certs/ca-certificates.crt': ca, '/file.pem': OTHER_CA }),
  false,
);
test(
  'a private one in the system bundle and NODE_EXTRA_CA_CERTS set, is trusted',
  trust,
  { NODE_EXTRA_CA_CERTS: '/extra.pem' },
  (ca: string) => ({ '/etc/ssl/certs/ca-certificates.crt': ca, '/extra.pem': OTHER_CA }),
  true,
);
test(
  'a private one after a broken one in a file, is trusted',
  trust,
  { SSL_CERT_FILE: '/file.pem' },
  (ca: string) => ({ '/file.pem': `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${ca}` }),
  true,
);
test('none anywhere, is not trusted', trust, {}, () => ({}), false);

test('authorities, a file that cannot be read, are a warning with its name', async (t) => {
  const logger = new TestLogger();
  const environment = { NODE_EXTRA_CA_CERTS: '/gone.pem', SSL_CERT_FILE: '/gone-too.pem', SSL_CERT_DIR: '/gone' };
  await loadSecureContext({ environment, files: memoryFiles(), logger });
  t.deepEqual(
    logger.lines.map(({ level, fields }) => [level, fields['variable'], fields['path']]),
    [
      ['warn', 'NODE_EXTRA_CA_CERTS', '/gone.pem'],
      ['warn', 'SSL_CERT_FILE', '/gone-too.pem'],
      ['warn', 'SSL_CERT_DIR', '/gone'],
    ],
  );
});

test('authorities, a broken certificate, are a warning', async (t) => {
  const logger = new TestLogger();
  const files = memoryFiles({ '/f.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' });
  await loadSecureContext({ environment: { SSL_CERT_FILE: '/f.pem' }, files, logger });
  t.deepEqual(logger.messages('warn'), ['certificate authority ignored: not a valid certificate']);
});

test('authorities, the system bundle being what Node has, are read without a word', async (t) => {
  const logger = new TestLogger();
  const files = memoryFiles({ '/etc/ssl/certs/ca-certificates.crt': rootCertificates.join('\r\n') });
  await loadSecureContext({ environment: {}, files, logger });
  t.deepEqual(logger.lines, []);
  t.deepEqual(files.read, ['/etc/ssl/certs/ca-certificates.crt']);
});

test('authorities, before the first call, are not read', async (t) => {
  const files = memoryFiles();
  const environment = { SSL_CERT_FILE: '/f.pem' };
  createTransport({ environment, files, logger: new TestLogger(), clock: systemClock, userAgent: 'test' });
  t.deepEqual(files.read, []);
});
