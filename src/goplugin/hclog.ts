/**
 * The logger: one JSON object per line in hclog's form. The only way to stderr, since hosts die of a line whose
 * `@message`, `@level` or `@timestamp` is not a string. Keeping secrets out is its callers' duty.
 * Source: go-plugin client.go and log_entry.go, go-hclog intlogger.go.
 */
import type { Clock } from '../util/clock.ts';
import type { LogFields, Logger, LogLevel } from '../util/log.ts';

/** Takes one line with its line feed. Must not throw. */
export type WriteLine = (line: string) => void;

/** Hosts read through a buffer of 64 KiB; a longer line arrives in raw pieces at debug level. */
export const MAX_LINE_BYTES = 65_535;

/** Ever shorter limits for the strings of a line that is too long, in UTF-16 units. */
const CUT_LENGTHS = [16_384, 4_096, 1_024, 256, 64] as const;
const CUT_MARK = '…[cut]';

/** All levels are written; the host filters. `moduleName`, for example `azure`, is sent as `@module`. */
export function createHclogLogger(writeLine: WriteLine, clock: Clock, moduleName: string): Logger {
  return loggerWith(writeLine, clock, moduleName, {});
}

function loggerWith(writeLine: WriteLine, clock: Clock, moduleName: string, own: LogFields): Logger {
  const log =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void =>
      writeLine(formatHclogLine(level, message, clock.now(), moduleName, { ...own, ...fields }));
  return {
    trace: log('trace'),
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (fields) => loggerWith(writeLine, clock, moduleName, { ...own, ...fields }),
  };
}

/**
 * One line with its line feed, at most `MAX_LINE_BYTES` long: too long ones have their strings cut, then lose their
 * fields. `undefined` fields are left out; a leading `@` of a field's name is dropped.
 */
export function formatHclogLine(
  level: LogLevel,
  message: string,
  time: Date,
  moduleName: string,
  fields: LogFields,
): string {
  const compose = (cutLength: number, ownFields: LogFields): string => {
    const members: [string, unknown][] = [
      ['@level', level],
      ['@message', cut(message, cutLength)],
      ['@timestamp', formatTimestamp(time)],
      ['@module', moduleName],
    ];
    for (const [name, value] of Object.entries(ownFields)) {
      if (value !== undefined) members.push([name.replace(/^@+/, ''), cutValue(value, cutLength)]);
    }
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${encode(value)}`).join(',')}}\n`;
  };
  for (const cutLength of [Infinity, ...CUT_LENGTHS]) {
    const line = compose(cutLength, fields);
    if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return line;
  }
  return compose(256, { fields_dropped: true });
}

/** Hosts want exactly six fraction digits; with any other number the raw line is logged instead. */
function formatTimestamp(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}

/** Total, whatever untyped code hands in. */
function encode(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'object':
      return encodeJson(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    default:
      return JSON.stringify(String(value));
  }
}

function encodeJson(value: string | boolean | object | null): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '"unprintable"';
  }
}

function cutValue(value: unknown, cutLength: number): unknown {
  if (Array.isArray(value)) return value.map((member) => cutValue(member, cutLength));
  return typeof value === 'string' ? cut(value, cutLength) : value;
}

function cut(text: string, cutLength: number): string {
  return text.length <= cutLength ? text : text.slice(0, cutLength) + CUT_MARK;
}
