/** The outer form of a JSON Web Token. */

export interface JwtParts {
  /** JSON text. */
  readonly header: string;
  /** JSON text. */
  readonly payload: string;
  /** What the signature covers. */
  readonly signedText: string;
  readonly signature: Buffer;
}

const JWT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** @returns `undefined` when `token` has not three base64url parts. */
export function splitJwt(token: string): JwtParts | undefined {
  const match = JWT.exec(token);
  if (match === null) return undefined;
  const [, header = '', payload = '', signature = ''] = match;
  return {
    header: Buffer.from(header, 'base64url').toString('utf8'),
    payload: Buffer.from(payload, 'base64url').toString('utf8'),
    signedText: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

export function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
