/** What happens on an error that nobody caught: one log line, waiting calls answered, status 1. */
import { errorMessage } from '../errors.ts';
import type { Logger } from '../util/log.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * The host restarts a plugin only when its process is gone, so a process in an unknown state must go. Without this,
 * Node would print several raw lines to stderr, which hosts log at debug level only.
 */
export function guardCrashes(logger: Logger, lifecycle: Lifecycle): void {
  // Unhandled rejections arrive here as well, with their own origin.
  process.on('uncaughtException', (error: unknown, origin) => {
    const message = errorMessage(error);
    logger.error(`plugin crashed: ${message}`, { origin, stack: error instanceof Error ? error.stack : undefined });
    lifecycle.crash(message);
  });
}
