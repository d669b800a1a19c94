/** For handlers of streams that stay open until the caller ends them. */

/** Resolves when `signal` aborts; at once if it has. */
export function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
