/** A certificate authority of the emulator's own, and one certificate for all host names that it answers for. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
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

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const DAY_MS = 86_400_000;

export interface ServerIdentity {
  /** The authority's certificate: what a client must trust. */
  readonly caPem: string;
  /** The server's certificate followed by the authority's. */
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/**
 * Makes a fresh authority and a certificate signed by it (EC P-256), valid from a day before to ten years after `now`.
 * @param hostNames DNS names, wildcards allowed, for example `*.vault.azure.net`.
 * @param serverKeyType `rsa` (2048 bits, slower to make) for those who take no other.
 */
export function createServerIdentity(
  hostNames: readonly string[],
  now: Date,
  serverKeyType: 'ec' | 'rsa' = 'ec',
): ServerIdentity {
  const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serverKeys =
    serverKeyType === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const authorityName = 'Azure emulator authority';
  const authorityKeyId = keyIdentifier(authorityKeys.publicKey);
  const authority = signCertificate({
    subject: authorityName,
    issuer: authorityName,
    publicKey: authorityKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    now,
    extensions: [
      extension(OID.basicConstraints, derSequence(derTrue), true),
      // keyCertSign and cRLSign.
      extension(OID.keyUsage, derBitString(Buffer.from([0x06]), 1), true),
      extension(OID.subjectKeyIdentifier, derOctetString(authorityKeyId)),
    ],
  });
  const server = signCertificate({
    subject: 'Azure emulator',
    issuer: authorityName,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    now,
    extensions: [
      extension(OID.basicConstraints, derSequence(), true),
      // digitalSignature.
      extension(OID.keyUsage, derBitString(Buffer.from([0x80]), 7), true),
      extension(OID.extendedKeyUsage, derSequence(derObjectIdentifier(OID.serverAuth))),
      extension(OID.authorityKeyIdentifier, derSequence(derContext(0, authorityKeyId, 'primitive'))),
      extension(OID.subjectKeyIdentifier, derOctetString(keyIdentifier(serverKeys.publicKey))),
      // dNSName is [2] IA5String.
      extension(
        OID.subjectAltName,
        derSequence(...hostNames.map((name) => derContext(2, Buffer.from(name, 'latin1'), 'primitive'))),
      ),
    ],
  });
  return {
    caPem: toPem(authority),
    certificatePem: toPem(server) + toPem(authority),
    privateKeyPem: serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface CertificateRequest {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly now: Date;
  readonly extensions: readonly Buffer[];
}

function signCertificate(request: CertificateRequest): Buffer {
  const algorithm = derSequence(derObjectIdentifier(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  // A first byte in 0x40..0x7f keeps the number positive and of full length.
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  const body = derSequence(
    derContext(0, derInteger(Buffer.from([2])), 'constructed'),
    derInteger(serial),
    algorithm,
    distinguishedName(request.issuer),
    derSequence(
      derTime(new Date(request.now.getTime() - DAY_MS)),
      derTime(new Date(request.now.getTime() + 3650 * DAY_MS)),
    ),
    distinguishedName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    derContext(3, derSequence(...request.extensions), 'constructed'),
  );
  return derSequence(body, algorithm, derBitString(sign('sha256', body, request.signingKey)));
}

function distinguishedName(commonName: string): Buffer {
  return derSequence(derSet(derSequence(derObjectIdentifier(OID.commonName), derUtf8String(commonName))));
}

function extension(identifier: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [derTrue] : [];
  return derSequence(derObjectIdentifier(identifier), ...critical, derOctetString(value));
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
