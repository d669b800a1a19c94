/** Writes a role: what is stored, with the given fields on top, looked up in Azure; and the application that it owns. */
import type { Application } from '../../azure/provider.ts';
import { toError } from '../../errors.ts';
import type { Response } from '../../logical/index.ts';
import { roleLock } from './lock-keys.ts';
import { EMPTY_ROLE, NO_MANAGED_APPLICATION, type RoleRecord } from './model-role.ts';
import type { AzureMount } from './mount.ts';
import { type ProcedureContext, stepContext } from './procedure.ts';
import { loadApplication, loadOwnedApplication, resolveAzureGroups, resolveAzureRoles } from './role-azure.ts';
import { mergeRole } from './role-merge.ts';
import type { RoleRequest } from './role-request.ts';
import { refuseSelfTarget } from './self-target.ts';
import { changePersistedRights } from './steps-persist-change.ts';
import { createPersistedApplication } from './steps-persist-create.ts';
import { retireApplication } from './steps-persist-retire.ts';

/** Source: vault-plugin-secrets-azure v0.23.0, path_roles.go (pathRoleUpdate). */
export async function writeRole(mount: AzureMount, request: RoleRequest): Promise<Response | undefined> {
  const session = await mount.session(request.storage);
  using budget = mount.startIssueBudget(request, session.config);
  const write = (): Promise<string[]> => writeRoleAlone({ mount, session, budget }, request);
  const warnings = await mount.locks.run(roleLock(request.fields.name), write, budget.signal);
  return warnings.length === 0 ? undefined : { warnings };
}

async function writeRoleAlone(context: ProcedureContext, request: RoleRequest): Promise<string[]> {
  const { mount } = context;
  const { name } = request.fields;
  const before = (await mount.stores.roles.get(request.storage, name)) ?? EMPTY_ROLE;
  const merged = mergeRole(before, request);
  const role = await lookUp(context, merged.role, merged.ownsApplication);
  if (!merged.ownsApplication) {
    if (before.managedApplicationObjectId !== '') await retireApplication(context, name, before);
    await mount.stores.roles.put(request.storage, name, { ...role, ...NO_MANAGED_APPLICATION });
    return [];
  }
  if (before.managedApplicationObjectId === '') {
    await createPersistedApplication(context, name, role);
    return [];
  }
  const warnings = await changePersistedRights(context, name, before, role);
  return [...warnings, ...describeKept(before, role)];
}

/** The role with everything that it names as Azure knows it. */
async function lookUp(context: ProcedureContext, role: RoleRecord, ownsApplication: boolean): Promise<RoleRecord> {
  const { session } = context;
  const steps = stepContext(context);
  const { applicationObjectId } = role;
  const load = (): Promise<Application> =>
    ownsApplication ? loadOwnedApplication(context, role) : loadApplication(steps, session, applicationObjectId);
  // All at once; of several failures the first in the order of the fields is told, not the fastest.
  const looked = await Promise.allSettled([
    applicationObjectId === '' ? undefined : load(),
    role.azureRoles && resolveAzureRoles(steps, session, role.azureRoles),
    role.azureGroups && resolveAzureGroups(steps, session, role.azureGroups),
  ]);
  const application = valueOf(looked[0]);
  const azureRoles = valueOf(looked[1]);
  const azureGroups = valueOf(looked[2]);
  if (application !== undefined) refuseSelfTarget(application.appId, session.settings);
  return { ...role, applicationId: application?.appId ?? '', azureRoles, azureGroups };
}

/** What a persisted application got when it was made, and keeps. */
function describeKept(before: RoleRecord, role: RoleRecord): string[] {
  const changed = [
    ...(JSON.stringify(before.tags ?? []) === JSON.stringify(role.tags ?? []) ? [] : ['tags']),
    ...(before.signInAudience === role.signInAudience ? [] : ['sign_in_audience']),
  ];
  if (changed.length === 0) return [];
  return [
    `${changed.join(' and ')}: stored, but the application that the role owns keeps what it was made with; to have it made anew, write persist_app=false and then persist_app=true`,
  ];
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw toError(result.reason);
  return result.value;
}
