/**
 * Takes back what a failed request has made, at once and in the background. What this leaves (the process
 * dies, Azure refuses) stays with the intent, for recovery.
 */
import type { OperationRecord } from './model-tracking.ts';
import type { AzureMount, AzureSession } from './mount.ts';
import type { ApplicationProgress, PasswordProgress } from './operation.ts';
import { revokeApplication, revokePassword } from './steps-revoke.ts';

/** The request that failed may have met a throttled or slow tenant; clean-up gets a fresh minute. */
export const UNDO_TIMEOUT_SECONDS = 60;

/**
 * Runs `undo` for an operation that failed, which counts as running until then.
 * @param what begins the log line of its failure.
 */
export function undoInBackground(
  mount: AzureMount,
  what: string,
  operationId: string,
  undo: () => Promise<void>,
): void {
  mount.background.start(what, async () => {
    try {
      await undo();
    } finally {
      mount.runningOperations.delete(operationId);
    }
  });
}

export async function undoApplication(
  mount: AzureMount,
  session: AzureSession,
  operationId: string,
  operation: OperationRecord,
  progress: ApplicationProgress,
): Promise<void> {
  const { storage, clock } = mount.dependencies;
  using budget = mount.startBackgroundBudget(UNDO_TIMEOUT_SECONDS);
  for (const applicationObjectId of progress.applicationObjectIds) {
    await revokeApplication(
      { mount, session, budget },
      {
        roleName: operation.roleName,
        applicationObjectId,
        servicePrincipalId: progress.servicePrincipalId,
        roleAssignmentIds: progress.hasTriedAssignments ? operation.roleAssignmentIds : [],
        groupIds: [],
        permanentlyDelete: operation.permanentlyDelete,
        // When in the request it was made is not known, so it counts as made now.
        createdAt: clock.now(),
      },
    );
  }
  if (operation.kind === 'application') {
    await mount.stores.issued.delete(storage, `${operation.roleName}/${operationId}`);
  }
  // With a lost answer something may turn up later that carries a handle: then the intent stays.
  if (!progress.isAmbiguous && !progress.mayAssignLate) await mount.stores.operations.delete(storage, operationId);
}

export async function undoPassword(
  mount: AzureMount,
  session: AzureSession,
  operationId: string,
  operation: OperationRecord,
  progress: PasswordProgress,
): Promise<void> {
  const { storage, clock } = mount.dependencies;
  const { applicationObjectId } = operation;
  using budget = mount.startBackgroundBudget(UNDO_TIMEOUT_SECONDS);
  if (progress.keyId !== '') {
    const createdAt = clock.now(); // as above
    await revokePassword({ mount, session, budget }, { applicationObjectId, keyId: progress.keyId, createdAt });
  }
  await mount.stores.issued.delete(storage, `${operation.roleName}/${operationId}`);
  if (!progress.isAmbiguous) await mount.stores.operations.delete(storage, operationId);
}
