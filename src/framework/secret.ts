/** Kinds of leased secrets, and who renews and revokes them. Source: Vault SDK framework/secret.go, lease.go. */
import { InternalError, InvariantError, UnsupportedOperationError } from '../errors.ts';
import type { Request, Response, Secret } from '../logical/index.ts';
import type { JsonObject } from '../util/json.ts';
import type { FieldTable } from './field-schema.ts';

/** Renew or revoke; `path` is the one that made the secret, `data` what its response showed. */
export interface SecretRequest extends Request {
  readonly secret: Secret;
}

export interface SecretTypeSpec {
  /** Stored in every lease: never to change. Letters, digits and `_`, for example `service_principal`. */
  readonly type: string;
  /** What the secret's `data` holds; documentation. */
  readonly fields?: FieldTable;
  /** Lease when the response names none. Default 0: the mount's. */
  readonly defaultTtlSeconds?: number;
  /** Absent: leases are not renewable. The answer must carry the whole secret again; see `extendLease`. */
  readonly renew?: (request: SecretRequest) => Promise<Response | undefined>;
  /** Must succeed when there is nothing left to revoke. A failure is tried again by the host. */
  readonly revoke: (request: SecretRequest) => Promise<Response | undefined>;
}

export interface NewSecret {
  /** What the caller gets. */
  readonly data: JsonObject;
  /** What renew and revoke will need. Stored by the host, never shown. */
  readonly internalData: JsonObject;
  /** Default: the type's. 0: the mount's. */
  readonly ttlSeconds?: number;
  /** Default 0: the mount's. */
  readonly maxTtlSeconds?: number;
}

export interface SecretType extends SecretTypeSpec {
  /** A response that opens a lease of this type. */
  readonly response: (secret: NewSecret) => Response;
}

/** @throws InvariantError when the type's name cannot be stored. */
export function defineSecretType(spec: SecretTypeSpec): SecretType {
  if (!/^\w+$/.test(spec.type)) throw new InvariantError(`secret type ${spec.type}: letters, digits and _ only`);
  return {
    ...spec,
    response: ({ data, internalData, ttlSeconds, maxTtlSeconds }) => ({
      data,
      secret: {
        internalData: { ...internalData, secret_type: spec.type },
        ttlSeconds: ttlSeconds ?? spec.defaultTtlSeconds ?? 0,
        maxTtlSeconds: maxTtlSeconds ?? 0,
        isRenewable: spec.renew !== undefined,
        incrementSeconds: 0,
        issuedAt: undefined,
        leaseId: '',
      },
    }),
  };
}

/**
 * The answer to a renewal: the same secret with new terms; the host works out the rest. Give `internalData` only to
 * change what is stored, and then all of it: the host replaces what it has.
 */
export function extendLease(
  request: SecretRequest,
  terms: { readonly ttlSeconds: number; readonly maxTtlSeconds: number; readonly internalData?: JsonObject },
): Response {
  const { secret_type: secretType = '' } = request.secret.internalData;
  return {
    secret: {
      ...request.secret,
      ttlSeconds: terms.ttlSeconds,
      maxTtlSeconds: terms.maxTtlSeconds,
      internalData: { ...(terms.internalData ?? request.secret.internalData), secret_type: secretType },
      incrementSeconds: 0,
    },
  };
}

/** Answers a renew or revoke by the type that the lease was opened with. */
export type SecretDispatcher = (request: Request) => Promise<Response | undefined>;

/** @throws InvariantError when two types have one name. */
export function createSecretDispatcher(secretTypes: readonly SecretType[]): SecretDispatcher {
  const types = new Map(secretTypes.map((secretType) => [secretType.type, secretType]));
  if (types.size !== secretTypes.length) throw new InvariantError('two secret types have the same name');
  return async (request) => {
    if (!hasSecret(request)) throw new InternalError('request has no secret');
    const { internalData } = request.secret;
    const typeName = Object.hasOwn(internalData, 'secret_type') ? internalData['secret_type'] : undefined;
    const secretType = typeof typeName === 'string' ? types.get(typeName) : undefined;
    if (secretType === undefined) throw new InternalError('secret is unsupported by this backend');
    if (request.operation === 'revoke') return secretType.revoke(request);
    if (secretType.renew === undefined) throw new UnsupportedOperationError();
    return secretType.renew(request);
  };
}

function hasSecret(request: Request): request is SecretRequest {
  return request.secret !== undefined;
}
