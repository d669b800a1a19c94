import test from 'ava';
import {
  applicationOf,
  countOf,
  groupId,
  guidsOf,
  leaveOff,
  listOf,
  rights,
  startPersisted,
  stored,
  tickThrough,
} from './_persisted.ts';

test('roles of the Go plugin: one that it switched off goes on with its application until a write says otherwise', async (t) => {
  const setting = await startPersisted(t);
  const { world } = setting;
  const application = applicationOf(setting);
  const engine = await leaveOff(setting);
  const lease = await engine.issue('app');
  t.is(lease.clientId, application?.appId ?? '');
  await engine.request('update', 'roles/app', { ttl: 60, permanently_delete: true });
  t.like(stored(setting), { ttl: 60e9, managed_application_object_id: application?.id ?? '', persist_app: false });
  t.deepEqual(rights(setting), { assignments: guidsOf(setting), groups: [groupId(setting, 0)] });
  await engine.request('update', 'roles/app', {
    persist_app: false,
    application_object_id: application?.id ?? '',
  });
  t.is(stored(setting)['application_object_id'], '');
  await engine.revoke(lease);
  await tickThrough(setting, [10]);
  t.deepEqual(world.objects(), setting.before);
});

test('roles of the Go plugin: an application that its role has stopped using goes with the next write', async (t) => {
  const setting = await startPersisted(t);
  const { id = '', appId = '' } = setting.world.emulator.applications[0] ?? {};
  const engine = await leaveOff(setting, { application_object_id: id, application_id: appId });
  await engine.request('update', 'roles/app', { ttl: 60 });
  t.like(stored(setting), { application_object_id: id, managed_application_object_id: '' });
  await tickThrough(setting, [10]);
  t.deepEqual(setting.world.objects(), setting.before);
});

test('roles of the Go plugin: an application that its role has stopped using goes with the role', async (t) => {
  const setting = await startPersisted(t);
  const engine = await leaveOff(setting, { application_object_id: '', application_id: '' });
  await engine.request('delete', 'roles/app');
  t.deepEqual(setting.world.objects(), setting.before);
  t.deepEqual(setting.world.storage.keys(), ['config']);
});

test('roles of the Go plugin: an application that was left off is taken up again, with what it has', async (t) => {
  const setting = await startPersisted(t);
  const [guid = ''] = guidsOf(setting);
  const engine = await leaveOff(setting, { application_object_id: '', application_id: '' });
  await engine.request('update', 'roles/app', { persist_app: true });
  t.deepEqual(guidsOf(setting), [guid]);
  t.deepEqual(rights(setting), { assignments: [guid], groups: [groupId(setting, 0)] });
  t.is(setting.world.objects().filter((object) => object.startsWith('application ')).length, 1 + countOf(setting));
});

test('roles of the Go plugin: assignments that its failed write made and never stored are found and taken over', async (t) => {
  const setting = await startPersisted(t);
  const [guid = ''] = guidsOf(setting);
  const ids = listOf(stored(setting)['role_assignment_ids']);
  const unknown = ids.map((id) => id.replace(guid, '00000000-0000-4000-8000-000000000001'));
  setting.world.storage.writeJson('roles/app', { ...stored(setting), role_assignment_ids: unknown });
  const engine = setting.world.startProcess();
  await engine.request('update', 'roles/app', { ttl: 60 });
  t.deepEqual(guidsOf(setting), [guid]);
  await engine.request('delete', 'roles/app');
  t.deepEqual(setting.world.objects(), setting.before);
});
