/** Binds what is done for one incoming call to its end: the caller going away, its deadline, the mount closing. */
import { createAbortController } from '../util/abort.ts';
import type { ServerCall } from '../wire/service.ts';
import { forwardedMetadata, type CallScope } from './host-call.ts';

export interface OpenCallScope {
  readonly scope: CallScope;
  /** To be called when the call has been answered; the scope does not abort any more. */
  readonly dispose: () => void;
}

/** @param mountSignal aborts, with an Error of ours, when the mount closes. */
export function openCallScope(call: ServerCall, mountSignal: AbortSignal): OpenCallScope {
  const controller = createAbortController();
  const onCallEnd = (): void => controller.abort(call.signal.reason);
  const onMountEnd = (): void => controller.abort(mountSignal.reason);
  if (mountSignal.aborted) onMountEnd();
  else if (call.signal.aborted) onCallEnd();
  mountSignal.addEventListener('abort', onMountEnd, { once: true });
  call.signal.addEventListener('abort', onCallEnd, { once: true });
  return {
    scope: { signal: controller.signal, deadline: call.deadline, metadata: forwardedMetadata(call.metadata) },
    dispose: () => {
      mountSignal.removeEventListener('abort', onMountEnd);
      call.signal.removeEventListener('abort', onCallEnd);
    },
  };
}
