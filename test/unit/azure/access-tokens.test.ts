import test from 'ava';
import { createAccessTokens, type AccessTokens } from '../../../src/azure/access-tokens.ts';
import type { AzureCall } from '../../../src/azure/provider.ts';
import { AzureError, CancelledError } from '../../../src/errors.ts';
import { addMs } from '../../../src/util/rfc3339.ts';
import { FakeClock, nextTurn } from '../../helpers/fake-clock.ts';

const SCOPE = 'https://graph.microsoft.com/.default';
const MINUTE_MS = 60_000;

const call = (step = 'read group', signal = new AbortController().signal): AzureCall => ({ step, signal });

interface Setup {
  readonly clock: FakeClock;
  readonly tokens: AccessTokens;
  readonly scopes: string[];
  /** What the next logins do; default: succeed with `token-<n>` for an hour. */
  readonly outcomes: (() => Promise<void>)[];
}

function setUp(): Setup {
  const clock = new FakeClock();
  const scopes: string[] = [];
  const outcomes: (() => Promise<void>)[] = [];
  const tokens = createAccessTokens({
    clock,
    logIn: async (scope) => {
      scopes.push(scope);
      const value = `token-${scopes.length}`;
      await outcomes.shift()?.();
      return { value, expiresAt: addMs(clock.now(), 60 * MINUTE_MS) };
    },
  });
  return { clock, tokens, scopes, outcomes };
}

function refused(status: number): AzureError {
  return new AzureError({
    service: 'entra',
    step: 'log in to Entra ID',
    status,
    azureCode: 'AADSTS1',
    detailCodes: [],
    azureMessage: 'no',
    requestId: '',
    retryAfterMs: 7,
  });
}

test('a token, asked for twice, comes from one login', async (t) => {
  const { tokens, scopes } = setUp();
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  t.deepEqual(scopes, [SCOPE]);
});

test('a token, asked for by many at once, comes from one login', async (t) => {
  const { tokens, scopes } = setUp();
  const all = await Promise.all(Array.from({ length: 20 }, () => tokens.get(SCOPE, call())));
  t.deepEqual(new Set(all), new Set(['token-1']));
  t.is(scopes.length, 1);
});

test('tokens, two scopes, are two', async (t) => {
  const { tokens, scopes } = setUp();
  t.is(await tokens.get('a', call()), 'token-1');
  t.is(await tokens.get('b', call()), 'token-2');
  t.deepEqual(scopes, ['a', 'b']);
});

test('a token with more than five minutes left is used as it is', async (t) => {
  const { tokens, clock } = setUp();
  await tokens.get(SCOPE, call());
  await clock.advance(54 * MINUTE_MS);
  t.is(await tokens.get(SCOPE, call()), 'token-1');
});

test('a token near its end is used while another is fetched in the background', async (t) => {
  const { tokens, clock, scopes } = setUp();
  await tokens.get(SCOPE, call());
  await clock.advance(56 * MINUTE_MS);
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  await nextTurn();
  t.is(await tokens.get(SCOPE, call()), 'token-2');
  t.is(scopes.length, 2);
});

test('a renewal in the background, failing, is tried again after a pause and disturbs nobody', async (t) => {
  const { tokens, clock, scopes, outcomes } = setUp();
  await tokens.get(SCOPE, call());
  await clock.advance(56 * MINUTE_MS);
  outcomes.push(() => Promise.reject(refused(503)));
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  await nextTurn();
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  t.is(scopes.length, 2);
  await clock.advance(30_000);
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  await nextTurn();
  t.is(await tokens.get(SCOPE, call()), 'token-3');
});

test('a token with a minute left is not used any more', async (t) => {
  const { tokens, clock } = setUp();
  await tokens.get(SCOPE, call());
  await clock.advance(59 * MINUTE_MS);
  t.is(await tokens.get(SCOPE, call()), 'token-2');
});

test('a dropped token is replaced, another one stays', async (t) => {
  const { tokens } = setUp();
  await tokens.get(SCOPE, call());
  tokens.drop(SCOPE, 'token-0');
  t.is(await tokens.get(SCOPE, call()), 'token-1');
  tokens.drop(SCOPE, 'token-1');
  t.is(await tokens.get(SCOPE, call()), 'token-2');
});

test('a failed login names the step that wanted it and is not remembered', async (t) => {
  const { tokens, outcomes } = setUp();
  outcomes.push(() => Promise.reject(refused(401)));
  const calls = [tokens.get(SCOPE, call('read group')), tokens.get(SCOPE, call('create application'))];
  const [first, second] = await Promise.allSettled(calls);
  t.like(first, { status: 'rejected', reason: { message: 'log in to Entra ID to read group: 401 AADSTS1: no' } });
  t.like(second, {
    reason: { message: 'log in to Entra ID to create application: 401 AADSTS1: no', service: 'entra', retryAfterMs: 7 },
  });
  t.is(await tokens.get(SCOPE, call()), 'token-2');
});

test('a cancelled call leaves the login to the others', async (t) => {
  const { tokens, outcomes, scopes } = setUp();
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  outcomes.push(() => gate);
  const controller = new AbortController();
  const cancelled = tokens.get(SCOPE, call('a', controller.signal));
  const other = tokens.get(SCOPE, call('b'));
  controller.abort();
  await t.throwsAsync(cancelled, { instanceOf: CancelledError });
  open();
  t.is(await other, 'token-1');
  t.is(scopes.length, 1);
});

test('a call cancelled before does not log in', async (t) => {
  const { tokens, scopes } = setUp();
  await t.throwsAsync(tokens.get(SCOPE, call('a', AbortSignal.abort())), { instanceOf: CancelledError });
  t.is(scopes.length, 0);
});
