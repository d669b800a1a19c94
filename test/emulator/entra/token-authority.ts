/** Issues and checks access tokens: JWTs signed with ES256 by a key of the emulator's own. */
import { createHash, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { isJsonObject, parseJson, type JsonObject } from '../json.ts';
import { encodeJson, splitJwt } from './jwt.ts';

export interface AccessTokenClaims {
  /** The resource asked for, as the caller spelt it. */
  readonly audience: string;
  readonly tenantId: string;
  /** The application's client id. */
  readonly appId: string;
  /** The service principal's object id. */
  readonly objectId: string;
  /** App roles on the resource. */
  readonly roles: readonly string[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Checked tokens are remembered; more than this many and the memory starts afresh. */
const MEMORY_LIMIT = 10_000;

export class TokenAuthority {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #checked = new Map<string, AccessTokenClaims>();

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.#keyId = createHash('sha1')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64url');
  }

  /** The JSON Web Key Set that checks the tokens. */
  keySet(): object {
    return {
      keys: [{ ...this.#publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: this.#keyId }],
    };
  }

  issue(claims: AccessTokenClaims, tokenId: string): string {
    const issuedAt = Math.floor(claims.issuedAtMs / 1000);
    const issuer = `https://sts.windows.net/${claims.tenantId}/`;
    const header = encodeJson({ typ: 'JWT', alg: 'ES256', kid: this.#keyId, x5t: this.#keyId });
    const payload = encodeJson({
      aud: claims.audience,
      iss: issuer,
      iat: issuedAt,
      nbf: issuedAt,
      exp: Math.floor(claims.expiresAtMs / 1000),
      appid: claims.appId,
      appidacr: '1',
      idp: issuer,
      idtyp: 'app',
      oid: claims.objectId,
      ...(claims.roles.length > 0 && { roles: claims.roles }),
      sub: claims.objectId,
      tid: claims.tenantId,
      uti: tokenId,
      ver: '1.0',
    });
    const signature = sign('sha256', Buffer.from(`${header}.${payload}`), {
      key: this.#privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${header}.${payload}.${signature.toString('base64url')}`;
  }

  /** @returns `undefined` when the token is not one of this authority. Its time and audience are not looked at. */
  check(token: string): AccessTokenClaims | undefined {
    const known = this.#checked.get(token);
    if (known !== undefined) return known;
    const parts = splitJwt(token);
    if (parts === undefined) return undefined;
    const isOurs = verify(
      'sha256',
      Buffer.from(parts.signedText),
      { key: this.#publicKey, dsaEncoding: 'ieee-p1363' },
      parts.signature,
    );
    if (!isOurs) return undefined;
    const claims = readClaims(parts.payload);
    if (this.#checked.size >= MEMORY_LIMIT) this.#checked.clear();
    this.#checked.set(token, claims);
    return claims;
  }
}

function readClaims(payload: string): AccessTokenClaims {
  const parsed = parseJson(payload);
  const claims: JsonObject = isJsonObject(parsed) ? parsed : {};
  const text = (name: string): string => {
    const value = claims[name];
    return typeof value === 'string' ? value : '';
  };
  const { roles } = claims;
  return {
    audience: text('aud'),
    tenantId: text('tid'),
    appId: text('appid'),
    objectId: text('oid'),
    roles: Array.isArray(roles) ? roles.map(String) : [],
    issuedAtMs: Number(claims['iat']) * 1000,
    expiresAtMs: Number(claims['exp']) * 1000,
  };
}
