import test from 'ava';
import { AzureError, InternalError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import {
  applicationOf,
  countOf,
  groupId,
  guidsOf,
  MINUTE_MS,
  rights,
  startPersisted,
  stored,
  tickThrough,
} from './_persisted.ts';

test('persist_app off: the role is dynamic at once, the application goes when its last password has', async (t) => {
  const setting = await startPersisted(t, { permanently_delete: true });
  const { engine, world } = setting;
  const applicationId = stored(setting)['application_object_id'] as string;
  const old = await engine.issue('app');
  const objects = world.objects();
  await engine.request('update', 'roles/app', { persist_app: false });
  t.like(stored(setting), {
    persist_app: false,
    application_id: '',
    application_object_id: '',
    managed_application_object_id: '',
    sp_object_id: '',
    role_assignment_ids: null,
    group_membership_ids: null,
  });
  t.deepEqual(world.objects(), objects);
  const dynamic = await engine.issue('app');
  t.not(dynamic.clientId, old.clientId);
  await engine.revoke(dynamic);
  await tickThrough(setting, [2, 10, 60]);
  t.deepEqual(world.objects(), objects);
  t.deepEqual(
    world.storage.keys().filter((key) => key.startsWith('retired/')),
    [`retired/${applicationId}`],
  );

  await world.startProcess().revoke(old);
  await tickThrough(setting, [1]);
  t.deepEqual(world.objects(), setting.before);
  t.deepEqual(world.emulator.tenant().deletedItems, []);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app off: a password without a record, of the Go plugin, keeps the application until it ends', async (t) => {
  const setting = await startPersisted(t, { ttl: '1h', explicit_max_ttl: '48h', max_ttl: '24h' });
  const { engine, world } = setting;
  await engine.issue('app');
  for (const key of world.storage.keys()) if (key.startsWith('issued/')) await world.storage.delete(key);
  await engine.request('update', 'roles/app', { persist_app: false });
  await tickThrough(setting, [10, 60, 46 * 60]);
  t.notDeepEqual(world.objects(), setting.before);
  await tickThrough(setting, [2 * 60]);
  t.deepEqual(world.objects(), setting.before);
});

test('persist_app off: a young retired application is left alone, for requests that read the role before', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  const objects = world.objects();
  await engine.request('update', 'roles/app', { persist_app: false });
  await tickThrough(setting, [1, 2]);
  t.deepEqual(world.objects(), objects);
  await tickThrough(setting, [3]);
  t.deepEqual(world.objects(), setting.before);
});

test('persist_app off and on again: another application, the old one goes', async (t) => {
  const setting = await startPersisted(t);
  const { engine } = setting;
  const first = applicationOf(setting)?.id;
  await engine.request('update', 'roles/app', { persist_app: false });
  await engine.request('update', 'roles/app', { persist_app: true });
  t.not(applicationOf(setting)?.id, first);
  await tickThrough(setting, [10]);
  t.is(setting.world.objects().filter((object) => object.startsWith('application ')).length, 1 + countOf(setting));
  t.deepEqual(rights(setting), { assignments: guidsOf(setting), groups: [groupId(setting, 0)] });
});

test('persist_app off in favour of an existing application: its credentials come from that one', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  await engine.request('update', 'roles/app', { persist_app: false, ...world.existingRole() });
  const lease = await engine.issue('app');
  t.is(lease.clientId, world.emulator.applications[0]?.appId ?? '');
  await engine.revoke(lease);
  await tickThrough(setting, [10]);
  t.deepEqual(world.objects(), setting.before);
});

test('persist_app, role deleted: the application goes with all that it had, leases end cleanly', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  const lease = await engine.issue('app');
  t.deepEqual((await engine.request('delete', 'roles/app'))?.warnings, [
    '1 lease of this role is still there, and credentials of its own application do not work any more. To end it now: vault lease revoke -prefix azure/creds/app',
  ]);
  t.deepEqual(world.objects(), setting.before);
  t.deepEqual(
    world.emulator
      .tenant()
      .deletedItems.map(({ kind }) => kind)
      .sort(),
    ['application', 'servicePrincipal'],
  );
  t.is(await engine.renew(lease), undefined);
  t.is(await engine.revoke(lease), undefined);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('persist_app, role deleted at once: an answer that is lost does not make a young application seem to be lagging', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  world.emulator.addFault({ match: { method: 'DELETE', path: '/applications/' }, answer: 'after' });
  engine.clock.delaysMs.length = 0;
  await engine.request('delete', 'roles/app');
  t.true(engine.clock.delaysMs.length < 3, `${engine.clock.delaysMs.length} repetitions`);
  t.deepEqual(world.objects(), setting.before);
});

