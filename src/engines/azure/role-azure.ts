/** Resolves what a role names in Azure: role definitions, groups, an application. At role write only. */
import type { Application, AzureCall } from '../../azure/provider.ts';
import { isLoginFailure, isReplicationLag } from '../../azure/retry-policy.ts';
import { AzureError, InvalidRequestError, toError } from '../../errors.ts';
import { rejections, settleAll } from '../../util/parallel.ts';
import type { AzureGroup, AzureRole, RoleRecord } from './model-role.ts';
import type { AzureSession } from './mount.ts';
import { PARALLEL_CALLS, type ProcedureContext, stepContext } from './procedure.ts';
import { retryStep, type StepContext } from './retry.ts';
import { requireTenant } from './tenant.ts';

const ROLE_DEFINITION_ID = /\/providers\/Microsoft\.Authorization\/roleDefinitions\/[^/]+$/i;

/**
 * Looks every entry up, by id if given, else by name at its own scope; fills in what was not given.
 * @throws InvalidRequestError when one is not found, found twice, or given twice. Texts: the Go plugin's.
 * Source: vault-plugin-secrets-azure v0.23.0, path_roles.go (pathRoleUpdate).
 * Differs: names are looked up at the entry's own scope, not in the configured subscription.
 */
export async function resolveAzureRoles(
  steps: StepContext,
  session: AzureSession,
  entries: readonly AzureRole[],
): Promise<AzureRole[]> {
  const resolved = await allOf(entries, (entry) => resolveAzureRole(steps, session, entry));
  refuseDuplicates(
    resolved,
    // ARM compares ids without regard to case.
    (entry) => `${entry.roleDefinitionId}||${entry.scope.replace(/\/+$/, '')}`.toLowerCase(),
    (entry) => `duplicate role_id and scope: '${entry.roleDefinitionId}', '${entry.scope}'`,
  );
  return resolved;
}

/** As `resolveAzureRoles`, for groups. */
export async function resolveAzureGroups(
  steps: StepContext,
  session: AzureSession,
  entries: readonly AzureGroup[],
): Promise<AzureGroup[]> {
  const resolved = await allOf(entries, (entry) => resolveAzureGroup(steps, session, entry));
  refuseDuplicates(
    resolved,
    (entry) => entry.groupId,
    (entry) => `duplicate object_id '${entry.groupId}'`,
  );
  return resolved;
}

/** @throws InvalidRequestError when the application does not exist. */
export async function loadApplication(
  steps: StepContext,
  session: AzureSession,
  applicationObjectId: string,
): Promise<Application> {
  try {
    return await retryStep(steps, 'get application', (call) =>
      session.provider.directory.getApplication(applicationObjectId, call),
    );
  } catch (error) {
    throw asInvalidRequest(
      error,
      'error loading Application: application_object_id must be the object id (not the client id) of an application in the tenant',
    );
  }
}

/**
 * The application that the role made itself.
 * @throws InvalidRequestError when somebody has deleted it, InternalError when it is in another tenant than the config
 * names.
 */
export async function loadOwnedApplication(
  context: ProcedureContext,
  { managedApplicationObjectId: applicationObjectId, managedTenantId }: RoleRecord,
): Promise<Application> {
  const { mount, session } = context;
  await requireTenant(context, managedTenantId);
  try {
    return await retryStep(
      stepContext(context),
      'get application',
      (call) => session.provider.directory.getApplication(applicationObjectId, call),
      { shouldRetry: (error) => isReplicationLag(error) && mount.youngApplications.has(applicationObjectId) },
    );
  } catch (error) {
    throw asInvalidRequest(
      error,
      `the application ${applicationObjectId} that this role owns does not exist any more: restore it from the recycle bin, or write persist_app=false and then persist_app=true to have a new one made`,
    );
  }
}

