/** Rules about the secret that the plugin itself logs in with. */
import type { Application } from '../../azure/provider.ts';
import { InvalidRequestError } from '../../errors.ts';
import type { ConfigRecord } from './model-config.ts';
import type { EffectiveSettings } from './settings.ts';

/** Entra shows this much of a secret. */
const HINT_LENGTH = 3;

/** @throws InvalidRequestError when there is no stored secret in use that could be rotated. */
export function refuseUnrotatable(settings: EffectiveSettings): void {
  if (settings.isCredentialFromEnvironment) {
    throw new InvalidRequestError(
      'the credential comes from the server environment (AZURE_CLIENT_ID, AZURE_CLIENT_SECRET), which outranks the stored one: rotate it where it is set, or unset it and write client_id and client_secret to config',
    );
  }
  if (settings.credential.kind !== 'clientSecret') {
    throw new InvalidRequestError(
      'nothing to rotate: no client_secret is configured, the plugin logs in with a managed identity',
    );
  }
}

/**
 * The keys that go once a new secret is in force: the one that is ours, and a staged one that never came into force.
 * Ours is the stored key id if its hint fits the secret in use, else the only key whose hint fits, else none: a key
 * that somebody else may use is never removed unasked.
 */
export function keysToRetire(application: Application, config: ConfigRecord): string[] {
  const hint = config.clientSecret.slice(0, HINT_LENGTH);
  const { passwordCredentials } = application;
  const fitting = passwordCredentials.filter((password) => password.hint === hint);
  const stored = passwordCredentials.find(
    (password) => password.keyId === config.clientSecretKeyId && (password.hint === hint || password.hint === ''),
  );
  const [only, ...more] = fitting;
  const inUse = stored ?? (more.length === 0 ? only : undefined);
  const staged = passwordCredentials.find((password) => password.keyId === config.staged?.keyId);
  return [inUse, staged].flatMap((password) => (password === undefined ? [] : [password.keyId]));
}