test('persist_app, role deleted: what Azure does not let go becomes a left-over', async (t) => {
  const setting = await startPersisted(t, { permanently_delete: true });
  const { engine, world } = setting;
  const fault = world.emulator.addFault({
    match: { method: 'DELETE', path: 'deletedItems' },
    times: null,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  t.is(await engine.request('delete', 'roles/app'), undefined);
  t.deepEqual(world.objects(), setting.before);
  t.is(world.emulator.tenant().deletedItems.length, 2);
  fault.remove();
  await tickThrough(setting, [2]);
  t.deepEqual(world.emulator.tenant().deletedItems, []);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('persist_app, role deleted: when Azure keeps the application the role stays and the error says why', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  world.emulator.addFault({
    match: { method: 'DELETE', path: '/applications/' },
    times: 1,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  await t.throwsAsync(engine.request('delete', 'roles/app'), {
    instanceOf: AzureError,
    message: /^delete application: 403 Authorization_RequestDenied/,
  });
  t.is((await engine.request('read', 'roles/app'))?.data?.['persist_app'], true);
  t.deepEqual(rights(setting), { assignments: guidsOf(setting), groups: [groupId(setting, 0)] });
  await engine.revoke(await engine.issue('app'));
  await engine.request('delete', 'roles/app');
  t.deepEqual(world.objects(), setting.before);
});

test('persist_app, role deleted without a config: the error says what is missing, the role stays', async (t) => {
  const { engine, world } = await startPersisted(t);
  await engine.request('delete', 'config');
  await t.throwsAsync(engine.request('delete', 'roles/app'), {
    instanceOf: InternalError,
    message: 'error during delete: subscription_id is required',
  });
  t.deepEqual(world.storage.keys(), ['roles/app']);
});

test('persist_app: an application that somebody deleted is told when the role is written, and can be made anew', async (t) => {
  const setting = await startPersisted(t);
  const { world } = setting;
  const lost = applicationOf(setting)?.id;
  const state = world.emulator.state();
  for (const application of [...state.applications.list()].filter(({ id }) => id === lost)) {
    state.applications.remove(application);
  }
  world.moveTime(10 * MINUTE_MS);
  const engine = world.startProcess();
  await t.throwsAsync(engine.request('update', 'roles/app', { ttl: 60 }), {
    instanceOf: InvalidRequestError,
    message: /^the application .* that this role owns does not exist any more: .*: get application: 404 /,
  });
  await engine.request('update', 'roles/app', { persist_app: false });
  await engine.request('update', 'roles/app', { persist_app: true });
  t.not(applicationOf(setting)?.id, undefined);
  await engine.request('delete', 'roles/app');
  await tickThrough(setting, [10]);
  t.deepEqual(world.objects(), setting.before);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('persist_app, unmount: the application stays, and the log names it once', async (t) => {
  const setting = await startPersisted(t);
  const { world, engine } = setting;
  const objects = world.objects();
  world.systemView.tainted = true;
  await engine.tick();
  await engine.tick();
  t.deepEqual(world.objects(), objects);
  const told = engine.logger.lines.filter(({ message }) => message.startsWith('the mount is going away'));
  t.deepEqual(
    told.map(({ fields }) => fields),
    [{ role: 'app', application_object_id: stored(setting)['application_object_id'] }],
  );
});

test('persist_app off, unmount: a retired application without passwords goes at once, one with passwords stays', async (t) => {
  const setting = await startPersisted(t);
  const { world, engine } = setting;
  await engine.request('create', 'roles/used', { ...world.dynamicRole(), persist_app: true });
  const used = world.storage.readJson('roles/used') as JsonObject;
  await engine.issue('used');
  await engine.request('update', 'roles/app', { persist_app: false });
  await engine.request('update', 'roles/used', { persist_app: false });
  world.systemView.tainted = true;
  await engine.tick();
  const left = world
    .objects()
    .filter((object) => object.startsWith('application ') && !setting.before.includes(object));
  t.deepEqual(left, [`application ${used['application_object_id'] as string}`]);
});

test('persist_app: an application of another tenant than the config names is left alone, not taken for gone', async (t) => {
  const setting = await startPersisted(t);
  const { world, engine } = setting;
  await engine.request('create', 'roles/off', { ...world.dynamicRole(), persist_app: true });
  await engine.request('update', 'roles/off', { persist_app: false });
  const objects = world.objects();
  await engine.request('update', 'config', { tenant_id: '99999999-8888-4777-8666-555555555555' });
  const elsewhere = {
    instanceOf: InternalError,
    message: /it was made in tenant .*, and config names tenant 99999999-/,
  };
  await t.throwsAsync(engine.request('update', 'roles/app', { ttl: 60 }), elsewhere);
  await t.throwsAsync(engine.request('delete', 'roles/app'), elsewhere);
  world.moveTime(10 * MINUTE_MS);
  await t.throwsAsync(world.startProcess().tick(), { message: /retired application .*: it was made in tenant / });
  t.deepEqual(world.objects(), objects);
  const later = world.startProcess();
  await later.request('update', 'config', { tenant_id: world.emulator.tenantId });
  await later.request('delete', 'roles/app');
  await later.request('delete', 'roles/off');
  await tickThrough(setting, [1]);
  t.deepEqual(world.objects(), setting.before);
  t.deepEqual(world.storage.keys(), ['config']);
});
