/**
 * Errors to the wire: which error type, and whether an error response goes along, decides the HTTP status and whether
 * the API user sees the text. Total: whatever was thrown becomes an answer.
 * Source: Vault sdk/logical/response_util.go, sdk/plugin/pb/translation.go, vault/expiration.go.
 */
import {
  CancelledError,
  CodedError,
  InvalidRequestError,
  PermissionDeniedError,
  PluginError,
  StorageError,
  UnsupportedOperationError,
  UnsupportedPathError,
} from '../errors.ts';
import type { PartialMessage } from '../wire/codec.ts';
import type * as pb from '../wire/generated/pb.ts';
import { GrpcCode } from '../wire/service.ts';
import { createErrorResponse } from './translate-response.ts';

/** Values of `ProtoError.err_type` that are used. */
export const ErrorType = {
  unknown: 0,
  user: 1,
  coded: 3,
  unsupportedOperation: 5,
  unsupportedPath: 6,
  invalidRequest: 7,
  permissionDenied: 8,
} as const;

/** What was being served: hosts read errors differently for each. */
export type Occasion = 'setup' | 'initialize' | 'existenceCheck' | 'request' | 'revoke' | 'rollback';

export interface ReplyFailure {
  readonly kind: 'reply';
  readonly err: { readonly errType: number; readonly errMsg: string; readonly errCode?: bigint };
  /** On requests only. */
  readonly response: PartialMessage<pb.Response> | undefined;
}

export type Failure = ReplyFailure | { readonly kind: 'status'; readonly grpcCode: number; readonly message: string };

/** Never throws. */
export function toFailure(thrown: unknown, occasion: Occasion): Failure {
  const text = safeText(thrown);
  switch (occasion) {
    case 'setup':
      // Only the text travels.
      return reply(ErrorType.unknown, text);
    case 'revoke':
      // Types 5, 6, 7 and 10 make the lease irrevocable at once; type 0 is tried again.
      return reply(ErrorType.unknown, text);
    case 'rollback':
      // An error response is dropped by the host without a trace; type 0 is logged.
      return reply(ErrorType.unknown, text);
    case 'initialize':
      return thrown instanceof CancelledError ? cancelled(text) : reply(ErrorType.unknown, text);
    case 'existenceCheck':
      return toExistenceCheckFailure(thrown, text);
    case 'request':
      return toRequestFailure(thrown, text);
  }
}

function toExistenceCheckFailure(thrown: unknown, text: string): Failure {
  if (thrown instanceof CancelledError) return cancelled(text);
  // The only type whose text the user sees here.
  if (thrown instanceof InvalidRequestError) return reply(ErrorType.user, text);
  // The host goes on and lets the request itself fail.
  if (thrown instanceof UnsupportedPathError) return reply(ErrorType.unsupportedPath, text);
  return reply(ErrorType.unknown, text);
}

function toRequestFailure(thrown: unknown, text: string): Failure {
  if (thrown instanceof CancelledError) return cancelled(text);
  // Types 7 and 8 alone lose their text: the host puts its own.
  if (thrown instanceof InvalidRequestError) return reply(ErrorType.invalidRequest, text, createErrorResponse(text));
  if (thrown instanceof PermissionDeniedError) {
    return reply(ErrorType.permissionDenied, text, createErrorResponse(text));
  }
  if (thrown instanceof UnsupportedPathError) return reply(ErrorType.unsupportedPath, text);
  if (thrown instanceof UnsupportedOperationError) return reply(ErrorType.unsupportedOperation, text);
  // Without a response: with one the code would be lost.
  if (thrown instanceof CodedError) {
    return {
      kind: 'reply',
      err: { errType: ErrorType.coded, errMsg: text, errCode: toErrCode(thrown.httpStatus) },
      response: undefined,
    };
  }
  return reply(ErrorType.unknown, text);
}

function reply(errType: number, errMsg: string, response?: PartialMessage<pb.Response>): Failure {
  return { kind: 'reply', err: { errType, errMsg }, response };
}

function cancelled(message: string): Failure {
  return { kind: 'status', grpcCode: GrpcCode.cancelled, message };
}

/** Go's HTTP server panics on a status that is none. */
function toErrCode(httpStatus: number): bigint {
  return Number.isInteger(httpStatus) && httpStatus >= 400 && httpStatus <= 599 ? BigInt(httpStatus) : 500n;
}

/** A host that reads one of these takes the plugin for dead and starts it anew. */
const SHUTDOWN_TEXTS: ReadonlySet<string> = new Set(['connection is shut down', 'plugin is shut down']);

/** A host that reads one of these, alone, picks a status by it. Source: Vault sdk/logical/response_util.go. */
const STATUS_TEXTS: ReadonlySet<string> = new Set([
  'upstream rate limited',
  'rate limit quota exceeded',
  'lease count quota exceeded',
  'required index state not present',
  'functionality on this path has been removed',
  'relative paths not supported',
  'invalid credentials',
  'permission denied',
  'invalid request',
]);

/**
 * A text for the wire: never empty, never one that would make the host do something else. The texts of errors that are
 * not ours are kept back, since nobody has looked through them for secrets.
 */
function safeText(thrown: unknown): string {
  try {
    if (!(thrown instanceof PluginError)) return 'internal error of the plugin; its log has more';
    const text = thrown.message === '' ? `unknown error (${thrown.code})` : thrown.message;
    const isTaken = SHUTDOWN_TEXTS.has(text) || (STATUS_TEXTS.has(text) && !mayHoldStatusText(thrown));
    return isTaken ? `plugin error: ${text}` : text;
  } catch {
    return 'internal error of the plugin';
  }
}

/** Storage's words go back as they came, since hosts act on them; the other two have a status of their own anyway. */
function mayHoldStatusText(error: PluginError): boolean {
  return (
    error instanceof StorageError || error instanceof InvalidRequestError || error instanceof PermissionDeniedError
  );
}
