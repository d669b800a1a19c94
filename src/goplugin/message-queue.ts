/** Pushed messages as an async iterable, for handlers of streams. */

export interface MessageQueue<M> extends AsyncIterable<M> {
  /** Ignored after `end`. */
  readonly push: (message: M) => void;
  /** Messages pushed before are still delivered. */
  readonly end: () => void;
}

/** For one reader. Unbounded: the broker's host sends one short message per mount. */
export function createMessageQueue<M>(): MessageQueue<M> {
  const waiting: M[] = [];
  let isEnded = false;
  let wake = (): void => undefined;
  return {
    push: (message) => {
      if (!isEnded) waiting.push(message);
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield* waiting.splice(0);
        if (isEnded) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
