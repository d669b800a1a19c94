/** Answers: from the words of `logical` to the wire. The host's decoders are strict about what must be present. */
import { InvariantError } from '../errors.ts';
import type { Response, Secret, SpecialPaths } from '../logical/index.ts';
import type { JsonObject } from '../util/json.ts';
import type { PartialMessage } from '../wire/codec.ts';
import type * as pb from '../wire/generated/pb.ts';
import { toTimestamp, ZERO_TIMESTAMP } from '../wire/timestamp.ts';
import { secondsToNanoseconds } from './duration.ts';

/**
 * @throws InvariantError when the data would be taken for a failure: an object whose only members are `error`, or
 * `error` and `data`, is how failures are told.
 */
export function fromResponse(response: Response): PartialMessage<pb.Response> {
  if (response.data !== undefined && looksLikeError(response.data)) {
    throw new InvariantError('response data with the sole member "error" would be taken for a failure');
  }
  return {
    data: toJsonText(response.data),
    secret: response.secret === undefined ? undefined : fromSecret(response.secret),
    warnings: response.warnings ?? [],
    headers: new Map([...(response.headers ?? [])].map(([name, header]) => [name, { header }])),
  };
}

/** A failure whose text reaches the API user. */
export function createErrorResponse(text: string): PartialMessage<pb.Response> {
  return { data: JSON.stringify({ error: text }) };
}

function looksLikeError(data: JsonObject): boolean {
  const names = Object.keys(data);
  const isShaped = names.length === 1 || (names.length === 2 && Object.hasOwn(data, 'data'));
  return isShaped && Object.hasOwn(data, 'error') && data['error'] !== null;
}

/** The issue time must be present, else the host fails the request after the secret was made. */
function fromSecret(secret: Secret): PartialMessage<pb.Secret> {
  return {
    leaseOptions: {
      ttl: secondsToNanoseconds(secret.ttlSeconds),
      maxTtl: secondsToNanoseconds(secret.maxTtlSeconds),
      renewable: secret.isRenewable,
      increment: secondsToNanoseconds(secret.incrementSeconds),
      issueTime: secret.issuedAt === undefined ? ZERO_TIMESTAMP : toTimestamp(secret.issuedAt),
    },
    internalData: toJsonText(secret.internalData),
    leaseId: secret.leaseId,
  };
}

/** Always valid JSON text: an empty text is an error to the host, "no data" is `null`. */
function toJsonText(data: JsonObject | undefined): string {
  return JSON.stringify(data ?? null);
}

export function fromSpecialPaths(paths: SpecialPaths): PartialMessage<pb.Paths> {
  return {
    root: paths.root,
    unauthenticated: paths.unauthenticated,
    localStorage: paths.localStorage,
    sealWrapStorage: paths.sealWrapStorage,
  };
}
