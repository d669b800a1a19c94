/**
 * Keeps stray output away from the host: before the handshake a foreign byte on stdout ends the start, after it a
 * long line can block the process for ever, and on stderr the wrong JSON kills the host. Whatever libraries print
 * becomes a log line. Must run before any library is loaded.
 */
import { Writable } from 'node:stream';
import type { Logger } from '../util/log.ts';

/** Redirects `process.stdout`, `process.stderr` (and with them `console`) and process warnings into the logger. */
export function guardOutput(logger: Logger): void {
  replaceStream('stdout', (text) => logger.debug(text, { stray: 'stdout' }));
  replaceStream('stderr', (text) => logger.warn(text, { stray: 'stderr' }));
  // The listener that Node itself added prints natively, past process.stderr.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.warn(warning.message, { warning: warning.name }));
}

/** `console` looks its streams up at its first use, so it follows. */
function replaceStream(name: 'stdout' | 'stderr', log: (text: string) => void): void {
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, done) => {
      const text = (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')).trimEnd();
      if (text !== '') log(text);
      done();
    },
  });
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
}
