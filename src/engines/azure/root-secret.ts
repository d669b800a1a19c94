/** Rules about the secret that the plugin itself logs in with. */
import type { Application } from '../../azure/provider.ts';
import { InvalidRequestError } from '../../errors.ts';
import { addMs } from '../../util/rfc3339.ts';
import { type ConfigRecord, DEFAULT_ROOT_PASSWORD_TTL_SECONDS } from './model-config.ts';
import type { AuthMethod, EffectiveSettings } from './settings.ts';

/** Entra shows this much of a secret. */
const HINT_LENGTH = 3;
/** The longest time after which a new secret was seen to be refused by some front end. */
const SECRET_SETTLES_MS = 15 * 60_000;

/** @throws InvalidRequestError when there is no stored secret in use that could be rotated. */
export function refuseUnrotatable({ credential, isCredentialFromEnvironment }: EffectiveSettings): void {
  if (credential.method !== 'client_secret') {
    throw new InvalidRequestError(
      `nothing to rotate: no client_secret is in use, the plugin logs in with ${NOT_ROTATED[credential.method]}`,
    );
  }
  if (isCredentialFromEnvironment) {
    throw new InvalidRequestError(
      'the credential comes from the server environment (AZURE_CLIENT_ID, AZURE_CLIENT_SECRET), which outranks the stored one: rotate it where it is set, or unset it and write client_id and client_secret to config',
    );
  }
}

const NOT_ROTATED: Readonly<Record<Exclude<AuthMethod, 'client_secret'>, string>> = {
  client_certificate: 'a certificate: write the next one to client_certificate before this one ends',
  identity_token_audience: 'identity tokens that the host mints for each login',
  federated_token_file: 'a token file, which whoever writes it keeps fresh',
  managed_identity: 'a managed identity, whose secret the platform keeps',
};

/** Keys that go once a new secret is in force. */
export interface KeysToRetire {
  /** The key in use, when it is known for sure: a key that somebody else may use is never removed unasked. */
  readonly inUse: string | undefined;
  /** One that never came into force. */
  readonly staged: string | undefined;
}

/** In use is the stored key id if its hint fits the secret, else the only key whose hint fits. */
export function keysToRetire(application: Application, config: ConfigRecord): KeysToRetire {
  const hint = config.clientSecret.slice(0, HINT_LENGTH);
  const { passwordCredentials } = application;
  const fitting = passwordCredentials.filter((password) => password.hint === hint);
  const stored = passwordCredentials.find(
    (password) => password.keyId === config.clientSecretKeyId && (password.hint === hint || password.hint === ''),
  );
  const [only, ...more] = fitting;
  const inUse = stored ?? (more.length === 0 ? only : undefined);
  const staged = passwordCredentials.find((password) => password.keyId === config.staged?.keyId);
  return { inUse: inUse?.keyId, staged: staged?.keyId };
}

/**
 * True for a secret that the engine made minutes ago: a front end of Entra ID that refuses it has not heard of it yet.
 * When it was made is not stored; its end and the configured life tell.
 */
export function isFreshRootSecret(config: ConfigRecord, now: Date): boolean {
  if (config.clientSecretKeyId === '' || config.rootPasswordExpiresAt === undefined) return false;
  const ttlSeconds = config.rootPasswordTtlSeconds || DEFAULT_ROOT_PASSWORD_TTL_SECONDS;
  const ageMs = now.getTime() - addMs(config.rootPasswordExpiresAt, -ttlSeconds * 1000).getTime();
  return ageMs >= -SECRET_SETTLES_MS && ageMs < SECRET_SETTLES_MS;
}
