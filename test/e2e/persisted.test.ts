/** The life of a role with an application of its own, typed as an operator types it, against a real host. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { CliResult } from '../host/start-vault.ts';
import { serveAzureHost } from './_azure-host.ts';
import { readCredential } from './_mount.ts';
import type { LeasedCredential } from './_mount.ts';

const azure = serveAzureHost(test);

async function succeed(t: ExecutionContext, ...args: readonly string[]): Promise<CliResult> {
  const result = await azure().host.cli(args);
  t.is(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result;
}

async function readJson<T>(t: ExecutionContext, path: string): Promise<T> {
  return JSON.parse((await succeed(t, 'read', '-format=json', path)).stdout) as T;
}

interface RoleAnswer {
  readonly data: { readonly application_object_id: string; readonly persist_app: boolean };
}

async function issue(t: ExecutionContext, path: string): Promise<LeasedCredential> {
  const credential = readCredential(await readJson(t, path));
  azure().secrets.add(credential.clientSecret);
  return credential;
}

/** Names of what the principal of a client is assigned and joins. */
function rightsOf(clientId: string): readonly string[] {
  const { servicePrincipals, roleAssignments, groups } = azure().emulator.tenant();
  const principal = servicePrincipals.find(({ appId }) => appId === clientId);
  return [
    ...roleAssignments.filter(({ principalId }) => principalId === principal?.id).map(({ roleName }) => roleName),
    ...groups.filter(({ members }) => members.includes(principal?.id ?? '')).map(({ displayName }) => displayName),
  ].sort();
}

test('persist_app as documented: one application for all credentials, changed, switched off, deleted', async (t) => {
  const { emulator } = azure();
  const { path: mount } = await azure().mount('persisted');
  const [group] = emulator.groups;
  await succeed(
    t,
    ...['write', `${mount}/roles/web`, 'persist_app=true', 'permanently_delete=true', 'ttl=1h', 'max_ttl=24h'],
    `azure_roles=${azure().azureRoles()}`,
  );
  const role = await readJson<RoleAnswer>(t, `${mount}/roles/web`);
  t.true(role.data.persist_app);
  const [first, second] = [await issue(t, `${mount}/creds/web`), await issue(t, `${mount}/creds/web`)];
  t.is(first.clientId, second.clientId);
  t.deepEqual([await azure().canLogIn(first), await azure().canLogIn(second)], [true, true]);

  await succeed(
    t,
    ...['write', `${mount}/roles/web`, `azure_roles=${azure().azureRoles('Contributor')}`],
    `azure_groups=[{"group_name":"${group?.displayName ?? ''}"}]`,
  );
  t.deepEqual(rightsOf(first.clientId), ['Contributor', group?.displayName ?? ''].sort());
  t.true(await azure().canLogIn(first), 'credentials live through a change of rights');
  await succeed(t, 'lease', 'renew', first.leaseId);
  await succeed(t, 'lease', 'revoke', '-sync', first.leaseId);
  t.deepEqual([await azure().canLogIn(first), await azure().canLogIn(second)], [false, true]);

  await succeed(t, 'write', `${mount}/roles/web`, 'persist_app=false');
  const off = await readJson<RoleAnswer>(t, `${mount}/roles/web`);
  t.deepEqual([off.data.persist_app, off.data.application_object_id], [false, '']);
  const dynamic = await issue(t, `${mount}/creds/web`);
  t.not(dynamic.clientId, second.clientId);
  t.true(await azure().canLogIn(second), 'credentials of the old application live on');
  await succeed(t, 'lease', 'revoke', '-sync', dynamic.leaseId);
  await succeed(t, 'lease', 'revoke', '-sync', second.leaseId);
  await succeed(t, 'delete', `${mount}/roles/web`);
  // Unmounting does the minute work without its waiting times: the retired application goes.
  await succeed(t, 'secrets', 'disable', mount);
  const { applications, deletedItems } = emulator.tenant();
  t.deepEqual(
    [...applications, ...deletedItems].filter(({ id }) => id === role.data.application_object_id),
    [],
  );
});

test('persist_app, role deleted with a live lease: the credential ends at once, its lease is revoked cleanly', async (t) => {
  const { path: mount } = await azure().mount('persisted-deleted');
  await succeed(
    t,
    ...['write', `${mount}/roles/web`, 'persist_app=true', 'ttl=1h', `azure_roles=${azure().azureRoles()}`],
  );
  const credential = await issue(t, `${mount}/creds/web`);
  t.true(await azure().canLogIn(credential));
  const deleted = await succeed(t, 'delete', `${mount}/roles/web`);
  t.regex(
    (deleted.stdout + deleted.stderr).replaceAll(/\s+/g, ' '),
    /1 lease of this role is still there.* To end it now: vault lease revoke -prefix persisted-deleted\/creds\/web/,
  );
  t.false(await azure().canLogIn(credential));
  await succeed(t, 'lease', 'revoke', '-sync', '-prefix', `${mount}/creds/web`);
});

test('persist_app, unmounted: the application stays, and the log says which', async (t) => {
  const { host, emulator } = azure();
  const { path: mount } = await azure().mount('persisted-unmounted');
  await succeed(t, ...['write', `${mount}/roles/web`, 'persist_app=true', `azure_roles=${azure().azureRoles()}`]);
  const role = await readJson<RoleAnswer>(t, `${mount}/roles/web`);
  await succeed(t, 'secrets', 'disable', mount);
  const objectId = role.data.application_object_id;
  t.regex(host.logs(), new RegExp(`the application that a role owns stays.*${objectId}`));
  const tenant = emulator.state();
  const application = [...tenant.applications.list()].find(({ id }) => id === objectId);
  t.not(application, undefined);
  // By hand, as the log says.
  for (const principal of [...tenant.servicePrincipals.list()].filter(({ appId }) => appId === application?.appId)) {
    for (const assignment of tenant.roleAssignments.listByPrincipal(principal.id)) {
      tenant.roleAssignments.remove(assignment);
    }
    tenant.servicePrincipals.remove(principal);
  }
  if (application !== undefined) tenant.applications.remove(application);
});
