/** What the directory allows about passwords: how many, how long, at all; and how a request for one is read. */
import type { JsonObject } from '../json.ts';
import type { EmulatorSettings } from '../settings.ts';
import type { PasswordRequest } from '../state/passwords.ts';
import { readText, readTime } from './call.ts';
import { badRequest, GraphError, objectTooLarge } from './errors.ts';

const DAY_MS = 86_400_000;
const TWO_YEARS_MS = 730 * DAY_MS;

/** @throws GraphError for a chosen secret, or a time that is none. */
export function readPasswordRequest(body: JsonObject): PasswordRequest {
  if (readText(body, 'secretText') !== undefined || readText(body, 'keyId') !== undefined) {
    throw badRequest('New password credentials must be generated with service actions.');
  }
  return {
    displayName: readText(body, 'displayName') ?? null,
    startAt: readTime(body, 'startDateTime') ?? null,
    endAt: readTime(body, 'endDateTime') ?? null,
  };
}

/** @throws GraphError when the tenant's policy or the request itself forbids this password. */
export function checkPasswordPolicy(request: PasswordRequest, settings: EmulatorSettings, now: Date): void {
  if (!settings.passwordsAllowed) {
    const message = "Credential type not allowed as per assigned policy 'Emulated policy'.";
    throw new GraphError(403, 'CredentialTypeNotAllowedAsPerAppPolicy', message);
  }
  const startMs = (request.startAt ?? now).getTime();
  const lifetimeMs = (request.endAt?.getTime() ?? startMs + TWO_YEARS_MS) - startMs;
  if (lifetimeMs <= 0) throw badRequest("The value of 'endDateTime' must be later than 'startDateTime'.");
  const limitDays = settings.maxPasswordLifetimeDays;
  if (limitDays !== null && lifetimeMs > limitDays * DAY_MS) {
    const message = "Credential lifetime exceeds the max value allowed as per assigned policy 'Emulated policy'.";
    throw new GraphError(400, 'CredentialInvalidLifetimeAsPerAppPolicy', message);
  }
}

/**
 * @param count passwords there would be.
 * @throws GraphError when that is too many.
 */
export function checkPasswordCount(count: number, hasPersonalAccounts: boolean, settings: EmulatorSettings): void {
  if (hasPersonalAccounts && count > 2) {
    const message = `Not allowed to add ${count} passwords. You can only add a maximum of 2 passwords.`;
    throw new GraphError(400, 'TooManyAppPasswords', message);
  }
  if (count > settings.quotas.passwordsPerApplication) throw objectTooLarge();
}

export function passwordNotFound(keyId: string): GraphError {
  return badRequest(`No password credential found with keyId ${keyId}.`);
}
