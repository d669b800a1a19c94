/** What a failed handler becomes on the wire when it did not answer with a message of its own. */
import { errorMessage } from '../errors.ts';
import { GrpcCode, GrpcStatusError } from '../wire/service.ts';

export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

/** The text travels in a header; longer ones could break the whole stream. In bytes of UTF-8. */
const MAX_DETAILS_BYTES = 8_192;

/** A `GrpcStatusError` keeps its code; anything else is UNKNOWN, as a plain error of a Go plugin is. Total. */
export function toGrpcStatus(error: unknown): GrpcStatus {
  const code = error instanceof GrpcStatusError ? error.grpcCode : GrpcCode.unknown;
  return { code, details: toDetails(errorMessage(error)) };
}

/** Percent-encoding, which grpc-js does with it, throws on unpaired surrogates; a way over UTF-8 replaces them. */
function toDetails(message: string): string {
  const bytes = Buffer.from(message, 'utf8');
  if (bytes.length <= MAX_DETAILS_BYTES) return bytes.toString('utf8');
  return `${bytes.subarray(0, MAX_DETAILS_BYTES).toString('utf8')}…[cut]`;
}
