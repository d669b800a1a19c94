import test from 'ava';
import { AzureError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import {
  applicationOf,
  at,
  countOf,
  groupId,
  guidsOf,
  listOf,
  MINUTE_MS,
  RECOVERY,
  rights,
  start,
  startPersisted,
  stored,
  tickThrough,
} from './_persisted.ts';

const EXCLUDED = /^persist_app must be false if application_object_id is provided: .* write application_object_id=""/;

test('persist_app: the first write makes the application, and the record is the Go plugin’s', async (t) => {
  const setting = await startPersisted(t, { tags: 'team:web' });
  const { world, engine } = setting;
  const role = stored(setting);
  const application = applicationOf(setting);
  t.regex(application?.displayName ?? '', /^vault-app-\d{10}$/);
  t.deepEqual(application?.passwords, []);
  t.is(application?.tags[0], 'team:web');
  t.is(application?.tags.length, 3);
  t.is(role['persist_app'], true);
  t.is(role['managed_application_object_id'], role['application_object_id']);
  t.is(role['application_id'], application?.appId);
  const [id = ''] = listOf(role['role_assignment_ids']);
  t.true(id.startsWith(`${at(setting)}/providers/Microsoft.Authorization/roleAssignments/`));
  t.deepEqual(role['group_membership_ids'], [groupId(setting, 0)]);
  t.deepEqual(rights(setting), { assignments: guidsOf(setting), groups: [groupId(setting, 0)] });
  const read = (await engine.request('read', 'roles/app'))?.data;
  t.like(read, { persist_app: true, application_object_id: role['application_object_id'] });
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app: credentials are passwords of the application, each with a lease of its own', async (t) => {
  const setting = await startPersisted(t);
  const { engine } = setting;
  const leases = await Promise.all([engine.issue('app'), engine.issue('app'), engine.issue('app')]);
  const application = applicationOf(setting);
  t.is(application?.passwords.length, 3);
  t.deepEqual([...new Set(leases.map(({ clientId }) => clientId))], [application?.appId]);
  t.deepEqual(Object.keys(leases[0].secret.internalData).sort(), [
    'app_object_id',
    'key_end_date',
    'key_id',
    'operation_id',
    'role',
    'secret_type',
    'tenant_id',
  ]);
  t.is((await engine.renew(leases[0]))?.secret?.ttlSeconds, 3600);
  for (const lease of leases) await engine.revoke(lease);
  t.deepEqual(applicationOf(setting)?.passwords, []);
  t.deepEqual(rights(setting).assignments, guidsOf(setting));
});

test('persist_app: a write that changes nothing keeps every id', async (t) => {
  const setting = await startPersisted(t, { permanently_delete: true, tags: 'a' });
  const { engine } = setting;
  const before = stored(setting);
  const { data = {} } = (await engine.request('read', 'roles/app')) ?? {};
  // As Terraform does it: all that was read, sent back.
  t.is(await engine.request('update', 'roles/app', data), undefined);
  t.deepEqual(stored(setting), before);
  await engine.request('update', 'roles/app', { ...data, application_object_id: '' });
  t.deepEqual(stored(setting), before);
  t.deepEqual(rights(setting).assignments, guidsOf(setting));
});

test('persist_app: rights change by difference, new ones come before old ones go', async (t) => {
  const setting = await startPersisted(t);
  const { engine } = setting;
  const [reader = ''] = guidsOf(setting);
  engine.gate.arm();
  await engine.request('update', 'roles/app', {
    azure_roles: [
      { role_name: 'Contributor', scope: at(setting) },
      { role_name: 'Reader', scope: `${at(setting).toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions')}/` },
    ],
    azure_groups: [{ object_id: groupId(setting, 1) }],
  });
  const [contributor, kept] = guidsOf(setting);
  t.is(kept, reader);
  t.deepEqual(rights(setting).assignments.sort(), [contributor, reader].sort());
  t.deepEqual(rights(setting).groups, [groupId(setting, 1)]);
  const { points } = engine.gate;
  const [added, written, removed] = ['POST graph /groups', 'put roles/', 'DELETE graph /groups'].map((call) =>
    points.findIndex((point) => point.startsWith(call)),
  );
  t.true(added! < written! && written! < removed!, points.join('\n'));
  t.false(points.some((point) => point.startsWith('DELETE arm')));
  engine.gate.arm();
  await engine.request('update', 'roles/app', { azure_roles: [], azure_groups: [] });
  t.deepEqual(rights(setting), { assignments: [], groups: [] });
  t.is(stored(setting)['role_assignment_ids'], null);
  t.deepEqual(stored(setting)['group_membership_ids'], []);
  t.deepEqual(setting.world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app: a write brings back what somebody removed by hand', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  const state = world.emulator.state();
  const [guid] = guidsOf(setting);
  for (const assignment of [...state.roleAssignments.list()].filter(({ name }) => name === guid)) {
    state.roleAssignments.remove(assignment);
  }
  t.deepEqual(rights(setting).assignments, []);
  await engine.request('update', 'roles/app', { ttl: 60 });
  t.deepEqual(rights(setting).assignments, [guid ?? '']);
});

test('persist_app: a condition that somebody has put on an assignment stays', async (t) => {
  const setting = await startPersisted(t);
  const { roleAssignments } = setting.world.emulator.state();
  const condition = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'web'";
  const [guid] = guidsOf(setting);
  for (const assignment of [...roleAssignments.list()].filter(({ name }) => name === guid)) {
    roleAssignments.replace({ ...assignment, condition, conditionVersion: '2.0' });
  }
  await setting.engine.request('update', 'roles/app', { ttl: 60, azure_groups: [] });
  t.deepEqual(guidsOf(setting), [guid]);
  t.is([...roleAssignments.list()].find(({ name }) => name === guid)?.condition, condition);
});

test('persist_app: a change that Azure refuses leaves role and rights as they were', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  const before = stored(setting);
  const objects = world.objects();
  world.emulator.addFault({
    match: { method: 'PUT', path: 'roleAssignments' },
    times: 1,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'No.' },
  });
  await t.throwsAsync(
    engine.request('update', 'roles/app', {
      azure_roles: [{ role_name: 'Contributor', scope: at(setting) }],
      azure_groups: [{ object_id: groupId(setting, 1) }],
    }),
    { instanceOf: AzureError, message: /^assign role Contributor at .*: 403 AuthorizationFailed: No; grant / },
  );
  await engine.settle();
  t.deepEqual(stored(setting), before);
  t.deepEqual(world.objects(), objects);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app: what cannot be removed is told, and removed later, unless the role wants it again', async (t) => {
  const setting = await startPersisted(t);
  const { engine, world } = setting;
  const locked = { status: 409, code: 'ScopeLocked', message: 'The scope is locked.' };
  const refusals = [
    world.emulator.addFault({ match: { method: 'DELETE', path: 'roleAssignments' }, times: null, answer: locked }),
    world.emulator.addFault({ match: { method: 'DELETE', path: 'members' }, times: null, answer: locked }),
  ];
  const response = await engine.request('update', 'roles/app', {
    azure_roles: [{ role_name: 'Contributor', scope: at(setting) }],
    azure_groups: [{ object_id: groupId(setting, 1) }],
  });
  t.regex(
    response?.warnings?.[0] ?? '',
    /^the role is written, but not everything that it had before could be removed; .*: role assignment .*, member .* of group .*: delete role assignment: 409 ScopeLocked: /,
  );
  t.is(rights(setting).assignments.length, 2);
  t.is(world.storage.keys().filter((key) => key.startsWith('operations/')).length, 1);
  const later = world.startProcess();
  await later.request('update', 'roles/app', { azure_groups: [{ object_id: groupId(setting, 0) }] });
  for (const refusal of refusals) refusal.remove();
  await tickThrough(setting, RECOVERY);
  t.deepEqual(rights(setting), { assignments: guidsOf(setting), groups: [groupId(setting, 0)] });
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app: a creation that fails is taken back at once', async (t) => {
  const setting = await start(t);
  const { engine, world } = setting;
  world.emulator.addFault({
    match: { method: 'POST', path: 'members' },
    times: 1,
    answer: { status: 403, code: 'Authorization_RequestDenied', message: 'No.' },
  });
  await t.throwsAsync(engine.request('create', 'roles/app', { ...world.dynamicRole(), persist_app: true }), {
    instanceOf: AzureError,
    message: /^add to group .*: 403 Authorization_RequestDenied/,
  });
  await engine.settle();
  t.deepEqual(world.objects(), setting.before);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('persist_app: a creation whose answer was lost leaves one application', async (t) => {
  const setting = await start(t);
  const { engine, world } = setting;
  world.emulator.addFault({ match: { method: 'POST', path: '/applications$' }, answer: 'after' });
  // The look for it meets a replica that does not know it yet.
  world.emulator.addFault({
    match: { method: 'GET', path: '/applications$' },
    answer: { status: 200, body: { value: [] } },
  });
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), persist_app: true });
  t.is(world.objects().filter((object) => object.startsWith('application ')).length, 2 + countOf(setting));
  await tickThrough(setting, RECOVERY);
  t.is(world.objects().filter((object) => object.startsWith('application ')).length, 1 + countOf(setting));
  t.deepEqual(rights(setting), { assignments: guidsOf(setting), groups: [groupId(setting, 0)] });
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app: two first writes at once make one application', async (t) => {
  const setting = await start(t);
  const { engine, world } = setting;
  const fields = { ...world.dynamicRole(), persist_app: true };
  await Promise.all([engine.request('create', 'roles/app', fields), engine.request('create', 'roles/app', fields)]);
  t.is(world.objects().filter((object) => object.startsWith('application ')).length, 1 + countOf(setting));
});

