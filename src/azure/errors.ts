/**
 * The one place where an answer of Azure, a failed exchange or whatever an SDK threw becomes an `AzureError`.
 * Works on what came over the wire: the SDKs lose parts of it (codes of details, Retry-After, causes), each its own.
 */
import { AzureError, PluginError, type AzureErrorFields, type AzureService } from '../errors.ts';
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../util/json.ts';
import { parseRetryAfterMs } from './retry-after.ts';
import { requestIdOf, type TransportAnswer } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** What was being done where. */
export interface ErrorContext {
  readonly service: AzureService;
  readonly step: string;
}

/** An answer with a status of 400 or more (or one that is no success in another way). */
export function errorFromAnswer(context: ErrorContext, answer: TransportAnswer, now: Date): AzureError {
  const body = parseBody(answer.body);
  const isLogin = context.service === 'entra' || context.service === 'managedIdentity';
  const said = isLogin ? readEntraBody(body) : readODataBody(body);
  return new AzureError({
    ...context,
    status: answer.status,
    azureCode: said.azureCode,
    detailCodes: said.detailCodes,
    azureMessage: said.azureMessage,
    requestId: said.requestId === '' ? (requestIdOf(answer) ?? '') : said.requestId,
    retryAfterMs: parseRetryAfterMs(answer.headers, now),
  });
}

/** Whatever made a call end without an answer. Errors of ours (cancellation, AzureError) come back as they are. */
export function errorFromThrown(context: ErrorContext, thrown: unknown): PluginError {
  if (thrown instanceof PluginError) return thrown;
  // An SDK's own text may quote the request, which may hold a secret: only texts of ours are shown.
  const azureMessage =
    thrown instanceof TransportError
      ? thrown.message
      : `the SDK failed (${thrown instanceof Error ? thrown.name : 'unknown'})`;
  return new AzureError({ ...withoutAnswer(context), azureMessage }, { cause: thrown });
}

/** A successful answer that does not hold what it must: what was asked for has been done. */
export function unreadableAnswer(context: ErrorContext, problem: string, cause?: unknown): AzureError {
  const azureMessage = `the answer cannot be used: ${problem}`;
  return new AzureError({ ...withoutAnswer(context), status: 200, azureMessage }, { cause });
}

/** The same failure told with another step, for example when a login fails inside another call. */
export function withStep(error: AzureError, step: string): AzureError {
  return change(error, { step });
}

/** The same failure with at least that long a wait before a repetition. */
export function withMinimumWait(error: AzureError, waitMs: number): AzureError {
  return change(error, { retryAfterMs: Math.max(error.retryAfterMs ?? 0, waitMs) });
}

function change(error: AzureError, changed: Partial<AzureErrorFields>): AzureError {
  const { service, step, status, azureCode, detailCodes, azureMessage, requestId, retryAfterMs } = error;
  const fields = { service, step, status, azureCode, detailCodes, azureMessage, requestId, retryAfterMs };
  return new AzureError({ ...fields, ...changed }, { cause: error.cause ?? error });
}

function withoutAnswer(context: ErrorContext): AzureErrorFields {
  return {
    ...context,
    status: undefined,
    azureCode: '',
    detailCodes: [],
    azureMessage: '',
    requestId: '',
    retryAfterMs: undefined,
  };
}

interface SaidByAzure {
  readonly azureCode: string;
  readonly detailCodes: readonly string[];
  readonly azureMessage: string;
  readonly requestId: string;
}

/** Graph and ARM: `{"error":{"code","message","details":[{"code"}],"innerError":{"request-id"}}}`. */
function readODataBody(body: JsonObject): SaidByAzure {
  const error = objectAt(body, 'error');
  const details = error['details'];
  return {
    azureCode: textAt(error, 'code'),
    detailCodes: isJsonArray(details)
      ? details.map((detail) => (isJsonObject(detail) ? textAt(detail, 'code') : '')).filter((code) => code !== '')
      : [],
    azureMessage: firstLine(textAt(error, 'message')),
    requestId: textAt(objectAt(error, 'innerError'), 'request-id'),
  };
}

/**
 * Entra ID: `{"error","error_description":"AADSTS7000215: Invalid client secret provided. … Trace ID: …","error_codes":
 * [7000215],"trace_id"}`. The managed identity endpoints send `error` and `error_description` only, App
 * Service's `message`.
 */
function readEntraBody(body: JsonObject): SaidByAzure {
  if (isJsonObject(body['error'])) return readODataBody(body);
  const description = firstLine(textAt(body, 'error_description') || textAt(body, 'message'));
  const errorCodes = body['error_codes'];
  const errorNumber = isJsonArray(errorCodes) ? errorCodes[0] : undefined;
  const [, describedCode = ''] = /^(AADSTS\d+)/.exec(description) ?? [];
  const azureCode = typeof errorNumber === 'number' ? `AADSTS${errorNumber}` : describedCode;
  return {
    azureCode: azureCode === '' ? textAt(body, 'error') : azureCode,
    detailCodes: [],
    azureMessage: firstSentence(description.replace(/^AADSTS\d+:\s*/, '')),
    requestId: textAt(body, 'trace_id'),
  };
}

function parseBody(text: string): JsonObject {
  try {
    const value: JsonValue = parseJson(text);
    return isJsonObject(value) ? value : {};
  } catch {
    // Gateways answer in HTML; the status alone has to do.
    return {};
  }
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

function textAt(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

const MAX_MESSAGE_LENGTH = 500;

function firstLine(text: string): string {
  return (text.trim().split(/[\r\n]/, 1)[0] ?? '').trim().slice(0, MAX_MESSAGE_LENGTH);
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
