/**
 * Makes the application that a role with `persist_app` owns, and stores the role.
 *
 * 1. Write the intent `operations/<id>` with the handles that everything will carry.
 * 2. Create the application. It gets no password: each credential brings its own.
 * 3. Create the service principal.
 * 4. In parallel: role assignments (GUIDs from the intent) and group memberships.
 * 5. Write the role, which names all of them.
 * 6. Drop the intent (or, if an answer was lost on the way, leave it).
 *
 * The stored role decides: an application with the intent's handle that it names stays, any other is removed. So a crash
 * after 1–4 leaves an intent that removes everything, after 5 one that finds everything in its place.
 * A failure of 2–4 starts the removal at once, in the background. One of 5 does not: the role may be stored all the same,
 * so recovery looks at it later.
 */
import { attachRights, type PlannedAssignment } from './attach-rights.ts';
import { createMarkedApplication, createServicePrincipal } from './create-application.ts';
import { persistedApplicationName } from './handles.ts';
import type { RoleRecord } from './model-role.ts';
import type { OperationRecord } from './model-tracking.ts';
import { ApplicationProgress, newOperation } from './operation.ts';
import { planAssignments } from './plan-rights.ts';
import type { ProcedureContext } from './procedure.ts';
import { undoApplication, undoInBackground } from './steps-undo.ts';

/**
 * Call with the role's lock held.
 * @param role as it is to be stored, but for the application.
 * @throws AzureError, DeadlineError, StorageError; nothing stays behind that no record stands for.
 */
export async function createPersistedApplication(
  context: ProcedureContext,
  roleName: string,
  role: RoleRecord,
): Promise<void> {
  const { mount, session } = context;
  const { storage, random, clock } = mount.dependencies;
  const operationId = random.uuid();
  const assignments = planAssignments(role, random);
  const operation: OperationRecord = {
    ...newOperation('persisted_application', clock.now(), context),
    roleName,
    roleAssignmentIds: assignments.map(({ id }) => id),
    permanentlyDelete: role.permanentlyDelete,
  };
  const progress = new ApplicationProgress();
  mount.runningOperations.add(operationId);
  let owner: RoleRecord;
  try {
    await mount.stores.operations.put(storage, operationId, operation); // 1
    owner = await create(context, { operationId, roleName, role, assignments }, progress);
  } catch (error) {
    undoInBackground(mount, 'clean-up after a failed role write', operationId, () =>
      undoApplication(mount, session, operationId, operation, progress),
    );
    throw error;
  }
  try {
    await mount.stores.roles.put(storage, roleName, owner); // 5
    if (!progress.isAmbiguous) await mount.stores.operations.delete(storage, operationId); // 6
  } finally {
    mount.runningOperations.delete(operationId);
  }
}

interface PlannedApplication {
  readonly operationId: string;
  readonly roleName: string;
  readonly role: RoleRecord;
  readonly assignments: readonly PlannedAssignment[];
}

/** Steps 2 to 4. Answers the role that names what was made. */
async function create(
  context: ProcedureContext,
  { operationId, roleName, role, assignments }: PlannedApplication,
  progress: ApplicationProgress,
): Promise<RoleRecord> {
  const { mount } = context;
  const displayName = persistedApplicationName(roleName, mount.dependencies.clock.now());
  const { application } = await createMarkedApplication(context, { operationId, displayName, role }, progress); // 2
  progress.applicationObjectIds.add(application.id);
  mount.youngApplications.add(application.id);

  const { id: servicePrincipalId } = await createServicePrincipal(context, application); // 3
  progress.servicePrincipalId = servicePrincipalId;

  progress.hasTriedAssignments = assignments.length > 0;
  const groups = role.azureGroups ?? [];
  const roleAssignmentIds = await attachRights(context, { servicePrincipalId, assignments, groups }, progress); // 4
  return {
    ...role,
    applicationId: application.appId,
    applicationObjectId: application.id,
    managedApplicationObjectId: application.id,
    servicePrincipalId,
    roleAssignmentIds: roleAssignmentIds.length === 0 ? null : roleAssignmentIds,
    managedTenantId: context.session.settings.tenantId,
    groupMembershipIds: groups.map(({ groupId }) => groupId),
  };
}
