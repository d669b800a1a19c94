/** Roles with an application of their own, on a mount that goes from HashiCorp's plugin to ours and back. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { AzureHost } from '../e2e/_azure-host.ts';
import { AzureMount } from '../e2e/_mount.ts';
import { addOperator } from '../e2e/_operator.ts';
import { assertTenantUnchanged, readTenantContent } from '../e2e/_tenant.ts';
import type { TenantContent } from '../e2e/_tenant.ts';
import type { Untyped } from '../host/host-api.ts';
import type { Side } from './_pair.ts';
import { startParityHost } from './_parity-host.ts';
import type { ParityHost } from './_parity-host.ts';
import { configFields, dynamicRole } from './_setup.ts';

let parity: ParityHost | undefined;
let before: TenantContent | undefined;

test.before(async () => {
  parity = await startParityHost();
  before = readTenantContent(parity.emulator);
});
test.after.always(async () => {
  await parity?.stop();
});
test.afterEach.always((t) => {
  if (!t.passed && parity !== undefined) t.log(parity.host.logTail());
});
test.after('the tenant holds what it held before', async (t) => {
  if (parity !== undefined && before !== undefined) await assertTenantUnchanged(t, parity.emulator, before);
});

class Scene {
  readonly azure: AzureHost;
  readonly mount: AzureMount;
  readonly #parity: ParityHost;

  constructor(running: ParityHost, mount: AzureMount) {
    this.#parity = running;
    this.azure = new AzureHost(running.host, running.emulator);
    this.mount = mount;
  }

  async switchTo(side: Side): Promise<void> {
    const { host, versions } = this.#parity;
    await host.api('POST', `sys/mounts/${this.mount.path}/tune`, { plugin_version: versions[side] });
    await host.api('PUT', 'sys/plugins/reload/backend', { mounts: [`${this.mount.path}/`] });
  }

  async readRole(): Promise<Untyped> {
    return (await this.mount.api('GET', 'roles/p')).data;
  }

  /** What the role's principal has, by names. */
  async rights(): Promise<readonly string[]> {
    const { application_object_id: objectId } = await this.readRole();
    const { applications, servicePrincipals, roleAssignments, groups } = this.#parity.emulator.tenant();
    const application = applications.find(({ id }) => id === objectId);
    const principal = servicePrincipals.find(({ appId }) => appId === application?.appId);
    return [
      ...roleAssignments.filter(({ principalId }) => principalId === principal?.id).map(({ roleName }) => roleName),
      ...groups.filter(({ members }) => members.includes(principal?.id ?? '')).map(({ displayName }) => displayName),
    ].sort();
  }
}

/** A mount with an identity of its own, run by one side at first. */
async function setScene(t: ExecutionContext, path: string, side: Side): Promise<Scene> {
  if (parity === undefined) throw new Error('the host is not started');
  const operator = addOperator(t, parity.emulator, path);
  await parity.mount(path, side);
  const mount = new AzureMount(parity.host, path, new Set());
  await mount.api('POST', 'config', configFields(parity.emulator, operator));
  return new Scene(parity, mount);
}

function roleFields(): Record<string, unknown> {
  if (parity === undefined) throw new Error('the host is not started');
  return { ...dynamicRole(parity.emulator), persist_app: true, ttl: '1h', max_ttl: '2h' };
}

const rolesText = (scene: Scene, ...names: string[]): string =>
  JSON.stringify(names.map((role_name) => ({ role_name, scope: scene.azure.scope })));

// One after the other: a reload ends the one process that serves all mounts of a plugin.
test.serial(
  'persist_app, made by the Go plugin: read, used and changed by ours, then by it again, deleted by ours',
  async (t) => {
    const scene = await setScene(t, 'there-and-back', 'theirs');
    const { mount, azure } = scene;
    const [group] = azure.emulator.groups;
    await mount.writeRole('p', { ...roleFields(), azure_groups: JSON.stringify([{ object_id: group!.id }]) });
    const theirs = await mount.creds('p');
    const seen = await scene.readRole();

    await scene.switchTo('ours');
    t.deepEqual(await scene.readRole(), seen);
    const ours = await mount.creds('p');
    t.is(ours.clientId, theirs.clientId);
    await azure.host.api('PUT', 'sys/leases/renew', { lease_id: theirs.leaseId });
    await mount.revoke(theirs);
    t.deepEqual([await azure.canLogIn(theirs), await azure.canLogIn(ours)], [false, true]);
    await mount.writeRole('p', { azure_roles: rolesText(scene, 'Reader', 'Contributor'), azure_groups: '[]' });
    t.deepEqual(await scene.rights(), ['Contributor', 'Reader']);
    const changed = await scene.readRole();

    await scene.switchTo('theirs');
    t.deepEqual(await scene.readRole(), changed);
    await azure.host.api('PUT', 'sys/leases/renew', { lease_id: ours.leaseId });
    await mount.revoke(ours);
    t.false(await azure.canLogIn(ours));
    // It removes by the ids that ours has stored, and adds anew.
    await mount.writeRole('p', { azure_roles: rolesText(scene, 'Contributor') });
    t.deepEqual(await scene.rights(), ['Contributor']);
    const last = await mount.creds('p');

    await scene.switchTo('ours');
    await mount.writeRole('p', { azure_roles: rolesText(scene, 'Reader') });
    t.deepEqual(await scene.rights(), ['Reader']);
    await mount.revoke(last);
    t.false(await azure.canLogIn(last));
    await mount.api('DELETE', 'roles/p');
  },
);

test.serial('persist_app, made by ours: used and deleted by the Go plugin, which leaves nothing behind', async (t) => {
  const scene = await setScene(t, 'deleted-by-theirs', 'ours');
  const { mount, azure } = scene;
  await mount.writeRole('p', roleFields());
  const ours = await mount.creds('p');
  await scene.switchTo('theirs');
  const theirs = await mount.creds('p');
  t.is(ours.clientId, theirs.clientId);
  t.true(await azure.canLogIn(theirs));
  await mount.revoke(ours);
  await mount.revoke(theirs);
  await mount.api('DELETE', 'roles/p');
});

test.serial(
  'persist_app, switched off by the Go plugin: ours goes on with the application, and deletes it with the role',
  async (t) => {
    const scene = await setScene(t, 'left-off', 'theirs');
    const { mount, azure } = scene;
    await mount.writeRole('p', roleFields());
    await mount.writeRole('p', { persist_app: false });
    const theirs = await mount.creds('p');
    await scene.switchTo('ours');
    const ours = await mount.creds('p');
    t.is(ours.clientId, theirs.clientId);
    await mount.revoke(theirs);
    await mount.revoke(ours);
    t.deepEqual([await azure.canLogIn(theirs), await azure.canLogIn(ours)], [false, false]);
    await mount.api('DELETE', 'roles/p');
  },
);

test.serial(
  'persist_app, made by the Go plugin: switched off by ours, the role is dynamic, and unmounting removes the application',
  async (t) => {
    const scene = await setScene(t, 'switched-off', 'theirs');
    const { mount, azure } = scene;
    await mount.writeRole('p', roleFields());
    const theirs = await mount.creds('p');
    await scene.switchTo('ours');
    await mount.writeRole('p', { persist_app: false });
    const ours = await mount.creds('p');
    t.not(ours.clientId, theirs.clientId);
    t.true(await azure.canLogIn(theirs));
    await mount.revoke(theirs);
    await mount.revoke(ours);
    await azure.host.api('DELETE', `sys/mounts/${mount.path}`);
  },
);
