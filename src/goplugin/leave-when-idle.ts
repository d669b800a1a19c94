/** Ends a process that its host has let go of, at a moment when no request is hurt. */
import type { Clock } from '../util/clock.ts';

/** A host that shuts down says so right after it ended the broker stream. */
const GRACE_MS = 5_000;
const POLL_MS = 250;
/** Requests may take this much longer; a busy process must not stay for ever. */
const IDLE_LIMIT_MS = 30_000;

/**
 * Without its broker stream the process can take no further mounts, though the host may live: too many requests
 * cancelled at once make HTTP/2 break the connection, and the host then makes a new one without the stream. A new
 * process sets that right. Calls `stop` once, five to thirty-five seconds from now.
 */
export function leaveWhenIdle(countPendingCalls: () => number, clock: Clock, stop: () => void): void {
  const look = (waitedMs: number): void => {
    if (countPendingCalls() === 0 || waitedMs >= IDLE_LIMIT_MS) stop();
    else clock.after(POLL_MS, () => look(waitedMs + POLL_MS));
  };
  clock.after(GRACE_MS, () => look(0));
}
