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
  return new HostRequest(request, surroundings);
}

/** A class: in an object made anew for each request, a getter would cost more than all the rest. */
class HostRequest implements Request {
  readonly id: string;
  readonly operation: string;
  readonly path: string;
  readonly data: JsonObject;
  readonly secret: Secret | undefined;
  readonly storage: Storage;
  readonly systemView: SystemView;
  readonly deadline: Date | undefined;
  readonly hostTokenHash: string;
  readonly hostTokenAccessor: string;
  readonly displayName: string;
  readonly entityId: string;
  readonly mountPoint: string;
  readonly mountType: string;
  readonly mountAccessor: string;
  readonly remoteAddress: string;
  readonly #scope: CallContext;
  readonly #wireHeaders: pb.Request['headers'];

  constructor(request: pb.Request, { storage, systemView, scope }: RequestSurroundings) {
    this.id = request.id;
    this.operation = request.operation;
    this.path = request.path;
    this.data = parseHostJson(request.data, 'data');
    this.secret = request.secret === undefined ? undefined : toSecret(request.secret);
    this.storage = storage;
    this.systemView = systemView;
    this.deadline = scope.deadline;
    this.hostTokenHash = request.clientToken;
    this.hostTokenAccessor = request.clientTokenAccessor;
    this.displayName = request.displayName;
    this.entityId = request.entityId;
    this.mountPoint = request.mountPoint;
    this.mountType = request.mountType;
    this.mountAccessor = request.mountAccessor;
    this.remoteAddress = request.connection?.remoteAddr ?? '';
    this.#scope = scope;
    this.#wireHeaders = request.headers;
  }

  /** Made when it is asked for, which most requests never do; so are the headers. */
  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get headers(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#wireHeaders].map(([name, { header }]) => [name, header]));
  }
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
