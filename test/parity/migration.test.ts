/**
 * Mounts in use change from HashiCorp's plugin to ours and back, with the commands of docs/migration.md: nothing that
 * was written or leased under one is lost under the other.
 */
import test from 'ava';
import { findTool } from '../host/find-tool.ts';
import { GO_PLUGIN } from '../host/host-tools.ts';
import { readBuiltPlugin, readPluginFile } from '../host/register-plugin.ts';
import { everyKindOfRole, issueEach, readAll, renewAndRevoke, writeRoles } from './_inhabitants.ts';
import { listStored, openStorage, readRunning, reloadMount, runCommand } from './_migration.ts';
import { COMMANDS, GO_VERSION } from './_parity-host.ts';
import { serveScenes, UNVERSIONED } from './_scene.ts';
import { existingRole, groupScope } from './_setup.ts';

const setScene = serveScenes(test);

test.serial('there and back: every role and every lease is served by whichever plugin is there', async (t) => {
  const scene = await setScene(t, 'azure');
  const { azure, mount, operator, parity } = scene;
  const { emulator } = parity;
  const stored = await openStorage(parity.host, mount.path);
  const roles = everyKindOfRole(emulator);
  const applicationOf = (objectId: string) => emulator.tenant().applications.find(({ id }) => id === objectId);

  // HashiCorp's plugin makes roles, and leases for both.
  await writeRoles(mount, roles);
  const theirs = await issueEach(mount, Object.keys(roles));
  const travelers = await issueEach(mount, Object.keys(roles));
  const seenByTheirs = await readAll(mount);

  await scene.switchTo(t, 'ours');
  t.deepEqual(await readAll(mount), seenByTheirs);
  t.deepEqual(await renewAndRevoke(azure, mount, theirs), []);
  const ours = await issueEach(mount, Object.keys(roles));
  t.deepEqual(await renewAndRevoke(azure, mount, await issueEach(mount, Object.keys(roles))), []);

  // Ours changes roles and config, in every way in which a change shows in the records.
  await mount.writeRole('dynamic', { ttl: '2h', tags: 'changed' });
  await mount.writeRole('existing', { explicit_max_ttl: '48h' });
  await mount.writeRole('purged', { azure_groups: [{ object_id: emulator.groups[0]!.id }] });
  await mount.writeRole('added', { azure_roles: [{ role_name: 'Reader', scope: groupScope(emulator) }], ttl: 900 });
  await mount.writeRole('persisted', { azure_groups: [{ object_id: emulator.groups[0]!.id }] });
  await mount.api('DELETE', 'roles/groups');
  await mount.api('POST', 'config', { root_password_ttl: '72h', request_timeout: 40 });
  const oldKeys = applicationOf(operator.applicationObjectId)!.passwords.map(({ keyId }) => keyId);
  await mount.api('POST', 'rotate-root');
  const newKeys = applicationOf(operator.applicationObjectId)!.passwords.map(({ keyId }) => keyId);
  t.deepEqual([oldKeys.length, newKeys.length], [1, 1]);
  t.notDeepEqual(newKeys, oldKeys);
  ours.push(await mount.creds('added'));
  const seenByOurs = await readAll(mount);
  t.deepEqual(seenByOurs['keys'], [...Object.keys(roles), 'added'].filter((name) => name !== 'groups').sort());

  // What docs/migration.md has an operator look at before the way back.
  t.deepEqual(await listStored(stored, 'operations/'), []);
  t.deepEqual(await listStored(stored, 'leftover/'), []);

  await scene.switchTo(t, 'theirs');
  const { request_timeout: timeout, root_password_key_id: keyId, ...config } = seenByOurs['config'];
  t.deepEqual([timeout, keyId], [40, newKeys[0]]);
  t.deepEqual(await readAll(mount), { ...seenByOurs, config });
  // A lease whose role is gone is not renewed by either; it is revoked.
  const roleless = [travelers, ours].flatMap((leases) => leases.filter(({ leaseId }) => leaseId.includes('/groups/')));
  const others = [...travelers, ...ours].filter((lease) => !roleless.includes(lease));
  t.deepEqual(await renewAndRevoke(azure, mount, others), []);
  for (const lease of roleless) await mount.revoke(lease);

  // HashiCorp's plugin changes what ours has written.
  await mount.writeRole('added', { ttl: 1800 });
  await mount.writeRole('dynamic', { azure_groups: '[]' });
  await mount.writeRole('persisted', { azure_groups: '[]' });
  await mount.api('POST', 'config', { root_password_ttl: '96h' });
  const changed = await readAll(mount);
  t.deepEqual(changed['config'], { ...config, root_password_ttl: 96 * 3600 });
  t.deepEqual(changed['role added'], { ...seenByOurs['role added'], ttl: 1800 });
  t.deepEqual(changed['role dynamic'], { ...seenByOurs['role dynamic'], azure_groups: [] });
  t.deepEqual(await renewAndRevoke(azure, mount, await issueEach(mount, changed['keys'])), []);
  await mount.api('DELETE', 'roles/persisted');
  await runCommand(parity.host, 'secrets', 'disable', mount.path);
});

