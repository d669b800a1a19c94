import test from 'ava';
import type { ExecutionContext } from 'ava';
import { AzureError, InternalError, InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

const MINUTE_MS = 60_000;

interface Setting {
  readonly world: EngineWorld;
  readonly engine: EngineProcess;
  /** Objects of the tenant before anything was made. */
  readonly before: readonly string[];
}

async function start(t: ExecutionContext): Promise<Setting> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine, before: world.objects() };
}

async function startPersisted(t: ExecutionContext, fields: JsonObject = {}): Promise<Setting> {
  const setting = await start(t);
  await setting.engine.request('create', 'roles/app', {
    ...setting.world.dynamicRole(),
    persist_app: true,
    ...fields,
  });
  return setting;
}

const stored = ({ world }: Setting): JsonObject => world.storage.readJson('roles/app') as JsonObject;
const listOf = (value: unknown): string[] => value as string[];
const applicationOf = (setting: Setting) =>
  setting.world.emulator.tenant().applications.find(({ id }) => id === stored(setting)['application_object_id']);
const at = ({ world }: Setting): string => `/subscriptions/${world.emulator.subscriptionId}`;
const groupId = ({ world }: Setting, index: number): string => world.emulator.groups[index]?.id ?? '';

/** What the role's principal has, by GUID and id. */
function rights(setting: Setting): { assignments: string[]; groups: string[] } {
  const principalId = stored(setting)['sp_object_id'] as string;
  const tenant = setting.world.emulator.tenant();
  return {
    assignments: tenant.roleAssignments
      .filter((assignment) => assignment.principalId === principalId)
      .map(({ name }) => name),
    groups: tenant.groups.filter(({ members }) => members.includes(principalId)).map(({ id }) => id),
  };
}

const guidsOf = (setting: Setting): string[] =>
  listOf(stored(setting)['role_assignment_ids'] ?? []).map((id) => id.slice(id.lastIndexOf('/') + 1));

/** Minute ticks of new processes, each after a pause. */
async function tickThrough({ world }: Setting, minutes: readonly number[]): Promise<void> {
  for (const pause of minutes) {
    world.moveTime(pause * MINUTE_MS);
    await world.startProcess().tick();
  }
}

const RECOVERY = [2, 16, 16, 16];

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

const countOf = ({ before }: Setting): number => before.filter((object) => object.startsWith('application ')).length;

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

const EXCLUDED = /^persist_app must be false if application_object_id is provided: .* write application_object_id=""/;

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

/** As the Go plugin leaves it when persist_app is switched off. */
async function leaveOff(setting: Setting, fields: JsonObject = {}): Promise<EngineProcess> {
  setting.world.storage.writeJson('roles/app', { ...stored(setting), persist_app: false, ...fields });
  return setting.world.startProcess();
}

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
