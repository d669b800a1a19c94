/** Parts that a revocation could not remove: one part's removal, and the records that remember them. */
import type { AzureCall } from '../../azure/provider.ts';
import { isGone } from '../../azure/retry-policy.ts';
import { AzureError } from '../../errors.ts';
import { addMs } from '../../util/rfc3339.ts';
import { leftoverLock } from './lock-keys.ts';
import type { LeftoverPart, LeftoverRecord } from './model-tracking.ts';
import type { AzureSession } from './mount.ts';
import type { ProcedureContext } from './procedure.ts';
import { type RetryOptions, retryStep, type StepContext } from './retry.ts';

/** A part is not worth the whole budget of a request: it can wait for the periodic function. */
const LIMITED: RetryOptions = { maxAttempts: 3 };
/** First repetition; then doubling up to a day. */
const FIRST_RETRY_MS = 60_000;
const MAX_RETRY_MS = 24 * 3600 * 1000;
/** A deleted object that is not in the recycle bin by then never will be: somebody emptied it. */
const BIN_SETTLES_MS = 30 * 60 * 1000;

/** Removes one part; "not found" is success, except for what may still be on its way into the recycle bin. */
export async function removePart(
  context: StepContext,
  session: AzureSession,
  part: LeftoverPart,
  createdAt?: Date,
): Promise<void> {
  const isOld = createdAt !== undefined && context.clock.now().getTime() - createdAt.getTime() > BIN_SETTLES_MS;
  const [step, attempt] = removal(session, part);
  try {
    await retryStep(context, step, attempt, LIMITED);
  } catch (error) {
    if (error instanceof AzureError && isGone(error) && (part.type !== 'purge' || isOld)) return;
    throw error;
  }
}

/** The call that removes a part, and its name. */
function removal(
  session: AzureSession,
  part: LeftoverPart,
): [step: string, attempt: (call: AzureCall) => Promise<void>] {
  const { directory, roles } = session.provider;
  switch (part.type) {
    case 'role_assignment':
      return ['delete role assignment', (call) => roles.deleteRoleAssignment(part.roleAssignmentId, call)];
    case 'group_member':
      return ['remove group membership', (call) => directory.removeGroupMember(part.groupId, part.memberId, call)];
    case 'service_principal':
      return ['delete service principal', (call) => directory.deleteServicePrincipal(part.servicePrincipalId, call)];
    case 'purge':
      return ['purge from the recycle bin', (call) => directory.purgeDeletedItem(part.objectId, call)];
  }
}

export interface NewLeftover {
  readonly roleName: string;
  readonly parts: readonly LeftoverPart[];
  /** Azure's words, for people. */
  readonly reason: string;
}

/** Remembers what remains. Called again under the same id it replaces the record: the parts are the same or fewer. */
export async function saveLeftover(
  { mount, session, budget }: ProcedureContext,
  leftoverId: string,
  leftover: NewLeftover,
): Promise<void> {
  const { storage, clock, logger } = mount.dependencies;
  const now = clock.now();
  logger.warn('something of a credential could not be removed; it is removed later', {
    role: leftover.roleName,
    parts: leftover.parts.map(describePart),
    reason: leftover.reason,
  });
  const put = (): Promise<void> =>
    mount.stores.leftovers.put(storage, leftoverId, {
      roleName: leftover.roleName,
      parts: leftover.parts,
      tenantId: session.settings.tenantId,
      createdAt: now,
      attempts: 0,
      nextAttemptAt: addMs(now, FIRST_RETRY_MS),
      lastError: leftover.reason,
    });
  await mount.locks.run(leftoverLock(leftoverId), put, budget.signal);
}

/** For the log: should the record be lost with its mount, a person can still find the object. */
export function describePart(part: LeftoverPart): string {
  switch (part.type) {
    case 'role_assignment':
      return `role assignment ${part.roleAssignmentId}`;
    case 'group_member':
      return `member ${part.memberId} of group ${part.groupId}`;
    case 'service_principal':
      return `service principal ${part.servicePrincipalId}`;
    case 'purge':
      return `${part.objectId} in the recycle bin`;
  }
}

/** The record after one more attempt that left `parts`. */
export function rescheduleLeftover(
  record: LeftoverRecord,
  parts: readonly LeftoverPart[],
  reason: string,
  now: Date,
): LeftoverRecord {
  const attempts = record.attempts + 1;
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts, 16), MAX_RETRY_MS);
  return { ...record, parts, attempts, nextAttemptAt: addMs(now, delayMs), lastError: reason };
}
