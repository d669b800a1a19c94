/** Access tokens of one credential, kept until shortly before they expire; callers at the same time share one login. */
import { AzureError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import { addMs } from '../util/rfc3339.ts';
import { throwIfAborted, untilAborted } from './abort.ts';
import type { AccessToken } from './credential.ts';
import { withStep } from './errors.ts';
import type { AzureCall } from './provider.ts';

export interface AccessTokens {
  /**
   * A token for `scope`, for example `https://graph.microsoft.com/.default`.
   * @throws AzureError (`entra`, step `log in to Entra ID to <step>`); cancellation of the call, which leaves the login
   * to the others that wait for it.
   */
  get(scope: string, call: AzureCall): Promise<string>;
  /** Forgets `accessToken` if it is still the one kept: a service has rejected it. */
  drop(scope: string, accessToken: string): void;
}

export interface AccessTokensDependencies {
  readonly clock: Clock;
  readonly logIn: (scope: string, call: AzureCall) => Promise<AccessToken>;
}

/** With less left a token is renewed, in the background while it is still good. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** With less left it is not used any more: the call has to arrive, and clocks differ. */
const UNUSABLE_BEFORE_MS = 60_000;
/** After a failed renewal in the background. */
const RENEWAL_PAUSE_MS = 30_000;

interface Entry {
  readonly token: AccessToken;
  readonly renewAfter: Date;
}

export function createAccessTokens(dependencies: AccessTokensDependencies): AccessTokens {
  return new CachedAccessTokens(dependencies);
}

class CachedAccessTokens implements AccessTokens {
  readonly #clock: Clock;
  readonly #logIn: AccessTokensDependencies['logIn'];
  readonly #entries = new Map<string, Entry>();
  readonly #logins = new Map<string, Promise<string>>();

  constructor({ clock, logIn }: AccessTokensDependencies) {
    this.#clock = clock;
    this.#logIn = logIn;
  }

  async get(scope: string, call: AzureCall): Promise<string> {
    throwIfAborted(call.signal);
    const entry = this.#entries.get(scope);
    const now = this.#clock.now();
    if (entry !== undefined && entry.token.expiresAt > addMs(now, UNUSABLE_BEFORE_MS)) {
      if (entry.renewAfter <= now) this.#renewInBackground(scope, entry);
      return entry.token.value;
    }
    try {
      return await untilAborted(this.#sharedLogin(scope), call.signal);
    } catch (thrown) {
      if (thrown instanceof AzureError) throw withStep(thrown, `${thrown.step} to ${call.step}`);
      throw thrown;
    }
  }

  drop(scope: string, accessToken: string): void {
    if (this.#entries.get(scope)?.token.value === accessToken) this.#entries.delete(scope);
  }

  #renewInBackground(scope: string, entry: Entry): void {
    this.#sharedLogin(scope).catch(() => {
      // The log has the call. The old token serves on meanwhile, unless it was dropped.
      if (this.#entries.get(scope) !== entry) return;
      this.#entries.set(scope, { ...entry, renewAfter: addMs(this.#clock.now(), RENEWAL_PAUSE_MS) });
    });
  }

  #sharedLogin(scope: string): Promise<string> {
    const underWay = this.#logins.get(scope);
    if (underWay !== undefined) return underWay;
    const login = this.#logInOnce(scope).finally(() => this.#logins.delete(scope));
    this.#logins.set(scope, login);
    return login;
  }

  async #logInOnce(scope: string): Promise<string> {
    // Not a caller's signal: others may wait for the same login. The transport's time limit ends it.
    const call = { signal: new AbortController().signal, step: 'log in to Entra ID' };
    const token = await this.#logIn(scope, call);
    this.#entries.set(scope, { token, renewAfter: addMs(token.expiresAt, -RENEW_BEFORE_MS) });
    return token.value;
  }
}
