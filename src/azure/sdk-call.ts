/**
 * One call through an SDK: lends it our transport, watches what really came over the wire, and tells failures from
 * that instead of from the SDK's own errors.
 */
import type { PluginError } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import { errorFromAnswer, errorFromThrown, type ErrorContext } from './errors.ts';
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
 * @throws AzureError made from the last exchange when that failed, else from what the SDK threw; cancellation as it is.
 */
export async function runSdkCall<T>(
  context: ErrorContext,
  clock: Clock,
  send: Send,
  work: (send: Send) => Promise<T>,
): Promise<T> {
  let failure: PluginError | undefined;
  const watched: Send = async (request) => {
    failure = undefined;
    try {
      const answer = await send(request);
      if (answer.status < 200 || answer.status > 299) failure = errorFromAnswer(context, answer, clock.now());
      return answer;
    } catch (thrown) {
      failure = errorFromThrown(context, thrown);
      throw failure;
    }
  };
  try {
    return await work(watched);
  } catch (thrown) {
    throw failure ?? errorFromThrown(context, thrown);
  }
}
