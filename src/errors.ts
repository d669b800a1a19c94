/**
 * The errors of the plugin and what each means to the host. Converted to the wire in one place
 * (`bridge/proto-error.ts`) and from Azure's SDKs in one place (`azure/errors.ts`). Codes are listed in
 * docs/errors.md and never reused.
 */

/** Base of every error we throw on purpose. `message` is safe to show to an API user: no secrets, ever. */
export abstract class PluginError extends Error {
  /** Stable literal, for example `ERR_INVALID_REQUEST`. */
  abstract readonly code: string;
}

/** The user's mistake. Answered as 400 with the text; nothing was stored and nothing was called. */
export class InvalidRequestError extends PluginError {
  override readonly name = 'InvalidRequestError';
  readonly code = 'ERR_INVALID_REQUEST';
}

/** No path matches. Answered as 404 with the host's fixed text `unsupported path`. */
export class UnsupportedPathError extends PluginError {
  override readonly name = 'UnsupportedPathError';
  readonly code = 'ERR_UNSUPPORTED_PATH';
  constructor(message = 'unsupported path') {
    super(message);
  }
}

/** The path exists, the operation on it does not. Answered as 405 with the host's fixed text. */
export class UnsupportedOperationError extends PluginError {
  override readonly name = 'UnsupportedOperationError';
  readonly code = 'ERR_UNSUPPORTED_OPERATION';
  constructor(message = 'unsupported operation') {
    super(message);
  }
}

/** Refused. Answered as 403 with the text. */
export class PermissionDeniedError extends PluginError {
  override readonly name = 'PermissionDeniedError';
  readonly code = 'ERR_PERMISSION_DENIED';
}

/** An answer that needs a certain HTTP status. Answered as that status with the text. */
export class CodedError extends PluginError {
  override readonly name = 'CodedError';
  readonly code = 'ERR_CODED';
  /** HTTP status, for example 409. */
  readonly httpStatus: number;
  constructor(httpStatus: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.httpStatus = httpStatus;
  }
}

/** Anything that is nobody's mistake but ours or the environment's. Answered as 500 with the text. */
export class InternalError extends PluginError {
  override readonly name = 'InternalError';
  readonly code = 'ERR_INTERNAL';
}

/**
 * Host storage refused or failed. The host's text is kept verbatim in `message`, because hosts forward a request to
 * the active node when the text contains `cannot write to readonly storage`.
 */
export class StorageError extends PluginError {
  override readonly name = 'StorageError';
  readonly code = 'ERR_STORAGE';
}

/** The host (edition, version) does not have the feature that was asked of it. */
export class NotSupportedByHostError extends PluginError {
  override readonly name = 'NotSupportedByHostError';
  readonly code = 'ERR_NOT_SUPPORTED_BY_HOST';
}

/** The caller went away or the mount is closing. Answered as gRPC status 1 (CANCELLED). */
export class CancelledError extends PluginError {
  override readonly name = 'CancelledError';
  readonly code = 'ERR_CANCELLED';
  constructor(message = 'request cancelled', options?: ErrorOptions) {
    super(message, options);
  }
}

/** The request's time is used up. Answered as 500 with the text that says which step was running. */
export class DeadlineError extends PluginError {
  override readonly name = 'DeadlineError';
  readonly code = 'ERR_DEADLINE';
}

/** The host broke the plugin protocol, or the environment does not allow a start. Ends the process with status 1. */
export class HandshakeError extends PluginError {
  override readonly name = 'HandshakeError';
  readonly code = 'ERR_HANDSHAKE';
}

/** Something that cannot happen happened: a defect of ours. Answered as 500. */
export class InvariantError extends PluginError {
  override readonly name = 'InvariantError';
  readonly code = 'ERR_INVARIANT';
}

/** Which Azure service answered (or did not). */
export type AzureService = 'entra' | 'managedIdentity' | 'graph' | 'arm';

export interface AzureErrorFields {
  readonly service: AzureService;
  /** What was being done, in the words of a log line, for example `create application`. */
  readonly step: string;
  /** HTTP status; `undefined` when no answer came (network failure, timeout, cancelled). */
  readonly status: number | undefined;
  /** Azure's code, for example `Request_ResourceNotFound`, `AuthorizationFailed`, `AADSTS7000215`; '' when unknown. */
  readonly azureCode: string;
  /** Codes of nested details, for example `['NoBackingApplicationObject']`. */
  readonly detailCodes: readonly string[];
  /** Azure's own message, first line; '' when unknown. */
  readonly azureMessage: string;
  /** Azure's request id (Graph `request-id`, ARM `x-ms-request-id`, Entra `trace_id`); '' when unknown. */
  readonly requestId: string;
  /** From Retry-After; `undefined` when absent. */
  readonly retryAfterMs: number | undefined;
}

/**
 * A failed call to Azure. The message names step, status, code, Azure's message and request id, for example
 * `create application: 403 Authorization_RequestDenied: Insufficient privileges to complete the operation. (request id 1f…)`.
 * SDK errors never leave `azure/`; this is what they become.
 */
export class AzureError extends PluginError implements AzureErrorFields {
  override readonly name = 'AzureError';
  readonly code = 'ERR_AZURE';
  readonly service: AzureService;
  readonly step: string;
  readonly status: number | undefined;
  readonly azureCode: string;
  readonly detailCodes: readonly string[];
  readonly azureMessage: string;
  readonly requestId: string;
  readonly retryAfterMs: number | undefined;

  constructor(fields: AzureErrorFields, options?: ErrorOptions) {
    super(renderAzureError(fields), options);
    this.service = fields.service;
    this.step = fields.step;
    this.status = fields.status;
    this.azureCode = fields.azureCode;
    this.detailCodes = fields.detailCodes;
    this.azureMessage = fields.azureMessage;
    this.requestId = fields.requestId;
    this.retryAfterMs = fields.retryAfterMs;
  }

  /** Azure says that the object is not there: 404 of any kind. */
  get isNotFound(): boolean {
    return this.status === 404;
  }
}

function renderAzureError(fields: AzureErrorFields): string {
  const status = fields.status === undefined ? 'no answer' : String(fields.status);
  const code = fields.azureCode === '' ? '' : ` ${fields.azureCode}`;
  const text = fields.azureMessage === '' ? '' : `: ${fields.azureMessage}`;
  const requestId = fields.requestId === '' ? '' : ` (request id ${fields.requestId})`;
  return `${fields.step}: ${status}${code}${text}${requestId}`;
}

/** Several failures as one, rendered as the host renders its multi-errors. */
export class MultiError extends PluginError {
  override readonly name = 'MultiError';
  readonly code = 'ERR_MULTI';
  readonly errors: readonly Error[];
  constructor(errors: readonly Error[]) {
    const head = errors.length === 1 ? '1 error occurred:' : `${errors.length} errors occurred:`;
    super(`${head}\n${errors.map((error) => `\t* ${error.message}`).join('\n')}\n\n`);
    this.errors = errors;
  }
}

/** The message of anything thrown. Total: never throws. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : 'unknown error';
}

/** Anything thrown as an Error. Total: never throws. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new InternalError(errorMessage(thrown), { cause: thrown });
}
