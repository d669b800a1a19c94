/** The process's end: one way out, whoever asks for it first, and always in the same order. */
import type { Clock } from '../util/clock.ts';
import { GrpcCode } from '../wire/service.ts';
import type { GrpcStatus } from './grpc-status.ts';

/** What is there to close once the server runs. */
export interface Closeable {
  /** Starts the end: waiting calls are answered with `answer`, or left alone if there is none. Must not throw. */
  startEnd(answer: GrpcStatus | undefined): void;
  /** Breaks connections and removes files, a moment later. Must not throw. */
  close(): void;
}

export interface Lifecycle {
  /** Everything opened from here on is closed by `end`, the latest first. */
  onEnd(closeable: Closeable): void;
  /** The host asked for it: the running answer gets out, waiting calls break. Status 0. */
  shutDown(): void;
  /** Somebody else asked for it: waiting calls are answered as unavailable. Status 0. */
  stop(reason: string): void;
  /** Something broke: waiting calls are answered as failed. Status 1, for the host to start a new process. */
  crash(reason: string): void;
}

/** Time for answers to leave before connections break. The host waits two seconds for the end. */
const FLUSH_MS = 100;

/** `exit` does not return, as `process.exit`. Requests after the first one are ignored. */
export function createLifecycle(clock: Clock, exit: (status: number) => void): Lifecycle {
  const closeables: Closeable[] = [];
  let isEnding = false;

  const end = (exitStatus: number, answer?: GrpcStatus): void => {
    if (isEnding) return;
    isEnding = true;
    const finish = (): void => {
      for (const closeable of closeables.reverse()) closeable.close();
      exit(exitStatus);
    };
    if (closeables.length === 0) {
      finish();
      return;
    }
    for (const closeable of closeables) closeable.startEnd(answer);
    void clock.sleep(FLUSH_MS).then(finish);
  };

  return {
    onEnd: (closeable) => closeables.push(closeable),
    shutDown: () => end(0),
    stop: (reason) => end(0, { code: GrpcCode.unavailable, details: reason }),
    crash: (reason) => end(1, { code: GrpcCode.internal, details: `plugin crashed: ${reason}` }),
  };
}
