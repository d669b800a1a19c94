/**
 * The engine's own records about objects in the tenant. Together they answer, after any crash, for every object:
 * which lease, role or deadline stands for it.
 *
 * - `operations/<id>`: an intent, written before the first call of a procedure, with the handles that its objects carry.
 * - `issued/<role>/<id>`: a live credential and the end of its longest possible lease.
 * - `retired/<object id>`: an application that a role owned until `persist_app` was switched off.
 * - `leftover/<id>`: parts that a finished revocation, or a recovery, could not remove yet. The id is the application's,
 *   or the operation's where there is none.
 */
import { InternalError } from '../../errors.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../util/json.ts';
import { EPOCH, formatTime, parseTime } from '../../util/rfc3339.ts';
import { decodeRecord, encodeRecord, readBoolean, readNumber, readString, readStrings } from './record-codec.ts';

export const OPERATIONS_PREFIX = 'operations/';
export const ISSUED_PREFIX = 'issued/';
export const RETIRED_PREFIX = 'retired/';
export const LEFTOVER_PREFIX = 'leftover/';

/**
 * `application`: a new one with everything that hangs on it. `password`, `root_password`, `static_password`: one password
 * on an existing one. `persisted_application`: the one of a role. `persisted_rights`: a change of what that one may do.
 * `static_role`: a static role that is being deleted.
 */
export type OperationKind = (typeof OPERATION_KINDS)[number];
const OPERATION_KINDS = [
  'application',
  'password',
  'root_password',
  'persisted_application',
  'persisted_rights',
  'static_password',
  'static_role',
] as const;
const CREDENTIAL_KINDS = ['application', 'password'] as const;

export interface OperationRecord {
  readonly kind: OperationKind;
  /** The engine's role; '' for the root password. */
  readonly roleName: string;
  /** As the config had it, an id or a domain name; '' in records of older versions. */
  readonly tenantId: string;
  readonly createdAt: Date;
  /** When nobody can be working on it any more: start + the request's budget + 30 s. */
  readonly deadline: Date;
  /** The existing application; '' for the kinds that make one. */
  readonly applicationObjectId: string;
  /** Kind `persisted_rights`: the principal whose memberships change. */
  readonly servicePrincipalId: string;
  /** Full ARM ids that the procedure was going to create, their GUIDs chosen by us; `persisted_rights`: or to delete. */
  readonly roleAssignmentIds: readonly string[];
  /** Kind `persisted_rights`: groups that the principal was going to enter or to leave. */
  readonly groupIds: readonly string[];
  readonly permanentlyDelete: boolean;
  /**
   * Application object id or password key id that was handed out although an answer had been lost on the way: what else
   * carries the handle is removed, this is not.
   */
  readonly keptId: string;
  /** Root password: keys that go once the new one is in use. Static role: keys that go with it. */
  readonly retiredKeyIds: readonly string[];
  /** Look-ups since the last find that found nothing more to remove. */
  readonly emptyLookups: number;
  readonly firstEmptyLookupAt: Date | undefined;
}

export interface IssuedRecord {
  readonly kind: (typeof CREDENTIAL_KINDS)[number];
  readonly roleName: string;
  readonly applicationObjectId: string;
  readonly servicePrincipalId: string;
  readonly roleAssignmentIds: readonly string[];
  readonly groupIds: readonly string[];
  /** Kind `password` only. */
  readonly keyId: string;
  readonly permanentlyDelete: boolean;
  /** As in `OperationRecord`. */
  readonly tenantId: string;
  readonly createdAt: Date;
  /** End of the secret in Azure. */
  readonly keyExpiresAt: Date | undefined;
  /** Issue time + the longest lease. A day later the periodic function removes what is still there. */
  readonly leaseDeadline: Date;
}

/** An application that its role does not own any more. It goes when it has no password left that lets anybody in. */
export interface RetiredRecord {
  /** The role that owned it. */
  readonly roleName: string;
  readonly servicePrincipalId: string;
  readonly roleAssignmentIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly permanentlyDelete: boolean;
  /** As in `OperationRecord`. */
  readonly tenantId: string;
  readonly createdAt: Date;
}

