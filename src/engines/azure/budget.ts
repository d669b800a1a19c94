/**
 * The time that one request may take, whatever its steps are. The host sets no deadline on calls from HTTP, and its CLI
 * gives up after 60 s: without a limit of our own a request would go on with nobody listening.
 */
import { CancelledError, DeadlineError, toError } from '../../errors.ts';
import type { CallContext } from '../../logical/index.ts';
import { createAbortController } from '../../util/abort.ts';
import type { Clock } from '../../util/clock.ts';
import { addMs, earlier } from '../../util/rfc3339.ts';

/** Kept from the host's own deadline, so that our error text arrives before the host's. */
const RESERVE_MS = 1_000;

export interface Budget {
  /** Aborts with a `DeadlineError` or `CancelledError`. */
  readonly signal: AbortSignal;
  readonly endsAt: Date;
  /** The whole of it. */
  readonly timeoutSeconds: number;
  /** Milliseconds left; 0 when used up. */
  remainingMs(): number;
  /** Stops the timer. Call when the request is over. */
  [Symbol.dispose](): void;
}

export interface BudgetOptions {
  readonly clock: Clock;
  readonly timeoutSeconds: number;
  /** The request; absent for background work. */
  readonly call?: CallContext;
  /** Aborts when the mount closes. */
  readonly closing: AbortSignal;
  /** Aborts when the mount is about to go; absent for work that is to go on then. */
  readonly leaving?: AbortSignal;
}

/** Starts the clock. The nearer of our limit and the host's deadline counts. */
export function startBudget({ clock, timeoutSeconds, call, closing, leaving }: BudgetOptions): Budget {
  const own = addMs(clock.now(), timeoutSeconds * 1000);
  const endsAt = call?.deadline === undefined ? own : earlier(own, addMs(call.deadline, -RESERVE_MS));
  const wholeSeconds = Math.max(0, Math.ceil((endsAt.getTime() - clock.now().getTime()) / 1000));
  const controller = createAbortController();
  const remainingMs = (): number => Math.max(0, endsAt.getTime() - clock.now().getTime());
  const stopTimer = clock.after(remainingMs(), () => {
    controller.abort(new DeadlineError(`the request's budget of ${wholeSeconds} s is used up`));
  });
  const sources = [closing, leaving, call?.signal].filter((source) => source !== undefined);
  const stops = sources.map((source) => follow(source, controller));
  return {
    signal: controller.signal,
    endsAt,
    timeoutSeconds: wholeSeconds,
    remainingMs,
    [Symbol.dispose]: () => {
      stopTimer();
      for (const stop of stops) stop();
    },
  };
}

function follow(source: AbortSignal, controller: AbortController): () => void {
  const pass = (): void => {
    const reason = toError(source.reason);
    controller.abort(reason.name === 'AbortError' ? new CancelledError(undefined, { cause: reason }) : reason);
  };
  if (source.aborted) pass();
  else source.addEventListener('abort', pass, { once: true });
  return () => source.removeEventListener('abort', pass);
}
