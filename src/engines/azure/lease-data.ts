/** What the host keeps with a lease, ours and the Go plugin's. Source: vault-plugin-secrets-azure v0.23.0, path_service_principal.go. */
import { InternalError } from '../../errors.ts';
import type { Secret } from '../../logical/index.ts';
import { parseTime } from '../../util/rfc3339.ts';
import { readBoolean, readString, readStrings } from './record-codec.ts';

export interface LeaseData {
  readonly roleName: string;
  readonly applicationObjectId: string;
  /** '' for passwords of existing applications. */
  readonly servicePrincipalId: string;
  readonly roleAssignmentIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly permanentlyDelete: boolean;
  /** '' for dynamic applications. */
  readonly keyId: string;
  /** `undefined` on leases of Vault 1.18 and earlier. */
  readonly keyExpiresAt: Date | undefined;
  /** '' on leases of the Go plugin. */
  readonly operationId: string;
  /** Where it was made; '' on leases of the Go plugin. */
  readonly tenantId: string;
}

/** @throws InternalError when the lease does not say which application it is about. */
export function readLease(secret: Secret): LeaseData {
  const { internalData } = secret;
  const applicationObjectId = readString(internalData, 'app_object_id');
  if (applicationObjectId === '') throw new InternalError("internal data 'app_object_id' not found");
  return {
    roleName: readString(internalData, 'role'),
    applicationObjectId,
    servicePrincipalId: readString(internalData, 'sp_object_id'),
    roleAssignmentIds: readStrings(internalData, 'role_assignment_ids'),
    groupIds: readStrings(internalData, 'group_membership_ids'),
    permanentlyDelete: readBoolean(internalData, 'permanently_delete'),
    keyId: readString(internalData, 'key_id'),
    keyExpiresAt: parseTime(readString(internalData, 'key_end_date')),
    operationId: readString(internalData, 'operation_id'),
    tenantId: readString(internalData, 'tenant_id'),
  };
}
