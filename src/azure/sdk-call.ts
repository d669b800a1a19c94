/**
 * One call through an SDK: lends it our transport, watches what really came over the wire, and tells failures from
 * that instead of from the SDK's own errors.
 */
import { PluginError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import { errorFromAnswer, errorFromThrown, unreadableAnswer, type ErrorContext } from './errors.ts';
import type { TransportAnswer } from './transport.ts';

/** The part of a request that an SDK decides on. */
export interface SdkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export type Send = (request: SdkRequest) => Promise<TransportAnswer>;

/**
 * Runs `work`, which makes an SDK call the `Send` that it is given.
 * @throws AzureError made from the last exchange when that failed (even if the SDK did not mind), else from what the SDK
 * threw; cancellation as it is.
 */
export async function runSdkCall<T>(
  context: ErrorContext,
  clock: Clock,
  send: Send,
  work: (send: Send) => Promise<T>,
): Promise<T> {
  const last: LastExchange = { isAnswered: false, failure: undefined };
  const watched: Send = async (request) => {
    last.failure = undefined;
    try {
      const answer = await send(request);
      last.isAnswered = true;
      if (answer.status < 200 || answer.status > 299) last.failure = errorFromAnswer(context, answer, clock.now());
      return answer;
    } catch (thrown) {
      last.failure = errorFromThrown(context, thrown);
      throw last.failure;
    }
  };
  const [outcome] = await Promise.allSettled([work(watched)]);
  if (last.failure !== undefined) throw last.failure;
  if (outcome.status === 'fulfilled') return outcome.value;
  const thrown: unknown = outcome.reason;
  if (!last.isAnswered || thrown instanceof PluginError) throw errorFromThrown(context, thrown);
  throw unreadableAnswer(context, `the SDK refuses it (${thrown instanceof Error ? thrown.name : 'unknown'})`, thrown);
}

interface LastExchange {
  isAnswered: boolean;
  failure: PluginError | undefined;
}
