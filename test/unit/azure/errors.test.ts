import test from 'ava';
import {
  errorFromAnswer,
  errorFromThrown,
  unreadableAnswer,
  withStep,
  type ErrorContext,
} from '../../../src/azure/errors.ts';
import type { TransportAnswer } from '../../../src/azure/transport.ts';
import { TransportError, toTransportError } from '../../../src/azure/transport-error.ts';
import { AzureError, CancelledError } from '../../../src/errors.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const GRAPH: ErrorContext = { service: 'graph', step: 'create application' };
const ARM: ErrorContext = { service: 'arm', step: 'create role assignment' };
const ENTRA: ErrorContext = { service: 'entra', step: 'log in to Entra ID' };

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): TransportAnswer {
  return {
    status,
    headers: new Map(Object.entries(headers)),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

test('a Graph error has code, detail codes, message and request id', (t) => {
  const body = {
    error: {
      code: 'Request_BadRequest',
      message: 'The appId does not reference a valid application object.\r\nSecond line.',
      details: [{ code: 'NoBackingApplicationObject', message: 'm', target: 'appId' }, { message: 'no code' }],
      innerError: { date: '2026-01-01T00:00:00', 'request-id': 'inner-id' },
    },
  };
  const error = errorFromAnswer(GRAPH, answer(400, body, { 'retry-after': '3' }), NOW);
  t.is(
    error.message,
    'create application: 400 Request_BadRequest: The appId does not reference a valid application object. (request id inner-id)',
  );
  t.deepEqual(error.detailCodes, ['NoBackingApplicationObject']);
  t.is(error.retryAfterMs, 3000);
  t.false(error.isNotFound);
});

test('an ARM error takes the request id from the headers', (t) => {
  const body = { error: { code: 'AuthorizationFailed', message: 'The client has no authorization.' } };
  const error = errorFromAnswer(ARM, answer(403, body, { 'x-ms-request-id': 'arm-id' }), NOW);
  t.is(
    error.message,
    'create role assignment: 403 AuthorizationFailed: The client has no authorization. (request id arm-id)',
  );
});

test('an Entra error has its number as code, the first sentence and the trace id', (t) => {
  const body = {
    error: 'invalid_client',
    error_description:
      "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value, for app '1f'. Trace ID: t-1 Correlation ID: c-1 Timestamp: 2026-01-01 00:00:00Z",
    error_codes: [7000215],
    trace_id: 't-1',
    correlation_id: 'c-1',
  };
  const error = errorFromAnswer(ENTRA, answer(401, body, { 'x-ms-request-id': 'header-id' }), NOW);
  t.is(error.message, 'log in to Entra ID: 401 AADSTS7000215: Invalid client secret provided. (request id t-1)');
  t.is(error.azureCode, 'AADSTS7000215');
});

test('an Entra error without numbers takes the code from its text', (t) => {
  const body = { error: 'invalid_request', error_description: 'AADSTS90002: Tenant x not found.\r\nTrace ID: t' };
  const error = errorFromAnswer(ENTRA, answer(400, body), NOW);
  t.is(error.azureCode, 'AADSTS90002');
  t.is(error.azureMessage, 'Tenant x not found.');
});

test('a managed identity error has its word as code', (t) => {
  const body = { error: 'invalid_request', error_description: 'Identity not found' };
  const error = errorFromAnswer(ENTRA, answer(400, body), NOW);
  t.is(error.message, 'log in to Entra ID: 400 invalid_request: Identity not found');
});

for (const [what, body] of [
  ['HTML', '<html><body>Bad gateway</body></html>'],
  ['nothing', ''],
  ['a list', '[1]'],
  ['another shape', '{"error":5}'],
] as const) {
  test(`an error, body is ${what}, is told by its status`, (t) => {
    for (const context of [GRAPH, ARM, ENTRA]) {
      t.is(errorFromAnswer(context, answer(502, body), NOW).message, `${context.step}: 502`);
    }
  });
}

test('a message, endless, is cut', (t) => {
  const body = { error: { code: 'X', message: 'y'.repeat(5000) } };
  t.is(errorFromAnswer(GRAPH, answer(400, body), NOW).azureMessage.length, 500);
});

test('something thrown, an error of ours, comes back as it is', (t) => {
  const cancelled = new CancelledError();
  t.is(errorFromThrown(GRAPH, cancelled), cancelled);
});

test('something thrown, a transport failure, is an error without status that keeps the cause', (t) => {
  const cause = new TransportError('x did not answer within 10 s', { failure: 'timeout', wasSent: true });
  const error = errorFromThrown(GRAPH, cause);
  t.true(error instanceof AzureError);
  t.is(error.message, 'create application: no answer: x did not answer within 10 s');
  t.is(error.cause, cause);
});

test('something thrown by an SDK is told by its name, its text may hold a secret', (t) => {
  class SdkError extends Error {
    override readonly name = 'CredentialUnavailableError';
  }
  const error = errorFromThrown(ENTRA, new SdkError('secret=sentinel'));
  t.is(error.message, 'log in to Entra ID: no answer: the SDK failed (CredentialUnavailableError)');
  t.is(errorFromThrown(ENTRA, 'text').message, 'log in to Entra ID: no answer: the SDK failed (unknown)');
});

test('an answer that cannot be used has the status of a success', (t) => {
  const error = unreadableAnswer(GRAPH, 'id is missing');
  t.is(error.status, 200);
  t.is(error.message, 'create application: 200: the answer cannot be used: id is missing');
});

test('another step, everything else stays', (t) => {
  const cause = new Error('c');
  const error = new AzureError(
    {
      service: 'entra',
      step: 'a',
      status: 429,
      azureCode: 'AADSTS90055',
      detailCodes: ['d'],
      azureMessage: 'm',
      requestId: 'r',
      retryAfterMs: 5,
    },
    { cause },
  );
  const renamed = withStep(error, 'a to b');
  t.is(renamed.message, 'a to b: 429 AADSTS90055: m (request id r)');
  t.like(renamed, { service: 'entra', status: 429, detailCodes: ['d'], retryAfterMs: 5 });
  t.is(renamed.cause, cause);
});

test('a socket error, several addresses tried, is told by its code', (t) => {
  const aggregate: NodeJS.ErrnoException = new AggregateError([new Error('a'), new Error('b')], '');
  aggregate.code = 'ECONNREFUSED';
  t.is(toTransportError(aggregate, 'h:443', false).message, 'cannot reach h:443 (ECONNREFUSED)');
});

test('a socket error, connect timed out by the kernel, was not sent; later it may have been', (t) => {
  const timedOut: NodeJS.ErrnoException = new Error('connect ETIMEDOUT');
  timedOut.code = 'ETIMEDOUT';
  t.is(toTransportError(timedOut, 'h:443', false).failure, 'connect');
  t.true(toTransportError(timedOut, 'h:443', true).wasSent);
});

test('a socket error without a code is told by its text', (t) => {
  t.is(toTransportError(new Error('odd'), 'h:443', true).message, 'the connection to h:443 broke (odd)');
});
