/** Password credentials: how one is made, shown and checked. They live in an application's or a principal's record. */
import type { SeededRandom } from '../random.ts';

export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startAt: Date;
  readonly endAt: Date;
  readonly secretText: string;
}

export interface PasswordRequest {
  readonly displayName: string | null;
  /** null: now. */
  readonly startAt: Date | null;
  /** null: two years after the start. */
  readonly endAt: Date | null;
}

export function createPassword(request: PasswordRequest, random: SeededRandom, now: Date): PasswordCredential {
  const startAt = request.startAt ?? now;
  return {
    keyId: random.uuid(),
    displayName: request.displayName,
    startAt,
    endAt: request.endAt ?? addYears(startAt, 2),
    secretText: random.secretText(),
  };
}

function addYears(time: Date, years: number): Date {
  const later = new Date(time);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}

/** The first three characters, as Graph shows them. */
export function readHint(password: PasswordCredential): string {
  return password.secretText.slice(0, 3);
}

/** Graph's shape. The secret is null except in the answer that creates it. */
export function encodePassword(password: PasswordCredential, shows: 'secret' | 'hintOnly'): object {
  return {
    customKeyIdentifier: null,
    displayName: password.displayName,
    endDateTime: password.endAt.toISOString(),
    hint: readHint(password),
    keyId: password.keyId,
    secretText: shows === 'secret' ? password.secretText : null,
    startDateTime: password.startAt.toISOString(),
  };
}

export type PasswordVerdict = 'valid' | 'wrong' | 'expired';

/** Whether one of `passwords` is `secret` and in force; a future start date counts as wrong, as Entra answers it. */
export function judgeSecret(passwords: readonly PasswordCredential[], secret: string, nowMs: number): PasswordVerdict {
  const matches = passwords.filter((password) => password.secretText === secret && password.startAt.getTime() <= nowMs);
  if (matches.length === 0) return 'wrong';
  return matches.some((password) => password.endAt.getTime() > nowMs) ? 'valid' : 'expired';
}
