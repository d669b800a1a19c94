/** Abort controllers for signals that many wait on. */
import { setMaxListeners } from 'node:events';

/** Without Node's warning at the eleventh listener: one signal serves all that a request or a mount has under way. */
export function createAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
