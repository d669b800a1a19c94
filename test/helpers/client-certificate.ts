/** Certificates for an application to log in with. */
import { X509Certificate } from 'node:crypto';
import { createServerIdentity } from '../emulator/server/certificates.ts';
import type { StartedEmulator } from '../emulator/index.ts';

export interface TestCertificate {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  /** Of the authority that signed it. */
  readonly authorityPem: string;
  /** Upper-case hex, as Azure shows it. */
  readonly thumbprint: string;
  readonly expiresAt: Date;
}

/** Valid from a day before to ten years after `now`. */
export function createTestCertificate(now: Date, keyType: 'rsa' | 'ec' = 'rsa'): TestCertificate {
  const { certificatePem: both, privateKeyPem, caPem } = createServerIdentity(['operator'], now, keyType);
  const certificatePem = both.slice(0, both.indexOf('-----END CERTIFICATE-----')) + '-----END CERTIFICATE-----\n';
  const certificate = new X509Certificate(certificatePem);
  return {
    privateKeyPem,
    certificatePem,
    authorityPem: caPem,
    thumbprint: certificate.fingerprint.replaceAll(':', ''),
    expiresAt: new Date(certificate.validTo),
  };
}

/** Uploads it to the application of `clientId`, by default the operator's. */
export function uploadCertificate(
  emulator: StartedEmulator,
  { certificatePem, expiresAt }: TestCertificate,
  clientId: string = emulator.clientId,
): void {
  const { applications } = emulator.state();
  const application = [...applications.list()].find(({ appId }) => appId === clientId);
  if (application === undefined) throw new Error('no application');
  const certificate = new X509Certificate(certificatePem);
  const key = {
    keyId: certificate.serialNumber,
    displayName: 'operator',
    startAt: new Date(certificate.validFrom),
    endAt: expiresAt,
    certificate: certificate.raw,
  };
  applications.put({ ...application, keys: [...application.keys, key] });
}
