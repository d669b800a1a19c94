/** Requests: from the wire to the words of `logical`. */
import { InternalError } from '../errors.ts';
import type { CallContext, LeaseOptions, Request, Secret, Storage, SystemView } from '../logical/index.ts';
import { parseJsonObject, type JsonObject } from '../util/json.ts';
import type * as pb from '../wire/generated/pb.ts';
import { timestampToDate } from '../wire/timestamp.ts';
import { nanosecondsToSeconds } from './duration.ts';

/** What a request brings along besides its message. */
export interface RequestSurroundings {
  readonly storage: Storage;
  readonly systemView: SystemView;
  readonly scope: CallContext;
}

/**
 * Numbers in `data` and `internalData` become doubles, as in external plugins written in Go: integers beyond 2^53 lose
 * their last digits.
 * @throws InternalError when the host sent data that is not a JSON object. Nothing of the data is in the message.
 */
export function toRequest(request: pb.Request, surroundings: RequestSurroundings): Request {
  return {
    id: request.id,
    operation: request.operation,
    path: request.path,
    data: parseHostJson(request.data, 'data'),
    secret: request.secret === undefined ? undefined : toSecret(request.secret),
    storage: surroundings.storage,
    systemView: surroundings.systemView,
    // Made when it is asked for, which most requests never do.
    get signal() {
      return surroundings.scope.signal;
    },
    deadline: surroundings.scope.deadline,
    headers: new Map([...request.headers].map(([name, { header }]) => [name, header])),
    hostTokenHash: request.clientToken,
    hostTokenAccessor: request.clientTokenAccessor,
    displayName: request.displayName,
    entityId: request.entityId,
    mountPoint: request.mountPoint,
    mountType: request.mountType,
    mountAccessor: request.mountAccessor,
    remoteAddress: request.connection?.remoteAddr ?? '',
  };
}

function toSecret(secret: pb.Secret): Secret {
  return {
    ...toLeaseOptions(secret.leaseOptions),
    internalData: parseHostJson(secret.internalData, 'internal data'),
    leaseId: secret.leaseId,
  };
}

function toLeaseOptions(options: pb.LeaseOptions | undefined): LeaseOptions {
  const issueTime = options?.issueTime;
  return {
    ttlSeconds: nanosecondsToSeconds(options?.ttl ?? 0n),
    maxTtlSeconds: nanosecondsToSeconds(options?.maxTtl ?? 0n),
    isRenewable: options?.renewable ?? false,
    incrementSeconds: nanosecondsToSeconds(options?.increment ?? 0n),
    issuedAt: issueTime === undefined ? undefined : timestampToDate(issueTime),
  };
}

/** '' and `null` are the empty object. */
function parseHostJson(text: string, what: string): JsonObject {
  try {
    return parseJsonObject(text);
  } catch (error) {
    throw new InternalError(`the host sent ${what} that is not a JSON object`, { cause: error });
  }
}
