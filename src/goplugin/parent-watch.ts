/** Notices that the host died without saying so; nobody else would end this process then. */
import type { Clock } from '../util/clock.ts';

/** Short enough that an orphan is gone within ten seconds. */
const POLL_MS = 3_000;

/** Calls `onHostGone` once when the parent's process id changes. Returns a function that stops watching. */
export function watchParent(readParentPid: () => number, clock: Clock, onHostGone: () => void): () => void {
  // A parent with id 1 is no sign of an orphan: in containers the host often has it.
  const hostPid = readParentPid();
  let cancel: () => void;
  const look = (): void => {
    if (readParentPid() === hostPid) cancel = clock.after(POLL_MS, look);
    else onHostGone();
  };
  cancel = clock.after(POLL_MS, look);
  return () => cancel();
}
