/** Binds what is done for one incoming call to its end: the caller going away, its deadline, the mount closing. */
import { createAbortController } from '../util/abort.ts';
import type { CallMetadata, ServerCall } from '../wire/service.ts';
import { forwardedMetadata, type CallScope } from './host-call.ts';

export class OpenCallScope implements CallScope {
  readonly deadline: Date | undefined;
  readonly metadata: CallMetadata;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #isDisposed = false;

  constructor(call: ServerCall) {
    this.deadline = call.deadline;
    this.metadata = forwardedMetadata(call.metadata);
    call.onAbort((reason) => this.abort(reason));
  }

  /** Made at its first use: many calls are answered from memory and never ask. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = createAbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    if (this.#isDisposed) return;
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  /** To be called when the call has been answered: nothing aborts the scope any more. */
  dispose(): void {
    this.#isDisposed = true;
  }
}
