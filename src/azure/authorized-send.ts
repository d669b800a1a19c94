/** Calls with an access token, to one service only. */
import { InvariantError } from '../errors.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { AzureCall } from './provider.ts';
import type { Send } from './sdk-call.ts';
import type { Transport } from './transport.ts';

export interface AuthorizedSendOptions {
  readonly transport: Transport;
  readonly accessTokens: AccessTokens;
  /** For example `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  /** The token goes nowhere else, for example `https://graph.microsoft.com`. */
  readonly endpoint: string;
  /** For the log, for example `graph /applications/{id}`. */
  readonly route: string;
}

/** A rejected token (401) is renewed once: it may have been revoked, or the clock of this machine be wrong. */
export function createAuthorizedSend(options: AuthorizedSendOptions, call: AzureCall): Send {
  const { transport, accessTokens, scope, endpoint, route } = options;
  const { origin } = new URL(endpoint);
  return async (request) => {
    // Links to further pages come from the answer, not from us.
    if (new URL(request.url).origin !== origin) throw new InvariantError(`refused to call a host other than ${origin}`);
    const sendWith = (accessToken: string): ReturnType<Send> =>
      transport.send({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
        signal: call.signal,
        route,
        attempt: call.attempt ?? 1,
      });
    const accessToken = await accessTokens.get(scope, call);
    const answer = await sendWith(accessToken);
    if (answer.status !== 401) return answer;
    accessTokens.drop(scope, accessToken);
    return sendWith(await accessTokens.get(scope, call));
  };
}
