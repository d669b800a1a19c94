/** Somebody who signs identity tokens that Entra ID can be told to trust: a cluster, or the host itself. */
import { generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto';
import type { FederatedCredential } from '../emulator/state/applications.ts';
import type { StartedEmulator } from '../emulator/index.ts';

export interface IdentityTokenClaims {
  readonly audience: string;
  readonly ttlSeconds: number;
  readonly now: Date;
}

export class TokenIssuer {
  readonly issuer: string;
  readonly subject: string;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #count = 0;

  constructor(issuer = 'https://issuer.example', subject = 'system:serviceaccount:vault:vault') {
    this.issuer = issuer;
    this.subject = subject;
  }

  get publicKey(): JsonWebKey {
    return this.#keys.publicKey.export({ format: 'jwk' });
  }

  /** Each is different. */
  mint({ audience, ttlSeconds, now }: IdentityTokenClaims): string {
    const seconds = Math.floor(now.getTime() / 1000);
    this.#count += 1;
    const signed = [
      { alg: 'ES256', typ: 'JWT' },
      {
        iss: this.issuer,
        sub: this.subject,
        aud: audience,
        nbf: seconds,
        exp: seconds + ttlSeconds,
        jti: String(this.#count),
      },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const { privateKey } = this.#keys;
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}

/** Makes the tenant trust the issuer's tokens as the application of `clientId`, by default the operator's. */
export function trustTokenIssuer(
  emulator: StartedEmulator,
  issuer: TokenIssuer,
  audience: string,
  clientId: string = emulator.clientId,
): void {
  const { applications } = emulator.state();
  const application = [...applications.list()].find(({ appId }) => appId === clientId);
  if (application === undefined) throw new Error('no application');
  const credential: FederatedCredential = {
    id: `federated-${application.federatedCredentials.length}`,
    name: `federated-${application.federatedCredentials.length}`,
    issuer: issuer.issuer,
    subject: issuer.subject,
    audiences: [audience],
    description: null,
  };
  applications.put({ ...application, federatedCredentials: [...application.federatedCredentials, credential] });
  emulator.trustedIssuers.trust(issuer.issuer, [issuer.publicKey]);
}
