/** Errors as fields of a log line. */
import { InvariantError, PluginError } from '../errors.ts';
import type { LogFields } from '../util/log.ts';

/** Of errors that are not ours only the name and the stack's places: their texts may quote a secret. */
export function describeError(error: unknown): LogFields {
  if (error instanceof PluginError) {
    const cause = error.cause instanceof PluginError ? { cause: error.cause.message } : {};
    return {
      error: error.message,
      code: error.code,
      ...cause,
      ...(error instanceof InvariantError ? placesOf(error) : {}),
    };
  }
  return error instanceof Error ? { error: error.name, ...placesOf(error) } : { error: typeof error };
}

function placesOf(error: Error): LogFields {
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { stack: places.map((line) => line.trim()).join('; ') };
}
