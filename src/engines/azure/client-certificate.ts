/** The certificate, with its private key, that the engine logs in with: what is accepted, and what of it may be shown. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { InvalidRequestError } from '../../errors.ts';
import { parseTime } from '../../util/rfc3339.ts';

/** A certificate with a long chain has some ten KiB. */
const MAX_PEM_LENGTH = 32 * 1024;
/** What Microsoft's library signs with at least. */
const MIN_KEY_BITS = 2048;

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const KEY_LABELS: readonly string[] = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'];

/** What a read of `config` shows of a certificate. */
export interface CertificateDescription {
  /** SHA-1 of the certificate, as Azure shows it, for example `0F3C…`. */
  readonly thumbprint: string;
  readonly expiresAt: Date;
}

/**
 * Checks what an operator has written: one private key (RSA, not encrypted), the certificate that belongs to it and is
 * valid `now`, and perhaps others of its chain, in any order.
 * @returns the same as PEM in the order key, its certificate, chain.
 * @throws InvalidRequestError with the problem and the remedy. Quotes nothing of the text.
 */
export function parseClientCertificate(text: string, now: Date): string {
  if (text.length > MAX_PEM_LENGTH) throw refuse(`is longer than ${MAX_PEM_LENGTH / 1024} KiB`);
  const blocks = [...text.matchAll(PEM_BLOCK)].map(([block, label = '']) => ({ block, label }));
  if (blocks.some(({ block, label }) => label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(block))) {
    throw refuse('has an encrypted private key: decrypt it first, for example with openssl pkey');
  }
  const [keyBlock, ...moreKeys] = blocks.filter(({ label }) => KEY_LABELS.includes(label));
  const certificateBlocks = blocks.filter(({ label }) => label === 'CERTIFICATE');
  if (keyBlock === undefined || moreKeys.length > 0 || certificateBlocks.length === 0) {
    throw refuse('must be PEM text with one private key and its certificate, for example client_certificate=@file.pem');
  }
  const key = readKey(keyBlock.block);
  const certificates = certificateBlocks.map(({ block }) => readCertificate(block));
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw refuse('has a private key that belongs to none of its certificates');
  checkPeriod(own, now);
  const chain = certificates.filter((certificate) => certificate !== own);
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return [keyPem, ...[own, ...chain].map((certificate) => certificate.toString())]
    .map((pem) => `${pem.trim()}\n`)
    .join('');
}

/** Of a stored one; `undefined` when there is none, or it cannot be read. */
export function describeClientCertificate(pem: string): CertificateDescription | undefined {
  if (pem === '') return undefined;
  try {
    const certificate = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----')));
    const expiresAt = parseCertificateTime(certificate.validTo);
    if (expiresAt === undefined) return undefined;
    return { thumbprint: certificate.fingerprint.replaceAll(':', ''), expiresAt };
  } catch {
    return undefined;
  }
}

function readKey(block: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(block);
  } catch (error) {
    throw refuse('has a private key that cannot be read', error);
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw refuse('must have an RSA key: logins to Entra ID are not signed with keys of other kinds');
  }
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_KEY_BITS) {
    throw refuse(`must have an RSA key of ${MIN_KEY_BITS} bits or more`);
  }
  return key;
}

function readCertificate(block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (error) {
    throw refuse('has a certificate that cannot be read', error);
  }
}

function checkPeriod({ validFrom, validTo }: X509Certificate, now: Date): void {
  const [from, to] = [parseCertificateTime(validFrom), parseCertificateTime(validTo)];
  if (to === undefined || to <= now) throw refuse(`has expired (${validTo}): write one that is valid`);
  if (from === undefined || from > now) throw refuse(`is not valid yet (from ${validFrom} on)`);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** As Node prints times of certificates, for example `Nov  7 07:12:48 2027 GMT`. */
const CERTIFICATE_TIME = /^(\w{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4}) GMT$/;

function parseCertificateTime(text: string): Date | undefined {
  const [, monthName = '', day = '', time = '', year = ''] = CERTIFICATE_TIME.exec(text) ?? [];
  const month = String(MONTHS.indexOf(monthName) + 1).padStart(2, '0');
  return parseTime(`${year}-${month}-${day.padStart(2, '0')}T${time}Z`);
}

function refuse(problem: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError(`client_certificate ${problem}`, { cause });
}
