/**
 * What a failed call means to a procedure that wonders whether to repeat it. Pure: decided on service, status, codes
 * and on whether the request left this machine; on Azure's words only where Azure sends nothing else, in `says`.
 */
import type { AzureError } from '../errors.ts';
import { TransportError } from './transport-error.ts';

/** Worth repeating as it is: throttled, overloaded, down, or no answer for a reason that can pass. */
export function isTransient(error: AzureError): boolean {
  if (error.status === undefined) return !(error.cause instanceof TransportError && error.cause.isPermanent);
  if (error.service === 'managedIdentity' && isStartingUp(error.status)) return true;
  return error.status === 429 || isServerFailure(error.status) || isConcurrencyViolation(error);
}

/** The engine's own login failed, so that nothing was asked of Graph or ARM. */
export function isLoginFailure(error: AzureError): boolean {
  return error.service === 'entra' || error.service === 'managedIdentity';
}

/** What the platform's metadata service answers while it is updated; Microsoft asks callers to try again. */
function isStartingUp(status: number): boolean {
  return status === 404 || status === 410;
}

/** The call may have been done all the same: look for its result before doing it again. */
export function isAmbiguous(error: AzureError): boolean {
  if (isLoginFailure(error)) return false;
  if (error.status === undefined) return !(error.cause instanceof TransportError) || error.cause.wasSent;
  // Below 300: done, but the answer was of no use.
  return error.status < 300 || isServerFailure(error.status);
}

/** Nobody has said the last word: what was asked for may be done even after this. */
export function mayArriveLate(error: AzureError): boolean {
  const isUnanswered = error.status === undefined || error.status === 408 || error.status === 504;
  return isUnanswered && isAmbiguous(error);
}

/** 501 and 505 are refusals: the method or protocol is not known there. */
function isServerFailure(status: number): boolean {
  return status === 408 || (status >= 500 && status !== 501 && status !== 505);
}

/**
 * Graph or ARM says that the object is not there. A login is no such word (metadata endpoints answer 404 while they
 * start), nor is an answer without a code of theirs: something between us and them wrote it.
 */
export function isGone(error: AzureError): boolean {
  return error.status === 404 && !isLoginFailure(error) && error.azureCode !== '';
}

/** Entra ID does not know the secret: it is wrong, or so new that this front end has not heard of it. */
export function isSecretUnknown(error: AzureError): boolean {
  return error.service === 'entra' && error.azureCode === 'AADSTS7000215';
}

/** Azure asks for fewer calls. */
export function isThrottled(error: AzureError): boolean {
  return error.status === 429;
}

/** Two writes met in one directory object. Azure uses both statuses. */
export function isConcurrencyViolation(error: AzureError): boolean {
  return (error.status === 409 || error.status === 503) && hasCode(error, 'Directory_ConcurrencyViolation');
}

/**
 * For an object made a moment ago: the replica that was asked does not know it yet. For an older object a 404 means
 * that it is gone; the caller knows which it is.
 */
export function isReplicationLag(error: AzureError): boolean {
  if (error.service === 'arm') return error.status === 400 && hasCode(error, 'PrincipalNotFound');
  if (error.service !== 'graph') return false;
  return (
    (error.status === 404 && hasCode(error, 'Request_ResourceNotFound')) ||
    (error.status === 400 && hasCode(error, 'NoBackingApplicationObject'))
  );
}

/**
 * A service principal is refused with 403 because its young application is not known everywhere. The code is that of
 * missing rights, so the words decide.
 */
export function isBackingApplicationNotReplicated(error: AzureError): boolean {
  return error.service === 'graph' && error.status === 403 && says(error, /backing application .* local tenant/i);
}

/** No password with that key id on the replica that was asked: removed before, or too young. Azure has no code for it. */
export function isPasswordMissing(error: AzureError): boolean {
  return (
    error.service === 'graph' &&
    (error.status === 400 || error.status === 404) &&
    says(error, /no password credential found/i)
  );
}

/** The application holds as many passwords as it can. The code of a full object has changed over the years. */
export function isPasswordLimit(error: AzureError): boolean {
  if (error.service !== 'graph' || (error.status !== 400 && error.status !== 403)) return false;
  return (
    hasCode(error, 'TooManyAppPasswords') ||
    hasCode(error, 'Directory_ResourceSizeExceeded') ||
    says(error, /size of the object has exceeded its limit/i)
  );
}

/** The application takes two passwords at most, since personal accounts may sign in to it. */
export function isTwoPasswordLimit(error: AzureError): boolean {
  return isPasswordLimit(error) && hasCode(error, 'TooManyAppPasswords');
}

/** Entra ID cannot make a token for what was asked; the secret was not even looked at, or is right. */
export function isScopeRefused(error: AzureError): boolean {
  return error.service === 'entra' && error.status === 400 && SCOPE_CODES.has(error.azureCode);
}

/** The group has that member already. Azure has no code for it. */
export function isAlreadyMember(error: AzureError): boolean {
  return error.service === 'graph' && error.status === 400 && says(error, /added object references already exist/i);
}

/** The principal has that role at that scope already, by an assignment of another id. */
export function isAssignedAlready(error: AzureError): boolean {
  return error.service === 'arm' && error.status === 409 && hasCode(error, 'RoleAssignmentExists');
}

/** This tenant or cloud makes no password in the request that creates the application; other refusals are no reason. */
export function refusesPasswordAtCreation(error: AzureError): boolean {
  return (
    error.service === 'graph' &&
    error.status === 400 &&
    error.azureCode === 'Request_BadRequest' &&
    says(error, /password ?credential/i)
  );
}

/** Not a `/.default` scope, malformed, missing, of an unknown resource, of several resources. */
const SCOPE_CODES: ReadonlySet<string> = new Set([
  'AADSTS1002012',
  'AADSTS70011',
  'AADSTS900144',
  'AADSTS500011',
  'AADSTS28000',
]);

function hasCode(error: AzureError, code: string): boolean {
  return error.azureCode === code || error.detailCodes.includes(code);
}

/** The only place that looks at Azure's words. */
function says(error: AzureError, fragment: RegExp): boolean {
  return fragment.test(error.azureMessage);
}