/** One thing that is still to be removed. */
export type LeftoverPart =
  | { readonly type: 'role_assignment'; readonly roleAssignmentId: string }
  | { readonly type: 'group_member'; readonly groupId: string; readonly memberId: string }
  | { readonly type: 'service_principal'; readonly servicePrincipalId: string }
  /** An application or service principal that is to leave the recycle bin. */
  | { readonly type: 'purge'; readonly objectId: string };

export interface LeftoverRecord {
  readonly roleName: string;
  readonly parts: readonly LeftoverPart[];
  /** As in `OperationRecord`. */
  readonly tenantId: string;
  readonly createdAt: Date;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  /** Azure's last reason, for people. */
  readonly lastError: string;
}

export function decodeOperation(storageKey: string, value: Uint8Array): OperationRecord {
  const json = decodeRecord(storageKey, value);
  return {
    kind: readKind(storageKey, json, 'kind', OPERATION_KINDS),
    roleName: readString(json, 'role'),
    tenantId: readString(json, 'tenant_id'),
    createdAt: readTime(json, 'created_at'),
    deadline: readTime(json, 'deadline'),
    applicationObjectId: readString(json, 'application_object_id'),
    servicePrincipalId: readString(json, 'sp_object_id'),
    roleAssignmentIds: readStrings(json, 'role_assignment_ids'),
    groupIds: readStrings(json, 'group_ids'),
    permanentlyDelete: readBoolean(json, 'permanently_delete'),
    keptId: readString(json, 'kept_id'),
    retiredKeyIds: readStrings(json, 'retired_key_ids'),
    emptyLookups: readNumber(json, 'empty_lookups'),
    firstEmptyLookupAt: parseTime(readString(json, 'first_empty_lookup_at')),
  };
}

export function encodeOperation(operation: OperationRecord): Uint8Array {
  return encodeRecord({
    kind: operation.kind,
    role: operation.roleName,
    tenant_id: operation.tenantId,
    created_at: formatTime(operation.createdAt),
    deadline: formatTime(operation.deadline),
    application_object_id: operation.applicationObjectId,
    sp_object_id: operation.servicePrincipalId,
    role_assignment_ids: operation.roleAssignmentIds,
    group_ids: operation.groupIds,
    permanently_delete: operation.permanentlyDelete,
    kept_id: operation.keptId,
    retired_key_ids: operation.retiredKeyIds,
    empty_lookups: operation.emptyLookups,
    first_empty_lookup_at: formatTime(operation.firstEmptyLookupAt),
  });
}

export function decodeIssued(storageKey: string, value: Uint8Array): IssuedRecord {
  const json = decodeRecord(storageKey, value);
  return {
    kind: readKind(storageKey, json, 'kind', CREDENTIAL_KINDS),
    roleName: readString(json, 'role'),
    applicationObjectId: readString(json, 'application_object_id'),
    servicePrincipalId: readString(json, 'sp_object_id'),
    roleAssignmentIds: readStrings(json, 'role_assignment_ids'),
    groupIds: readStrings(json, 'group_ids'),
    keyId: readString(json, 'key_id'),
    permanentlyDelete: readBoolean(json, 'permanently_delete'),
    tenantId: readString(json, 'tenant_id'),
    createdAt: readTime(json, 'created_at'),
    keyExpiresAt: parseTime(readString(json, 'key_end_date')),
    leaseDeadline: readTime(json, 'lease_deadline'),
  };
}

export function encodeIssued(issued: IssuedRecord): Uint8Array {
  return encodeRecord({
    kind: issued.kind,
    role: issued.roleName,
    application_object_id: issued.applicationObjectId,
    sp_object_id: issued.servicePrincipalId,
    role_assignment_ids: issued.roleAssignmentIds,
    group_ids: issued.groupIds,
    key_id: issued.keyId,
    permanently_delete: issued.permanentlyDelete,
    tenant_id: issued.tenantId,
    created_at: formatTime(issued.createdAt),
    key_end_date: formatTime(issued.keyExpiresAt),
    lease_deadline: formatTime(issued.leaseDeadline),
  });
}

