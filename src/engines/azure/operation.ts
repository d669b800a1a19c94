/** What the procedures that make credentials have in common. */
import { addMs } from '../../util/rfc3339.ts';
import type { RoleRecord } from './model-role.ts';
import type { IssuedRecord, OperationKind, OperationRecord } from './model-tracking.ts';
import type { ProcedureContext } from './procedure.ts';

/** Recovery waits this much longer than the request could take. */
const DEADLINE_MARGIN_MS = 30_000;
/** Ten years: the Go plugin's secret lifetime when the role sets none. */
const DEFAULT_PASSWORD_LIFETIME_MS = 10 * 365 * 24 * 3600 * 1000;

/** What the procedures are given. */
export interface IssueRequest extends ProcedureContext {
  readonly roleName: string;
  readonly role: RoleRecord;
  /** The host's own limit is used when the role sets none. */
  readonly hostMaxTtlSeconds: Promise<number>;
}

/** A credential that was made, ready to be answered. */
export interface Credential {
  readonly operationId: string;
  readonly issued: IssuedRecord;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An intent as it is before the first call. */
export function newOperation(
  kind: OperationKind,
  now: Date,
  { budget, session }: Pick<ProcedureContext, 'budget' | 'session'>,
): OperationRecord {
  return {
    kind,
    roleName: '',
    tenantId: session.settings.tenantId,
    createdAt: now,
    deadline: addMs(budget.endsAt, DEADLINE_MARGIN_MS),
    applicationObjectId: '',
    servicePrincipalId: '',
    roleAssignmentIds: [],
    groupIds: [],
    permanentlyDelete: false,
    keptId: '',
    retiredKeyIds: [],
    emptyLookups: 0,
    firstEmptyLookupAt: undefined,
  };
}

/** When a password made now ends in Azure. Source: vault-plugin-secrets-azure v0.23.0, path_service_principal.go. */
export function passwordEnd(role: RoleRecord, now: Date): Date {
  return addMs(now, role.explicitMaxTtlSeconds * 1000 || DEFAULT_PASSWORD_LIFETIME_MS);
}

/** What is known of rights that are being given, for the undo. */
export class RightsProgress {
  /** True when a role assignment may still appear: it would outlive its principal. */
  mayAssignLate = false;
  /** True when a group membership may still appear. */
  mayJoinLate = false;
}

/** What an unfinished application is known to have, for the undo. */
export class ApplicationProgress extends RightsProgress {
  readonly applicationObjectIds = new Set<string>();
  servicePrincipalId = '';
  /** True when an answer was lost: something may exist that we do not know of. */
  isAmbiguous = false;
  hasTriedAssignments = false;
}

/** The same for a password. */
export class PasswordProgress {
  keyId = '';
  /** True when an answer was lost: a password may exist that we do not know of. */
  isAmbiguous = false;
}
