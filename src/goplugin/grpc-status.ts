/** What a failed handler becomes on the wire when it did not answer with a message of its own. */
import { errorMessage } from '../errors.ts';
import { GrpcCode, GrpcStatusError } from '../wire/service.ts';

export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

/** The text travels in a header; one that is too long would break the connection. In bytes of UTF-8. */
const MAX_DETAILS_BYTES = 8_192;

/** A `GrpcStatusError` keeps its code; anything else is UNKNOWN, as a plain error of a Go plugin is. Total. */
export function toGrpcStatus(error: unknown): GrpcStatus {
  const code = error instanceof GrpcStatusError ? error.grpcCode : GrpcCode.unknown;
  return { code, details: errorMessage(error) };
}

/**
 * A status's text as `grpc-message` carries it: percent-encoded, and cut when it is too long. Total: unpaired surrogates,
 * which percent-encoding throws on, are replaced by a way over UTF-8.
 */
export function encodeDetails(details: string): string {
  const bytes = Buffer.from(details, 'utf8');
  if (bytes.length <= MAX_DETAILS_BYTES) return encodeURI(bytes.toString('utf8'));
  return encodeURI(`${bytes.subarray(0, MAX_DETAILS_BYTES).toString('utf8')}…[cut]`);
}
