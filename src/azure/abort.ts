/** Cancellation of calls. */
import { setMaxListeners } from 'node:events';
import { CancelledError, PluginError } from '../errors.ts';

/** What to throw when `signal` has aborted: its reason where that is an error of ours. */
export function cancellation(signal: AbortSignal): PluginError {
  const reason: unknown = signal.reason;
  return reason instanceof PluginError ? reason : new CancelledError(undefined, { cause: reason });
}

/** @throws what `cancellation` makes, when `signal` has aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw cancellation(signal);
}

/** Calls back when `signal` aborts; the returned function ends that. */
export function onAbort(signal: AbortSignal, callback: (reason: PluginError) => void): () => void {
  const listener = (): void => callback(cancellation(signal));
  // One request makes many calls at a time with one signal; Node takes more than ten listeners for a leak.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** The outcome of `promise`, or the cancellation when that comes first; the work behind `promise` goes on. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const stop = onAbort(signal, reject);
    promise.then(resolve, reject).finally(stop);
  });
}