test.serial('a registration without version: a changed one alone changes nothing, tuning does, and back', async (t) => {
  const { azure, mount, parity } = await setScene(t, 'unversioned', UNVERSIONED);
  const { host, emulator } = parity;
  const [official, built] = [await readPluginFile(await findTool(GO_PLUGIN)), readBuiltPlugin()];
  const register = (sha256: string, command: string, ...more: string[]) =>
    runCommand(host, 'plugin', 'register', `-sha256=${sha256}`, `-command=${command}`, ...more, 'secret', UNVERSIONED);
  const roles = everyKindOfRole(emulator);
  await writeRoles(mount, roles);
  const theirs = await issueEach(mount, Object.keys(roles));
  const seenByTheirs = await readAll(mount);

  // The plugin tells its version, so it stands beside the other registration instead of replacing it.
  await register(built.sha256, COMMANDS.ours);
  await reloadMount(host, mount.path);
  t.deepEqual(await readRunning(host, mount.path), { version: '', sha256: official.sha256 });
  await t.throwsAsync(register(built.sha256, COMMANDS.ours, `-version=${GO_VERSION}`), {
    message: /plugin version mismatch/,
  });

  await runCommand(host, 'secrets', 'tune', `-plugin-version=${parity.versions.ours}`, `${mount.path}/`);
  await reloadMount(host, mount.path);
  t.deepEqual(await readRunning(host, mount.path), { version: parity.versions.ours, sha256: built.sha256 });
  t.deepEqual(await readAll(mount), seenByTheirs);
  t.deepEqual(await renewAndRevoke(azure, mount, theirs), []);
  const ours = await issueEach(mount, Object.keys(roles));

  // A mount cannot be tuned to "no version": HashiCorp's plugin gets one.
  await register(official.sha256, COMMANDS.theirs, `-version=${GO_VERSION}`);
  await runCommand(host, 'secrets', 'tune', `-plugin-version=${GO_VERSION}`, `${mount.path}/`);
  await reloadMount(host, mount.path);
  t.deepEqual(await readRunning(host, mount.path), { version: GO_VERSION, sha256: official.sha256 });
  t.deepEqual(await readAll(mount), seenByTheirs);
  t.deepEqual(await renewAndRevoke(azure, mount, ours), []);
  await mount.api('DELETE', 'roles/persisted');
  await runCommand(host, 'secrets', 'disable', mount.path);
});

