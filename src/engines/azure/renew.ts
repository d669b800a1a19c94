/** Renews a lease. Nothing in Azure changes: the secret was made to live as long as any lease of it can. */
import { InternalError } from '../../errors.ts';
import type { SecretRequest } from '../../framework/index.ts';
import type { Response, Secret } from '../../logical/index.ts';
import { addMs, formatTime } from '../../util/rfc3339.ts';
import { readLease } from './lease-data.ts';
import { leaseMaxTtlSeconds, type RoleRecord } from './model-role.ts';
import type { AzureMount } from './mount.ts';

/** The Go plugin's secrets lived this long before leases knew their end. */
const DEFAULT_KEY_LIFETIME_MS = 10 * 365 * 24 * 3600 * 1000;

/**
 * `undefined`, so no extension, when the role is gone.
 * Source: vault-plugin-secrets-azure v0.23.0, path_service_principal.go (spRenew).
 * Differs: the host counts the maximum from the issue time, so that is what it is given here; the Go plugin gives the
 * time left, and its renewals stop at half the key's life.
 */
export async function renewLease(mount: AzureMount, request: SecretRequest): Promise<Response | undefined> {
  const { secret } = request;
  const lease = readLease(secret);
  if (lease.roleName === '') throw new InternalError("internal data 'role' not found");
  const role = await mount.stores.roles.get(request.storage, lease.roleName);
  if (role === undefined) return undefined;

  const now = mount.dependencies.clock.now();
  const issuedAt = secret.issuedAt ?? now;
  const keyExpiresAt = lease.keyExpiresAt ?? addMs(issuedAt, DEFAULT_KEY_LIFETIME_MS);
  const terms = renewalTerms(role, { now, issuedAt, keyExpiresAt });
  const renewed: Secret = {
    ...secret,
    ...terms,
    internalData: {
      ...secret.internalData,
      key_end_date: secret.internalData['key_end_date'] ?? formatTime(keyExpiresAt),
    },
  };
  await moveDeadline(mount, request, lease.operationId, lease.roleName, role, issuedAt);
  return { secret: renewed };
}

interface KeyTimes {
  readonly now: Date;
  readonly issuedAt: Date;
  readonly keyExpiresAt: Date;
}

/** Terms that end with the key. A role without ttl or maximum leaves them to the host (0). */
export function renewalTerms(
  role: RoleRecord,
  { now, issuedAt, keyExpiresAt }: KeyTimes,
): Pick<Secret, 'ttlSeconds' | 'maxTtlSeconds' | 'isRenewable'> {
  const leftSeconds = Math.max(0, Math.floor((keyExpiresAt.getTime() - now.getTime()) / 1000));
  const lifetimeSeconds = Math.max(1, Math.floor((keyExpiresAt.getTime() - issuedAt.getTime()) / 1000));
  const limit = leaseMaxTtlSeconds(role) || lifetimeSeconds;
  return {
    ttlSeconds: role.ttlSeconds === 0 ? 0 : Math.min(role.ttlSeconds, leftSeconds),
    maxTtlSeconds: Math.min(limit, lifetimeSeconds),
    isRenewable: leftSeconds > 0,
  };
}

/** The role's (or the mount's) maximum may have grown since the lease was issued. */
async function moveDeadline(
  mount: AzureMount,
  request: SecretRequest,
  operationId: string,
  roleName: string,
  role: RoleRecord,
  issuedAt: Date,
): Promise<void> {
  if (operationId === '') return;
  const id = `${roleName}/${operationId}`;
  const issued = await mount.stores.issued.get(request.storage, id);
  if (issued === undefined) return;
  const maxTtlSeconds = leaseMaxTtlSeconds(role) || (await request.systemView.maxLeaseTtlSeconds());
  const leaseDeadline = addMs(issuedAt, maxTtlSeconds * 1000);
  if (leaseDeadline.getTime() <= issued.leaseDeadline.getTime()) return;
  await mount.stores.issued.put(request.storage, id, { ...issued, leaseDeadline });
}
