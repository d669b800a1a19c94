/** Whole lines to stderr, in order and at once, without the stream object that Node would build for it. */
import { writeSync } from 'node:fs';
import type { WriteLine } from './hclog.ts';

const STDERR = 2;

/**
 * The returned function never throws. The first failed write means that nobody reads any more: `onHostGone` is called
 * once and later lines are dropped.
 */
export function createStderrWriter(onHostGone: () => void): WriteLine {
  let isOpen = true;
  return (line) => {
    if (!isOpen) return;
    try {
      const bytes = Buffer.from(line, 'utf8');
      for (let offset = 0; offset < bytes.length;) offset += writeSync(STDERR, bytes, offset);
    } catch (error) {
      // A pipe that somebody made non-blocking and that is full: lose the line rather than the process.
      if (isTryAgain(error)) return;
      isOpen = false;
      onHostGone();
    }
  };
}

function isTryAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
