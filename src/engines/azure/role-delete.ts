/** Deletes a role, and the application that it owns. */
import { InternalError } from '../../errors.ts';
import type { Response } from '../../logical/index.ts';
import { roleLock } from './lock-keys.ts';
import type { RoleRecord } from './model-role.ts';
import type { AzureMount, AzureSession } from './mount.ts';
import type { RoleRequest } from './role-request.ts';
import { deleteOwnedApplication } from './steps-persist-retire.ts';

/**
 * Source: vault-plugin-secrets-azure v0.23.0, path_roles.go (pathRoleDelete).
 * Differs: an application that is gone already is no error, nor is a part of it that cannot be removed yet; one that was
 * switched off goes too; live credentials are told.
 */
export async function deleteRole(mount: AzureMount, request: RoleRequest): Promise<Response | undefined> {
  const { name } = request.fields;
  const removed = await mount.locks.run(roleLock(name), () => removeRole(mount, request), request.signal);
  const { length: live } = await mount.stores.issued.list(request.storage, `${name}/`);
  if (live === 0) return undefined;
  const command = `vault lease revoke -prefix ${request.mountPoint}creds/${name}`;
  return { warnings: [describeLive(live, removed, command)] };
}

/** Passwords of the role's own application have ended with it, those of others have not. */
function describeLive(live: number, removed: RoleRecord | undefined, command: string): string {
  const isOne = live === 1;
  if (removed !== undefined && removed.managedApplicationObjectId !== '') {
    const subject = isOne ? '1 lease of this role is' : `${live} leases of this role are`;
    return `${subject} still there, and credentials of its own application do not work any more. To end ${isOne ? 'it' : 'them'} now: ${command}`;
  }
  return isOne
    ? `1 credential of this role is still valid; it ends with its lease. To end it now: ${command}`
    : `${live} credentials of this role are still valid; they end with their leases. To end them now: ${command}`;
}

/** Answers what was removed. */
async function removeRole(mount: AzureMount, request: RoleRequest): Promise<RoleRecord | undefined> {
  const { name } = request.fields;
  const role = await mount.stores.roles.get(request.storage, name);
  if (role !== undefined && role.managedApplicationObjectId !== '') {
    const session = await sessionForDelete(mount, request);
    using budget = mount.startRequestBudget(request, session.config);
    await deleteOwnedApplication({ mount, session, budget }, name, role);
  }
  await mount.stores.roles.delete(request.storage, name);
  return role;
}

async function sessionForDelete(mount: AzureMount, request: RoleRequest): Promise<AzureSession> {
  try {
    return await mount.session(request.storage);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    throw new InternalError(`error during delete: ${error.message}`, { cause: error });
  }
}
