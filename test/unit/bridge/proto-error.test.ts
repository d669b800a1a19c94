/** Errors to the wire, one occasion after the other. */
import test from 'ava';
import fc from 'fast-check';
import { toFailure, type Occasion } from '../../../src/bridge/proto-error.ts';
import {
  AzureError,
  CancelledError,
  CodedError,
  DeadlineError,
  InternalError,
  InvalidRequestError,
  InvariantError,
  MultiError,
  NotSupportedByHostError,
  PermissionDeniedError,
  StorageError,
  UnsupportedOperationError,
  UnsupportedPathError,
} from '../../../src/errors.ts';

const OCCASIONS: readonly Occasion[] = ['setup', 'initialize', 'existenceCheck', 'request', 'revoke', 'rollback'];
const READ_ONLY = 'cannot write to readonly storage';

const azure = new AzureError({
  service: 'graph',
  step: 'create application',
  status: 403,
  azureCode: 'Authorization_RequestDenied',
  detailCodes: [],
  azureMessage: 'no',
  requestId: '1f',
  retryAfterMs: undefined,
});

const reply = (errType: number, errMsg: string, responseText?: string): object => ({
  kind: 'reply',
  err: { errType, errMsg },
  response: responseText === undefined ? undefined : { data: JSON.stringify({ error: responseText }) },
});

const requestRules: readonly [string, Error, object][] = [
  [
    'the user is wrong: type 7 with the text in a response',
    new InvalidRequestError('no role'),
    reply(7, 'no role', 'no role'),
  ],
  ['refused: type 8 with the text in a response', new PermissionDeniedError('not you'), reply(8, 'not you', 'not you')],
  ['no such path: type 6, no response', new UnsupportedPathError(), reply(6, 'unsupported path')],
  ['no such operation: type 5, no response', new UnsupportedOperationError(), reply(5, 'unsupported operation')],
  ['the host forwards by text: type 0, verbatim, no response', new StorageError(READ_ONLY), reply(0, READ_ONLY)],
  [
    'out of time: type 0 with the text',
    new DeadlineError('deleting x: out of time'),
    reply(0, 'deleting x: out of time'),
  ],
  ['ours: type 0 with the text', new InternalError('no'), reply(0, 'no')],
  ['a defect: type 0 with the text', new InvariantError('odd'), reply(0, 'odd')],
  ['the host lacks it: type 0 with the text', new NotSupportedByHostError('lacks it'), reply(0, 'lacks it')],
  ['Azure, not mapped by the engine: type 0 with the text', azure, reply(0, azure.message)],
  [
    'several: type 0, one text',
    new MultiError([new StorageError(READ_ONLY)]),
    reply(0, `1 error occurred:\n\t* ${READ_ONLY}\n\n`),
  ],
];
for (const [title, error, expected] of requestRules) {
  test(`request, ${title}`, (t) => t.deepEqual(toFailure(error, 'request'), expected));
}

test('request, a status of its own: type 3 with the code and no response', (t) => {
  t.deepEqual(toFailure(new CodedError(409, 'in use'), 'request'), {
    kind: 'reply',
    err: { errType: 3, errMsg: 'in use', errCode: 409n },
    response: undefined,
  });
});

test('request, a status that is none: 500, since the host would panic', (t) => {
  for (const httpStatus of [0, 99, 200, 600, 404.5, NaN]) {
    const failure = toFailure(new CodedError(httpStatus, 'x'), 'request');
    t.is(failure.kind === 'reply' ? failure.err.errCode : undefined, 500n);
  }
});

for (const occasion of ['request', 'existenceCheck', 'initialize'] as const) {
  test(`${occasion}, cancelled: gRPC status 1`, (t) => {
    t.deepEqual(toFailure(new CancelledError('gone'), occasion), { kind: 'status', grpcCode: 1, message: 'gone' });
  });
}