test.serial("what only ours has: HashiCorp's plugin keeps it until it rewrites the record", async (t) => {
  const scene = await setScene(t, 'alone');
  const { mount, parity } = scene;
  const metadata = { team: 'identity' };
  const role = { azure_roles: JSON.stringify([{ role_name: 'Reader', scope: groupScope(parity.emulator) }]) };
  await scene.switchTo(t, 'ours');
  await mount.api('POST', 'config', { request_timeout: 40, metadata });
  for (const name of ['kept', 'rewritten'])
    await mount.writeRole(name, { ...role, permanently_delete: true, metadata });
  const seenByOurs = await readAll(mount);
  const lease = await mount.creds('kept');

  await scene.switchTo(t, 'theirs');
  await mount.writeRole('rewritten', { ttl: 60, permanently_delete: true });
  await mount.revoke(lease);
  await scene.switchTo(t, 'ours');
  const { metadata: lost, ...rewritten } = seenByOurs['role rewritten'];
  t.deepEqual(lost, metadata);
  t.deepEqual(await readAll(mount), { ...seenByOurs, 'role rewritten': { ...rewritten, ttl: 60 } });

  await scene.switchTo(t, 'theirs');
  await mount.api('POST', 'config', { root_password_ttl: '24h' });
  await scene.switchTo(t, 'ours');
  const { metadata: kept, request_timeout: timeout, ...config } = seenByOurs['config'];
  t.deepEqual([kept, timeout], [metadata, 40]);
  t.deepEqual((await readAll(mount))['config'], { ...config, root_password_ttl: 24 * 3600 });
  await runCommand(parity.host, 'secrets', 'disable', mount.path);
});

test.serial(
  "what HashiCorp's plugin cannot work with: changed before or after the way back, the mount serves",
  async (t) => {
    const scene = await setScene(t, 'cloud');
    const { mount, parity } = scene;
    await scene.switchTo(t, 'ours');
    await mount.writeRole('existing', existingRole(parity.emulator));
    const lease = await mount.creds('existing');
    for (const isChangedBefore of [true, false]) {
      await scene.switchTo(t, 'ours');
      await mount.api('POST', 'config', { environment: 'AzureUSGovernmentDoDCloud' });
      if (isChangedBefore) await mount.api('POST', 'config', { environment: 'AzurePublicCloud' });
      await scene.switchTo(t, 'theirs');
      if (!isChangedBefore) {
        const refused = await mount.request('GET', 'creds/existing');
        t.is(refused.status, 500);
        t.regex(refused.body.errors[0], /no cloud configuration matching the name/);
        await mount.api('POST', 'config', { environment: 'AzurePublicCloud' });
      }
      await mount.revoke(await mount.creds('existing'));
    }
    await mount.revoke(lease);
    await runCommand(parity.host, 'secrets', 'disable', mount.path);
  },
);

test.serial(
  "a schedule of root rotation: HashiCorp's plugin writes no config until it is cleared, here or there",
  async (t) => {
    const scene = await setScene(t, 'scheduled');
    const { mount, parity } = scene;
    await scene.switchTo(t, 'ours');
    await mount.writeRole('existing', existingRole(parity.emulator));
    for (const schedule of [{ rotation_period: '720h' }, { rotation_schedule: '0 0 1 * *', rotation_period: 0 }]) {
      await scene.switchTo(t, 'ours');
      await mount.api('POST', 'config', schedule);
      await scene.switchTo(t, 'theirs');
      await mount.revoke(await mount.creds('existing'));
      const refused = await mount.request('POST', 'config', { root_password_ttl: '72h' });
      t.is(refused.status, 400);
      t.regex(refused.body.errors[0], /rotation manager capabilities not supported/);
      await mount.api('POST', 'config', { rotation_schedule: '', rotation_period: 0 });
      await mount.api('POST', 'config', { root_password_ttl: '72h' });
    }
    await scene.switchTo(t, 'ours');
    await mount.api('POST', 'config', { rotation_period: '720h' });
    await mount.api('POST', 'config', { rotation_period: 0 });
    await scene.switchTo(t, 'theirs');
    await mount.api('POST', 'config', { root_password_ttl: '48h' });
    await runCommand(parity.host, 'secrets', 'disable', mount.path);
  },
);
