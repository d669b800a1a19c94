/** Public keys of outside issuers, so that federated assertions are checked in full instead of by shape. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

export class TrustedIssuers {
  readonly #keys = new Map<string, readonly KeyObject[]>();

  /** From now on assertions of `issuer` must be signed by one of `keys`. */
  trust(issuer: string, keys: readonly JsonWebKey[]): void {
    this.#keys.set(
      issuer,
      keys.map((key) => createPublicKey({ key, format: 'jwk' })),
    );
  }

  /** @returns `undefined` for an issuer whose keys are not known: its signatures are not checked. */
  keysOf(issuer: string): readonly KeyObject[] | undefined {
    return this.#keys.get(issuer);
  }
}
