/** The token service's memory of failed logins: a retry within the set time fails without a fresh look. */
import { createHash } from 'node:crypto';
import type { EntraError } from './errors.ts';

interface Failure {
  readonly untilMs: number;
  readonly error: EntraError;
}

export class LoginFailures {
  readonly #failures = new Map<string, Failure>();

  /** The error to repeat, if the same login failed short enough ago. */
  find(appId: string, secret: string, nowMs: number): EntraError | undefined {
    const failure = this.#failures.get(keyOf(appId, secret));
    return failure !== undefined && nowMs < failure.untilMs ? failure.error : undefined;
  }

  remember(appId: string, secret: string, error: EntraError, untilMs: number): void {
    this.#failures.set(keyOf(appId, secret), { error, untilMs });
  }
}

function keyOf(appId: string, secret: string): string {
  return `${appId.toLowerCase()} ${createHash('sha256').update(secret).digest('hex')}`;
}
