/** Our transport as the `HttpClient` that @azure/identity and @azure/arm-authorization accept. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { InvariantError } from '../errors.ts';
import type { Send } from './sdk-call.ts';

/** Ignores the request's own proxy, agent, timeout and signal: `send` has them. */
export async function createPipelineHttpClient(send: Send): Promise<HttpClient> {
  const { createHttpHeaders } = await import('@azure/core-rest-pipeline');
  return {
    sendRequest: async (request) => {
      const { body } = request;
      if (body !== undefined && body !== null && typeof body !== 'string') {
        throw new InvariantError('the SDK sent a body that is no text');
      }
      const answer = await send({
        method: request.method,
        url: request.url,
        headers: request.headers.toJSON(),
        body: body ?? undefined,
      });
      const headers = createHttpHeaders(Object.fromEntries(answer.headers));
      return { request, status: answer.status, headers, bodyAsText: answer.body };
    },
  };
}