test('persist_app: Azure’s replicas lag, and role, credential, revocation and deletion work at once all the same', async (t) => {
  const setting = await start(t);
  const { engine, world } = setting;
  world.emulator.changeSettings({ replicationMs: 3000 });
  await engine.request('create', 'roles/app', { ...world.dynamicRole(), persist_app: true });
  const lease = await engine.issue('app');
  await engine.request('update', 'roles/app', { azure_groups: [{ object_id: groupId(setting, 1) }] });
  await engine.revoke(lease);
  await engine.request('delete', 'roles/app');
  await engine.settle();
  world.moveTime(MINUTE_MS);
  t.deepEqual(world.objects(), setting.before);
});

test('persist_app: somebody else’s application in the same role is refused, and nothing is made', async (t) => {
  const setting = await start(t);
  const { engine, world } = setting;
  const refuses = (fields: JsonObject) =>
    t.throwsAsync(engine.request('update', 'roles/app', fields), {
      instanceOf: InvalidRequestError,
      message: EXCLUDED,
    });
  await refuses({ ...world.dynamicRole(), ...world.existingRole(), persist_app: true });
  t.deepEqual(world.storage.keys(), ['config']);
  await engine.request('create', 'roles/app', world.existingRole());
  await refuses({ ...world.dynamicRole(), persist_app: true });
  await engine.request('update', 'roles/app', { ...world.dynamicRole(), persist_app: true, application_object_id: '' });
  await refuses(world.existingRole());
  t.is(stored(setting)['persist_app'], true);
  t.deepEqual(world.storage.keys(), ['config', 'roles/app']);
});

test('persist_app: without roles and groups there is nothing to make an application for', async (t) => {
  const { engine, world } = await start(t);
  await t.throwsAsync(engine.request('create', 'roles/app', { persist_app: true }), {
    instanceOf: InvalidRequestError,
    message: 'either Azure role definitions, group definitions, or an Application Object ID must be provided',
  });
  t.deepEqual(world.storage.keys(), ['config']);
});

test('persist_app: tags and audience of the application stay, and the write says so', async (t) => {
  const setting = await startPersisted(t, { tags: 'a' });
  const response = await setting.engine.request('update', 'roles/app', { tags: 'b', sign_in_audience: 'AzureADMyOrg' });
  t.regex(response?.warnings?.[0] ?? '', /^tags and sign_in_audience: stored, but the application .* keeps what/);
  t.is(applicationOf(setting)?.tags[0], 'a');
  t.deepEqual(stored(setting)['tags'], ['b']);
});
