/** Errors of the token service. */

/** Carries one AADSTS code; the message goes out as `AADSTS<code>: <message>`. */
export class EntraError extends Error {
  readonly status: number;
  /** OAuth's error name, for example `invalid_client`. */
  readonly oauthError: string;
  readonly code: number;

  constructor(status: number, oauthError: string, code: number, message: string) {
    super(message);
    this.name = 'EntraError';
    this.status = status;
    this.oauthError = oauthError;
    this.code = code;
  }
}

/** The body as Entra writes it; `description` begins with `AADSTS`. */
export function encodeEntraError(
  oauthError: string,
  codes: readonly number[],
  description: string,
  ids: { readonly traceId: string; readonly correlationId: string; readonly now: Date },
): object {
  const timestamp = `${ids.now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trailer = `Trace ID: ${ids.traceId} Correlation ID: ${ids.correlationId} Timestamp: ${timestamp}`;
  return {
    error: oauthError,
    error_description: `${description} ${trailer}`,
    error_codes: codes,
    timestamp,
    trace_id: ids.traceId,
    correlation_id: ids.correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${String(codes[0] ?? 0)}`,
  };
}
