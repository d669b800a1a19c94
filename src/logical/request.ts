/** A request as the host hands it to a backend, and the answer. Source: Vault plugin protocol, package pb. */
import type { JsonObject } from '../util/json.ts';
import type { Storage } from './storage.ts';
import type { SystemView } from './system-view.ts';

/** Operations that hosts are known to send. An unknown one is answered with "unsupported operation". */
export type Operation =
  | 'create'
  | 'read'
  | 'update'
  | 'patch'
  | 'delete'
  | 'list'
  | 'scan'
  | 'header'
  | 'help'
  | 'renew'
  | 'revoke'
  | 'rollback'
  | 'rotate'
  | 'recover';

/** Lease terms. Whole seconds; fractions of a host's nanoseconds are cut off. */
export interface LeaseOptions {
  /** 0: the host's default for the mount. */
  readonly ttlSeconds: number;
  /** Counted by the host from `issuedAt`. 0: the host's limit for the mount. */
  readonly maxTtlSeconds: number;
  readonly isRenewable: boolean;
  /** Renewal asked for by the client; 0 when not said, and on answers. */
  readonly incrementSeconds: number;
  /** `undefined`: the host sets it (new leases). */
  readonly issuedAt: Date | undefined;
}

/** A leased secret: what the host keeps for renew and revoke. */
export interface Secret extends LeaseOptions {
  /** Stored by the host, never shown to a client. Holds `secret_type`. */
  readonly internalData: JsonObject;
  /** Blank on renew and on a first revoke. */
  readonly leaseId: string;
}

/** How long one call may take and whether its caller is still there. */
export interface CallContext {
  /** Aborts when the caller goes away, the deadline passes, or the mount closes. */
  readonly signal: AbortSignal;
  /** The host's deadline; `undefined` when the host set none (calls from HTTP). */
  readonly deadline: Date | undefined;
}

export interface Request extends CallContext {
  readonly id: string;
  /** One of `Operation`, or something newer. */
  readonly operation: string;
  /** Relative to the mount, no leading slash, for example `creds/app`; lists end in `/`. */
  readonly path: string;
  /** Body and query, as the client sent them. Empty when there was none. */
  readonly data: JsonObject;
  /** On renew and revoke. */
  readonly secret: Secret | undefined;
  /** The mount's storage, bound to this call's deadline and cancellation. */
  readonly storage: Storage;
  /** The host's view, bound to this call's deadline and cancellation. */
  readonly systemView: SystemView;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Salted hash of the caller's token; '' for internal requests. */
  readonly hostTokenHash: string;
  readonly hostTokenAccessor: string;
  readonly displayName: string;
  readonly entityId: string;
  /** For example `azure/`. */
  readonly mountPoint: string;
  readonly mountType: string;
  /** Empty on reads, lists and deletes. */
  readonly mountAccessor: string;
  readonly remoteAddress: string;
}

/** The answer to a request. `undefined` instead of a response means "nothing to say" (404 on read, 204 on write). */
export interface Response {
  readonly data?: JsonObject | undefined;
  readonly secret?: Secret | undefined;
  readonly warnings?: readonly string[];
  readonly headers?: ReadonlyMap<string, readonly string[]>;
}
