/** Work that outlives its request: clean-up after a failure. Ends with the mount. */
import { errorMessage } from '../../errors.ts';
import type { Logger } from '../../util/log.ts';

export class BackgroundWork {
  readonly #running = new Set<Promise<void>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Starts `work`; its failure is logged, since a record in storage stands for what it leaves undone. */
  start(what: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) =>
        this.#logger.warn(`${what} failed; it is repeated later`, { error: errorMessage(error) }),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
