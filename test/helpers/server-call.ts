/** An incoming call, for handlers that are called without a server. */
import { toError } from '../../src/errors.ts';
import type { IncomingMetadata, ServerCall } from '../../src/wire/service.ts';

export interface ServerCallParts {
  readonly metadata?: IncomingMetadata;
  /** Its reason is an Error, as a server's is. */
  readonly signal?: AbortSignal;
  readonly deadline?: Date | undefined;
}

export function makeServerCall({
  metadata = new Map(),
  signal = new AbortController().signal,
  deadline,
}: ServerCallParts = {}): ServerCall {
  return {
    metadata,
    signal,
    deadline,
    onAbort: (listener) => {
      if (signal.aborted) listener(toError(signal.reason));
      else signal.addEventListener('abort', () => listener(toError(signal.reason)), { once: true });
    },
  };
}
