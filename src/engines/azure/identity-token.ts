/** The outer form of the tokens that other parties sign for us. Their content is Entra ID's to judge. */
import { isJsonObject, parseJson } from '../../util/json.ts';

const THREE_PARTS = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Three parts in base64url, header and payload JSON objects: a signed JSON Web Token, and nothing else. */
export function isIdentityToken(text: string): boolean {
  const [, header = '', payload = ''] = THREE_PARTS.exec(text) ?? [];
  return isEncodedObject(header) && isEncodedObject(payload);
}

function isEncodedObject(part: string): boolean {
  try {
    const bytes = Buffer.from(part, 'base64url');
    return part !== '' && isJsonObject(parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return false;
  }
}