async function resolveAzureRole(steps: StepContext, session: AzureSession, entry: AzureRole): Promise<AzureRole> {
  const { roles } = session.provider;
  if (entry.roleDefinitionId !== '') {
    // Whoever writes roles must not have other resources read with the engine's rights.
    if (!ROLE_DEFINITION_ID.test(entry.roleDefinitionId)) {
      throw new InvalidRequestError(
        `no role found for role_id: '${entry.roleDefinitionId}': it must be the full id of a role definition, which ends in /providers/Microsoft.Authorization/roleDefinitions/<guid>`,
      );
    }
    const definition = await lookUp(
      steps,
      'get role definition',
      (call) => roles.getRoleDefinition(entry.roleDefinitionId, call),
      `no role found for role_id: '${entry.roleDefinitionId}'`,
    );
    return { ...entry, roleName: definition.roleName, roleDefinitionId: definition.id };
  }
  const found = await lookUp(
    steps,
    'find role definition',
    (call) => roles.findRoleDefinitionsByName(entry.scope, entry.roleName, call),
    `unable to lookup Azure role by name '${entry.roleName}' at scope '${entry.scope}'`,
  );
  const [definition, ...more] = found;
  if (definition === undefined) throw new InvalidRequestError(`no role found for role_name: '${entry.roleName}'`);
  if (more.length > 0) {
    throw new InvalidRequestError(
      `multiple matches found for role_name: '${entry.roleName}'. Specify role by ID instead.`,
    );
  }
  return { ...entry, roleName: definition.roleName, roleDefinitionId: definition.id };
}

async function resolveAzureGroup(steps: StepContext, session: AzureSession, entry: AzureGroup): Promise<AzureGroup> {
  const { directory } = session.provider;
  if (entry.groupId !== '') {
    const group = await lookUp(
      steps,
      'get group',
      (call) => directory.getGroup(entry.groupId, call),
      `no group found for object_id: '${entry.groupId}'`,
    );
    return { groupName: group.displayName, groupId: group.id };
  }
  const found = await lookUp(
    steps,
    'find group',
    (call) => directory.findGroupsByName(entry.groupName, call),
    `unable to lookup Azure group by name '${entry.groupName}'`,
  );
  const [group, ...more] = found;
  if (group === undefined) throw new InvalidRequestError(`no group found for group_name: '${entry.groupName}'`);
  if (more.length > 0) {
    throw new InvalidRequestError(
      `multiple matches found for group_name: '${entry.groupName}'. Specify group by ObjectID instead.`,
    );
  }
  return { groupName: group.displayName, groupId: group.id };
}

async function lookUp<T>(
  steps: StepContext,
  step: string,
  attempt: (call: AzureCall) => Promise<T>,
  notFoundText: string,
): Promise<T> {
  try {
    return await retryStep(steps, step, attempt);
  } catch (error) {
    throw asInvalidRequest(error, notFoundText);
  }
}

/** Not found and malformed are the writer's mistake; everything else (rights, throttling, outage) is not. */
function asInvalidRequest(error: unknown, text: string): unknown {
  if (!(error instanceof AzureError) || (error.status !== 404 && error.status !== 400) || isLoginFailure(error)) {
    return error;
  }
  const detail = error.isNotFound && error.azureCode === 'RoleDefinitionDoesNotExist' ? '' : `: ${error.message}`;
  return new InvalidRequestError(`${text}${detail}`, { cause: error });
}

async function allOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const settled = await settleAll(items, PARALLEL_CALLS, work);
  const [failure] = rejections(settled);
  if (failure !== undefined) throw toError(failure);
  return settled.flatMap(({ result }) => (result.status === 'fulfilled' ? [result.value] : []));
}

function refuseDuplicates<T>(items: readonly T[], identify: (item: T) => string, text: (item: T) => string): void {
  const seen = new Set<string>();
  for (const item of items) {
    const identity = identify(item);
    if (seen.has(identity)) throw new InvalidRequestError(text(item));
    seen.add(identity);
  }
}
