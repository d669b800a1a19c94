/** The logger as an interface. The one that writes hclog lines to stderr lives in goplugin/. */

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Key-value pairs of one log line. Never secrets. `@`-keys are reserved for hclog. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  with(fields: LogFields): Logger;
}