const all: readonly Error[] = [
  new InvalidRequestError('text'),
  new PermissionDeniedError('text'),
  new UnsupportedPathError('text'),
  new UnsupportedOperationError('text'),
  new CodedError(404, 'text'),
  new CancelledError('text'),
  new DeadlineError('text'),
  new StorageError('text'),
  new InternalError('text'),
];
for (const occasion of ['revoke', 'rollback', 'setup'] as const) {
  test(`${occasion}, whatever it is: type 0 with the text and nothing else`, (t) => {
    for (const error of all) t.deepEqual(toFailure(error, occasion), reply(0, 'text'), error.name);
  });
}

test('initialize, whatever it is but cancelled: type 0 with the text', (t) => {
  for (const error of all) {
    if (!(error instanceof CancelledError)) t.deepEqual(toFailure(error, 'initialize'), reply(0, 'text'), error.name);
  }
});

test('existence check: type 1 for the user, 6 for no path, 0 for the rest', (t) => {
  t.deepEqual(toFailure(new InvalidRequestError('bad name'), 'existenceCheck'), reply(1, 'bad name'));
  t.deepEqual(toFailure(new UnsupportedPathError(), 'existenceCheck'), reply(6, 'unsupported path'));
  t.deepEqual(toFailure(new PermissionDeniedError('no'), 'existenceCheck'), reply(0, 'no'));
  t.deepEqual(toFailure(new StorageError(READ_ONLY), 'existenceCheck'), reply(0, READ_ONLY));
  t.deepEqual(toFailure(new CodedError(409, 'x'), 'existenceCheck'), reply(0, 'x'));
});

test('texts by which a host believes the plugin dead never go out, from whoever', (t) => {
  for (const text of ['connection is shut down', 'plugin is shut down']) {
    for (const error of [new InternalError(text), new StorageError(text), new InvalidRequestError(text)]) {
      for (const occasion of OCCASIONS) {
        const failure = toFailure(error, occasion);
        t.is(failure.kind === 'reply' ? failure.err.errMsg : '', `plugin error: ${text}`);
      }
    }
  }
});

test('texts by which a host picks a status go out only where they are meant', (t) => {
  const texts = ['invalid credentials', 'permission denied', 'relative paths not supported', 'upstream rate limited'];
  for (const text of texts) {
    t.deepEqual(toFailure(new InternalError(text), 'request'), reply(0, `plugin error: ${text}`));
    t.deepEqual(toFailure(new StorageError(text), 'request'), reply(0, text));
    t.deepEqual(toFailure(new PermissionDeniedError(text), 'request'), reply(8, text, text));
  }
});

test('an empty text never goes out', (t) => {
  t.deepEqual(toFailure(new InternalError(''), 'request'), reply(0, 'unknown error (ERR_INTERNAL)'));
  t.deepEqual(
    toFailure(new InvalidRequestError(''), 'request'),
    reply(7, 'unknown error (ERR_INVALID_REQUEST)', 'unknown error (ERR_INVALID_REQUEST)'),
  );
});

test('the text of an error that is not ours stays inside: it may quote a secret', (t) => {
  for (const thrown of [new TypeError('cannot use hunter2'), 'hunter2', { message: 'hunter2' }, null, undefined]) {
    for (const occasion of OCCASIONS) t.false(JSON.stringify(toFailure(thrown, occasion)).includes('hunter2'));
  }
});

test('whatever is thrown becomes an answer with a text', (t) => {
  const hostile = new InternalError('x');
  Object.defineProperty(hostile, 'message', {
    get: () => {
      throw new Error('hunter2');
    },
  });
  for (const occasion of OCCASIONS) {
    const failure = toFailure(hostile, occasion);
    t.is(failure.kind === 'reply' ? failure.err.errMsg : '', 'internal error of the plugin');
  }
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...OCCASIONS), (thrown, occasion) => {
      const failure = toFailure(thrown, occasion);
      t.true(failure.kind === 'reply' && failure.err.errMsg !== '' && failure.err.errType === 0);
    }),
    { seed: 3 },
  );
});
