/** One call to the host: cancellation, and what its failures become. */
import { CancelledError, DeadlineError, errorMessage, NotSupportedByHostError, PluginError } from '../errors.ts';
import type { CallContext } from '../logical/index.ts';
import type { PartialMessage } from '../wire/codec.ts';
import {
  GrpcCode,
  GrpcStatusError,
  type CallMetadata,
  type IncomingMetadata,
  type UnaryMethodData,
} from '../wire/service.ts';
import type { HostConnection } from './unary-caller.ts';

/**
 * What a call to the host is bound to: the time and cancellation of the call that is being served, and its metadata. The
 * signal's reason is an Error of ours.
 */
export interface CallScope extends CallContext {
  /** Handed on with storage calls; see `forwardedMetadata`. */
  readonly metadata: CallMetadata;
}

export const NO_METADATA: CallMetadata = new Map();

/** Metadata of an incoming call that storage calls made for it must carry. Reads from a snapshot name it this way. */
export function forwardedMetadata(incoming: IncomingMetadata): CallMetadata {
  const snapshotIds = incoming.get('snapshot_id');
  return snapshotIds === undefined ? NO_METADATA : new Map([['snapshot_id', snapshotIds]]);
}

/**
 * Text of a reply or status by which a host says that its edition lacks a feature. Source: Vault 1.21, rotation manager
 * and plugin identity tokens of the Community Edition.
 */
const NOT_IN_THIS_EDITION = 'not supported in Vault community edition';

export function isNotSupportedText(text: string): boolean {
  return text.includes(NOT_IN_THIS_EDITION);
}

/**
 * @param step what is being done, in the words of an error message, for example `storage get`.
 * @param toFailure the error for any other failure of the host, from the host's own text.
 * @throws NotSupportedByHostError, CancelledError, DeadlineError, the scope's abort reason, or what `toFailure` makes.
 */
export async function callHost<Req, Res>(
  connection: HostConnection,
  scope: CallScope,
  method: UnaryMethodData<Req, Res>,
  request: PartialMessage<Req>,
  step: string,
  toFailure: (text: string, cause: unknown) => Error,
): Promise<Res> {
  scope.signal.throwIfAborted();
  try {
    return await connection.caller.call(method, request, scope);
  } catch (error) {
    scope.signal.throwIfAborted();
    if (error instanceof GrpcStatusError) throw fromStatus(error, step, toFailure);
    // Not a status: an answer that cannot be read, or a channel that is closed already.
    throw error instanceof PluginError ? error : toFailure(`${step}: ${errorMessage(error)}`, error);
  }
}

function fromStatus(status: GrpcStatusError, step: string, toFailure: (text: string, cause: unknown) => Error): Error {
  const options = { cause: status };
  if (status.grpcCode === GrpcCode.cancelled) return new CancelledError(`${step} was cancelled`, options);
  if (status.grpcCode === GrpcCode.deadlineExceeded) {
    return new DeadlineError(`${step} did not finish before the request's deadline`, options);
  }
  if (status.grpcCode === GrpcCode.unimplemented || isNotSupportedText(status.message)) {
    return new NotSupportedByHostError(`${step} is not supported by this host: ${status.message}`, options);
  }
  const text = status.message === '' ? `${step} failed with gRPC status ${status.grpcCode}` : status.message;
  return toFailure(text, status);
}
