import test from 'ava';
import { startBudget } from '../../../../src/engines/azure/budget.ts';
import { retryStep } from '../../../../src/engines/azure/retry.ts';
import { AzureError, CancelledError, DeadlineError, toError } from '../../../../src/errors.ts';
import { createAbortController } from '../../../../src/util/abort.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';
import { FakeRandom } from '../../../helpers/fake-random.ts';
import { TestLogger } from '../../../helpers/test-logger.ts';

const open = createAbortController().signal;

function failure(status: number | undefined, retryAfterMs?: number, azureCode = ''): AzureError {
  return new AzureError({
    service: 'graph',
    step: 'create application',
    status,
    azureCode,
    detailCodes: [],
    azureMessage: 'because',
    requestId: 'r-1',
    retryAfterMs,
  });
}

function setUp(timeoutSeconds = 50) {
  const clock = new FakeClock({ isAutoAdvancing: true });
  const budget = startBudget({ clock, timeoutSeconds, closing: open });
  clock.delaysMs.length = 0;
  return { clock, context: { clock, random: new FakeRandom(), logger: new TestLogger(), budget } };
}

/** Fails with each of `failures`, then answers. */
function failing(...failures: Error[]): () => Promise<string> {
  return async () => {
    const next = failures.shift();
    if (next !== undefined) throw next;
    return 'done';
  };
}

test('retry: transient failures are repeated with doubling waits', async (t) => {
  const { clock, context } = setUp();
  t.is(await retryStep(context, 's', failing(failure(503), failure(undefined), failure(500))), 'done');
  t.deepEqual(clock.delaysMs, [500, 1000, 2000]);
});

test('retry: Retry-After is obeyed when longer than the own wait', async (t) => {
  const { clock, context } = setUp();
  await retryStep(context, 's', failing(failure(429, 7000), failure(429, 1)));
  t.deepEqual(clock.delaysMs, [7000, 1000]);
});

test('retry: a final failure is thrown at once', async (t) => {
  const { clock, context } = setUp();
  const error = failure(403);
  t.is(await t.throwsAsync(retryStep(context, 's', failing(error))), error);
  t.deepEqual(clock.delaysMs, []);
});

test('retry: failures that the step names are repeated too', async (t) => {
  const { context } = setUp();
  t.is(await retryStep(context, 's', failing(failure(404)), { shouldRetry: (error) => error.isNotFound }), 'done');
});

test('retry: a wait beyond the budget is not begun, the error tells the last reason', async (t) => {
  const { clock, context } = setUp(10);
  const error = await t.throwsAsync(retryStep(context, 's', failing(failure(429, 60_000))), {
    instanceOf: DeadlineError,
  });
  t.is(
    error.message,
    "create application: 429: because (request id r-1); Azure asks to wait 60 s, more than is left of the request's budget of 10 s",
  );
  t.deepEqual(clock.delaysMs, []);
});

test('retry: each attempt is numbered, for the log', async (t) => {
  const { context } = setUp();
  const attempts: (number | undefined)[] = [];
  const answers = failing(failure(503), failure(503));
  await retryStep(context, 's', ({ attempt }) => {
    attempts.push(attempt);
    return answers();
  });
  t.deepEqual(attempts, [1, 2, 3]);
});

test('retry: a final failure tells its remedy, whatever step it was', async (t) => {
  const { context } = setUp();
  const error = failure(403, undefined, 'Authorization_RequestDenied');
  await t.throwsAsync(retryStep(context, 's', failing(error)), {
    instanceOf: AzureError,
    message: /: because; grant the identity of this secrets engine the Graph application permission/,
  });
});

test('retry: a failure that lasts to the end of the budget tells its remedy too', async (t) => {
  const { context } = setUp(1);
  await t.throwsAsync(retryStep(context, 's', failing(failure(undefined), failure(undefined), failure(undefined))), {
    instanceOf: DeadlineError,
    message: /because; check that the server can reach Azure .*; still so at the end of the request's budget of 1 s$/,
  });
});

test('retry: no answer until the budget ends, the error names the step', async (t) => {
  const { clock, context } = setUp(10);
  const { signal } = context.budget;
  const running = retryStep(
    context,
    'create application',
    () => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(toError(signal.reason)))),
  );
  await clock.advance(10_000);
  await t.throwsAsync(running, {
    instanceOf: DeadlineError,
    message: "create application: the request's budget of 10 s is used up",
  });
});

test('retry: attempts can be limited', async (t) => {
  const { context } = setUp();
  const last = failure(500);
  t.is(
    await t.throwsAsync(retryStep(context, 's', failing(failure(500), last, failure(500)), { maxAttempts: 2 })),
    last,
  );
});

test('retry: a caller who leaves ends it with the cancellation', async (t) => {
  const clock = new FakeClock();
  const caller = new AbortController();
  const budget = startBudget({
    clock,
    timeoutSeconds: 50,
    closing: open,
    call: { signal: caller.signal, deadline: undefined },
  });
  const running = retryStep(
    { clock, random: new FakeRandom(), logger: new TestLogger(), budget },
    's',
    failing(failure(500)),
  );
  await clock.advance(1);
  caller.abort(new CancelledError());
  await t.throwsAsync(running, { instanceOf: CancelledError });
});

test('budget: the host’s nearer deadline counts, with a second kept for the answer', (t) => {
  const clock = new FakeClock();
  const deadline = new Date(clock.now().getTime() + 20_000);
  using budget = startBudget({ clock, timeoutSeconds: 50, closing: open, call: { signal: open, deadline } });
  t.is(budget.remainingMs(), 19_000);
  t.is(budget.timeoutSeconds, 19);
});

test('budget: it ends with a text that tells its size', async (t) => {
  const clock = new FakeClock();
  using budget = startBudget({ clock, timeoutSeconds: 5, closing: open });
  await clock.advance(4_999);
  t.false(budget.signal.aborted);
  await clock.advance(1);
  t.true(budget.signal.aborted);
  t.throws(() => budget.signal.throwIfAborted(), {
    instanceOf: DeadlineError,
    message: "the request's budget of 5 s is used up",
  });
});

test('budget: disposed, it leaves no timer behind', (t) => {
  const clock = new FakeClock();
  startBudget({ clock, timeoutSeconds: 5, closing: open })[Symbol.dispose]();
  t.is(clock.pendingCount, 0);
});

test('budget: a closing mount ends it', (t) => {
  const closing = new AbortController();
  using budget = startBudget({ clock: new FakeClock(), timeoutSeconds: 5, closing: closing.signal });
  closing.abort(new CancelledError('the mount is closing'));
  t.throws(() => budget.signal.throwIfAborted(), { instanceOf: CancelledError, message: 'the mount is closing' });
});

test('retry: the remedy of a final failure is the one that the step knows', async (t) => {
  const { context } = setUp();
  const refused = failing(failure(403, undefined, 'Authorization_RequestDenied'));
  await t.throwsAsync(retryStep(context, 'step', refused, { findRemedy: () => 'do this' }), {
    instanceOf: AzureError,
    message: 'create application: 403 Authorization_RequestDenied: because; do this (request id r-1)',
  });
});
