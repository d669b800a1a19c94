/** Binds what is done for one incoming call to its end: the caller going away, its deadline, the mount closing. */
import { CancelledError, DeadlineError } from '../errors.ts';
import { createAbortController } from '../util/abort.ts';
import type { Clock } from '../util/clock.ts';
import type { ServerCall } from '../wire/service.ts';
import { forwardedMetadata, type CallScope } from './host-call.ts';

export interface OpenCallScope {
  readonly scope: CallScope;
  /** To be called when the call has been answered; the scope does not abort any more. */
  readonly dispose: () => void;
}

/** @param mountSignal aborts, with an Error of ours, when the mount closes. */
export function openCallScope(call: ServerCall, mountSignal: AbortSignal, clock: Clock): OpenCallScope {
  const controller = createAbortController();
  const { deadline } = call;
  const onCallEnd = (): void => {
    const isLate = deadline !== undefined && clock.now().getTime() >= deadline.getTime();
    controller.abort(
      isLate ? new DeadlineError("the host's deadline for this request has passed") : new CancelledError(),
    );
  };
  const onMountEnd = (): void => controller.abort(mountSignal.reason);
  if (mountSignal.aborted) onMountEnd();
  else if (call.signal.aborted) onCallEnd();
  mountSignal.addEventListener('abort', onMountEnd, { once: true });
  call.signal.addEventListener('abort', onCallEnd, { once: true });
  return {
    scope: { signal: controller.signal, deadline, metadata: forwardedMetadata(call.metadata) },
    dispose: () => {
      mountSignal.removeEventListener('abort', onMountEnd);
      call.signal.removeEventListener('abort', onCallEnd);
    },
  };
}
