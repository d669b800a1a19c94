/** Logins without a secret: a federated token, or an assertion signed with a registered certificate. */
import { constants, createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../json.ts';
import type { Application } from '../state/applications.ts';
import { EntraError } from './errors.ts';
import { splitJwt, type JwtParts } from './jwt.ts';
import type { TrustedIssuers } from './trusted-issuers.ts';

interface Assertion {
  readonly parts: JwtParts;
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly issuer: string;
  readonly subject: string;
}

/** Entra accepts assertions whose clock is off by five minutes. */
const CLOCK_SKEW_MS = 300_000;

/** What an assertion is judged by. */
export interface AssertionContext {
  readonly trustedIssuers: TrustedIssuers;
  /** Of an assertion that the application has signed itself: the endpoint that it is sent to. */
  readonly audiences: readonly string[];
  readonly nowMs: number;
}

/** @throws EntraError when the assertion does not prove to be `application`. */
export function checkClientAssertion(
  text: string,
  application: Application,
  { trustedIssuers, audiences, nowMs }: AssertionContext,
): void {
  const assertion = parseAssertion(text);
  checkTimes(assertion, nowMs);
  const isOwnAssertion = assertion.issuer.toLowerCase() === application.appId.toLowerCase();
  if (isOwnAssertion) checkCertificateAssertion(assertion, application, audiences, nowMs);
  else checkFederatedAssertion(assertion, application, trustedIssuers);
}

function parseAssertion(text: string): Assertion {
  const parts = splitJwt(text);
  const header = parseObject(parts?.header);
  const claims = parseObject(parts?.payload);
  if (parts === undefined || header === undefined || claims === undefined) {
    throw new EntraError(401, 'invalid_client', 50027, 'JWT token is invalid or malformed.');
  }
  return { parts, header, claims, issuer: readText(claims['iss']), subject: readText(claims['sub']) };
}

function parseObject(text: string | undefined): JsonObject | undefined {
  try {
    const value = parseJson(text ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function checkTimes(assertion: Assertion, nowMs: number): void {
  const { exp, nbf } = assertion.claims;
  const hasEnded = typeof exp !== 'number' || exp * 1000 + CLOCK_SKEW_MS < nowMs;
  const hasBegun = typeof nbf !== 'number' || nbf * 1000 - CLOCK_SKEW_MS <= nowMs;
  if (hasEnded || !hasBegun) {
    const times = [nowMs, ...[nbf, exp].map((seconds) => Number(seconds ?? 0) * 1000)].map((ms) =>
      new Date(ms).toISOString(),
    );
    const message = `Client assertion is not within its valid time range. Current time: ${times[0]}, assertion valid from ${times[1]}, expiry time of assertion ${times[2]}.`;
    throw new EntraError(401, 'invalid_client', 700024, message);
  }
}

function checkFederatedAssertion(assertion: Assertion, application: Application, trustedIssuers: TrustedIssuers): void {
  const { issuer, subject } = assertion;
  const audiences = [assertion.claims['aud'] ?? []].flat().map(readText);
  const sameIssuer = application.federatedCredentials.filter((credential) => credential.issuer === issuer);
  if (sameIssuer.length === 0) {
    const message = `No matching federated identity record found for presented assertion issuer '${issuer}'.`;
    throw new EntraError(401, 'invalid_client', 700211, message);
  }
  const sameSubject = sameIssuer.filter((credential) => credential.subject === subject);
  if (sameSubject.length === 0) {
    const message = `No matching federated identity record found for presented assertion subject '${subject}'.`;
    throw new EntraError(401, 'invalid_client', 700213, message);
  }
  if (!sameSubject.some((credential) => credential.audiences.some((audience) => audiences.includes(audience)))) {
    const message = `No matching federated identity record found for presented assertion audience '${audiences.join(' ')}'.`;
    throw new EntraError(401, 'invalid_client', 700212, message);
  }
  const keys = trustedIssuers.keysOf(issuer);
  if (keys !== undefined && !keys.some((key) => isSignedBy(assertion, key))) throw badSignature();
}

function checkCertificateAssertion(
  assertion: Assertion,
  { appId, keys }: Application,
  audiences: readonly string[],
  nowMs: number,
): void {
  if (assertion.subject.toLowerCase() !== appId.toLowerCase()) {
    throw new EntraError(401, 'invalid_client', 700021, 'Client assertion application identifier does not match.');
  }
  if (!audiences.includes(readText(assertion.claims['aud']))) {
    throw new EntraError(401, 'invalid_client', 700023, 'Client assertion audience claim does not match Realm issuer.');
  }
  const sha1 = assertion.header['x5t'];
  const sha256 = assertion.header['x5t#S256'];
  const key = keys.find(
    ({ certificate }) => thumbprint(certificate, 'sha1') === sha1 || thumbprint(certificate, 'sha256') === sha256,
  );
  if (key === undefined) {
    const message = 'The certificate with the thumbprint of the client assertion is not registered on the application.';
    throw new EntraError(401, 'invalid_client', 700027, message);
  }
  if (key.endAt.getTime() <= nowMs) {
    throw new EntraError(401, 'invalid_client', 700027, 'The key used to sign the client assertion is expired.');
  }
  if (!isSignedBy(assertion, new X509Certificate(key.certificate).publicKey)) throw badSignature();
}

function thumbprint(certificate: Buffer, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(certificate).digest('base64url');
}

function isSignedBy(assertion: Assertion, key: KeyObject): boolean {
  const signed = Buffer.from(assertion.parts.signedText);
  const { signature } = assertion.parts;
  switch (assertion.header['alg']) {
    case 'RS256':
      return key.asymmetricKeyType === 'rsa' && verify('sha256', signed, key, signature);
    case 'PS256': {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return key.asymmetricKeyType === 'rsa' && verify('sha256', signed, { key, padding, saltLength }, signature);
    }
    case 'ES256':
      return key.asymmetricKeyType === 'ec' && verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    default:
      return false;
  }
}

function badSignature(): EntraError {
  return new EntraError(401, 'invalid_client', 700027, 'Client assertion failed signature validation.');
}
