/**
 * Our TLS identity: a fresh key and a self-signed certificate per process, which the host takes as its only root.
 * Node can read certificates but not make them, hence the writer (docs/decisions/0001-own-certificate-writer.md).
 * Source: go-plugin, mtls.go.
 */
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { errorMessage, HandshakeError } from '../errors.ts';
import {
  derBitString,
  derContext,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
  derTime,
  derTrue,
  derUtf8String,
} from './der.ts';

/** Key and certificate, used as the server's and, on brokered connections, as the caller's. */
export interface TlsIdentity {
  readonly certificateDer: Buffer;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Hosts check this name and no other. */
const HOST_NAME = 'localhost';
/** Clocks of containers may differ a little. */
const BACKDATE_MS = 30_000;
/** 262,980 hours: about thirty years, as the host's own certificate; the process ends long before. */
const LIFETIME_MS = 262_980 * 3_600_000;

const Oid = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  organizationName: '2.5.4.10',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  basicConstraints: '2.5.29.19',
  subjectAltName: '2.5.29.17',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Makes a P-256 key (P-521, as hosts use, costs several times as much) and its certificate, valid from `now`. */
export function createTlsIdentity(now: Date): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = derSequence(derObjectIdentifier(Oid.ecdsaWithSha256));
  const toBeSigned = certificateBody(now, algorithm, publicKey.export({ type: 'spki', format: 'der' }));
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificateDer = derSequence(toBeSigned, algorithm, derBitString(signature));
  return {
    certificateDer,
    certificatePem: toPem('CERTIFICATE', certificateDer),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/**
 * TLS would take an unreadable root for no root at all, and the host would only see its own certificate refused.
 * @throws HandshakeError when `hostCertificatePem` is no certificate.
 */
export function checkHostCertificate(hostCertificatePem: string): void {
  try {
    new X509Certificate(hostCertificatePem);
  } catch (error) {
    throw new HandshakeError(`the host's certificate cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}

function certificateBody(now: Date, algorithm: Buffer, publicKeyInfo: Buffer): Buffer {
  const version3 = derContext(0, derInteger(Uint8Array.from([2])), 'constructed');
  const name = derSequence(
    nameAttribute(Oid.organizationName, 'vault-plugin-azure'),
    nameAttribute(Oid.commonName, HOST_NAME),
  );
  const validity = derSequence(
    derTime(new Date(now.getTime() - BACKDATE_MS)),
    derTime(new Date(now.getTime() + LIFETIME_MS)),
  );
  return derSequence(
    version3,
    derInteger(randomBytes(16)),
    algorithm,
    name,
    validity,
    name,
    publicKeyInfo,
    derContext(3, extensions(), 'constructed'),
  );
}

function nameAttribute(type: string, value: string): Buffer {
  return derSet(derSequence(derObjectIdentifier(type), derUtf8String(value)));
}

function extensions(): Buffer {
  // digitalSignature, keyEncipherment, keyAgreement, keyCertSign: bits 0, 2, 4, 5. Go refuses a wrong count of unused
  // bits.
  const keyUsage = derBitString(Uint8Array.from([0b1010_1100]), 2);
  const extendedKeyUsage = derSequence(derObjectIdentifier(Oid.serverAuth), derObjectIdentifier(Oid.clientAuth));
  const basicConstraints = derSequence(derTrue);
  const subjectAltName = derSequence(derContext(2, Buffer.from(HOST_NAME, 'ascii'), 'primitive'));
  return derSequence(
    derSequence(derObjectIdentifier(Oid.keyUsage), derTrue, derOctetString(keyUsage)),
    derSequence(derObjectIdentifier(Oid.extendedKeyUsage), derOctetString(extendedKeyUsage)),
    derSequence(derObjectIdentifier(Oid.basicConstraints), derTrue, derOctetString(basicConstraints)),
    derSequence(derObjectIdentifier(Oid.subjectAltName), derOctetString(subjectAltName)),
  );
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
