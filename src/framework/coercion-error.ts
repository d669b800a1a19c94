/** The one error of field conversion, and how it may quote what the user sent. */

/** A value that does not fit its field. The router turns it into a 400 that names the field. */
export class CoercionError extends Error {
  override readonly name = 'CoercionError';
}

/** How a value appears in an error text. */
export type Quote = (text: string) => string;

const MAX_QUOTED_LENGTH = 64;

/** Quotes as Go's %q does for plain text; a longer value is cut, so that a misplaced file does not fill the log. */
export function quoteValue(text: string): string {
  const short = text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
  return JSON.stringify(short);
}

/** For fields that hold secrets: says that there was a value, never which. */
export function hideValue(): string {
  return '(hidden)';
}

/** `1 error(s) decoding:` and the list: how the host's decoder reports errors of elements. */
export function joinElementErrors(messages: readonly string[]): CoercionError {
  const list = [...messages].sort().map((message) => `* ${message}`);
  return new CoercionError(`${messages.length} error(s) decoding:\n\n${list.join('\n')}`);
}