export function decodeRetired(storageKey: string, value: Uint8Array): RetiredRecord {
  const json = decodeRecord(storageKey, value);
  return {
    roleName: readString(json, 'role'),
    servicePrincipalId: readString(json, 'sp_object_id'),
    roleAssignmentIds: readStrings(json, 'role_assignment_ids'),
    groupIds: readStrings(json, 'group_ids'),
    permanentlyDelete: readBoolean(json, 'permanently_delete'),
    tenantId: readString(json, 'tenant_id'),
    createdAt: readTime(json, 'created_at'),
  };
}

export function encodeRetired(retired: RetiredRecord): Uint8Array {
  return encodeRecord({
    role: retired.roleName,
    sp_object_id: retired.servicePrincipalId,
    role_assignment_ids: retired.roleAssignmentIds,
    group_ids: retired.groupIds,
    permanently_delete: retired.permanentlyDelete,
    tenant_id: retired.tenantId,
    created_at: formatTime(retired.createdAt),
  });
}

export function decodeLeftover(storageKey: string, value: Uint8Array): LeftoverRecord {
  const json = decodeRecord(storageKey, value);
  const parts = json['parts'];
  return {
    roleName: readString(json, 'role'),
    parts: isJsonArray(parts) ? parts.filter(isJsonObject).map((part) => readPart(storageKey, part)) : [],
    tenantId: readString(json, 'tenant_id'),
    createdAt: readTime(json, 'created_at'),
    attempts: readNumber(json, 'attempts'),
    nextAttemptAt: readTime(json, 'next_attempt_at'),
    lastError: readString(json, 'last_error'),
  };
}

export function encodeLeftover(leftover: LeftoverRecord): Uint8Array {
  return encodeRecord({
    role: leftover.roleName,
    parts: leftover.parts.map(partJson),
    tenant_id: leftover.tenantId,
    created_at: formatTime(leftover.createdAt),
    attempts: leftover.attempts,
    next_attempt_at: formatTime(leftover.nextAttemptAt),
    last_error: leftover.lastError,
  });
}

function partJson(part: LeftoverPart): JsonValue {
  switch (part.type) {
    case 'role_assignment':
      return { type: part.type, id: part.roleAssignmentId };
    case 'group_member':
      return { type: part.type, id: part.groupId, member_id: part.memberId };
    case 'service_principal':
      return { type: part.type, id: part.servicePrincipalId };
    case 'purge':
      return { type: part.type, id: part.objectId };
  }
}

const PART_TYPES = ['role_assignment', 'group_member', 'service_principal', 'purge'] as const;

function readPart(storageKey: string, json: JsonObject): LeftoverPart {
  const id = readString(json, 'id');
  const type = readKind(storageKey, json, 'type', PART_TYPES);
  switch (type) {
    case 'role_assignment':
      return { type, roleAssignmentId: id };
    case 'group_member':
      return { type, groupId: id, memberId: readString(json, 'member_id') };
    case 'service_principal':
      return { type, servicePrincipalId: id };
    case 'purge':
      return { type, objectId: id };
  }
}

/**
 * What a record is about decides what gets deleted, so it is never guessed.
 * @throws InternalError for anything but `kinds`: the record is a newer version's, or damaged.
 */
function readKind<T extends string>(storageKey: string, json: JsonObject, name: string, kinds: readonly T[]): T {
  const found = readString(json, name);
  const kind = kinds.find((known) => known === found);
  if (kind !== undefined) return kind;
  throw new InternalError(`stored record ${storageKey} is of a kind that this version does not know: "${found}"`);
}

function readTime(json: JsonObject, name: string): Date {
  // Unreadable counts as long passed: a damaged record is worked off, not kept for ever.
  return parseTime(readString(json, name)) ?? EPOCH;
}
