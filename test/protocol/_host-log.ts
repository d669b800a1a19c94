/** A plugin's stderr as a host reads it, go-plugin's rules to the letter: what is logged how, and what would kill it. */

export interface HostLogEntry {
  /** As the host re-emits it. */
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** False: the line was not understood and is logged verbatim, at a level guessed from its beginning. */
  readonly isStructured: boolean;
}

/** Hosts read through a buffer of this size. */
const BUFFER_BYTES = 64 * 1024;
/** Layout with exactly six fraction digits and a zone. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];

/** @throws HostCrash when a host would die of this line. */
export function readLogLine(line: string): HostLogEntry {
  if (Buffer.byteLength(line) >= BUFFER_BYTES) return verbatim('debug', line);
  const parsed = parseObject(line);
  if (parsed === undefined) {
    const prefix = LEVELS.find((level) => line.startsWith(`[${level.toUpperCase()}]`));
    return verbatim(prefix ?? 'debug', line);
  }
  const { '@message': message = '', '@level': level = '', '@timestamp': timestamp, ...fields } = parsed;
  for (const value of [message, level, timestamp ?? '']) {
    if (typeof value !== 'string') throw new HostCrash(`interface conversion: ${typeof value}, not string: ${line}`);
  }
  if (timestamp !== undefined && !TIMESTAMP.test(timestamp as string)) return verbatim('debug', line);
  const name = (level as string).toLowerCase();
  if (!LEVELS.includes(name)) return verbatim('debug', line);
  return { level: name, message: message as string, fields, isStructured: true };
}

/** What a Go host's panic would be. */
export class HostCrash extends Error {
  override readonly name = 'HostCrash';
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // Go also takes `null` for an empty object.
    if (value === null) return {};
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function verbatim(level: string, line: string): HostLogEntry {
  return { level, message: line, fields: {}, isStructured: false };
}
