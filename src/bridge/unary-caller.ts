/** How the bridge calls the host. Behind an interface, so that another HTTP/2 client can take grpc-js's place. */
import type { PartialMessage } from '../wire/codec.ts';
import type { CallMetadata, UnaryMethodData } from '../wire/service.ts';

export interface UnaryCallOptions {
  /** Cancels the call. */
  readonly signal: AbortSignal;
  readonly deadline: Date | undefined;
  readonly metadata: CallMetadata;
}

export interface UnaryCaller {
  /**
   * @throws GrpcStatusError with the peer's own text; the signal's reason when it aborts.
   */
  call<Req, Res>(
    method: UnaryMethodData<Req, Res>,
    request: PartialMessage<Req>,
    options: UnaryCallOptions,
  ): Promise<Res>;
}

/** The brokered connection of one mount: where the host serves its storage and its view. */
export interface HostConnection {
  readonly caller: UnaryCaller;
  /** Ends running calls. The host waits for this after Cleanup. May be called twice. */
  close(): void;
}
