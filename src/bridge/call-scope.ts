/** Binds what is done for one incoming call to its end: the caller going away, its deadline, the mount closing. */
import { createAbortController } from '../util/abort.ts';
import type { CallMetadata, ServerCall } from '../wire/service.ts';
import { forwardedMetadata, type CallScope } from './host-call.ts';

export class OpenCallScope implements CallScope {
  readonly signal: AbortSignal;
  readonly deadline: Date | undefined;
  readonly metadata: CallMetadata;
  readonly #controller = createAbortController();
  #isDisposed = false;

  constructor(call: ServerCall) {
    this.signal = this.#controller.signal;
    this.deadline = call.deadline;
    this.metadata = forwardedMetadata(call.metadata);
    call.onAbort((reason) => this.abort(reason));
  }

  abort(reason: Error): void {
    if (!this.#isDisposed) this.#controller.abort(reason);
  }

  /** To be called when the call has been answered: nothing aborts the scope any more. */
  dispose(): void {
    this.#isDisposed = true;
  }
}
