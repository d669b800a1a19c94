/** Service principals, app roles, groups, the recycle bin, and who may do what. */
import test from 'ava';
import { startEmulatorWorld, type CreatedPrincipal, type EmulatorWorld } from '../../helpers/emulator-world.ts';

/** Object id of Microsoft Graph's principal, and the id of one of its app roles. */
async function findGraphRole(
  { graph }: EmulatorWorld,
  value: string,
): Promise<{ resourceId: string; appRoleId: string }> {
  const { body } = await graph(
    'GET',
    "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,appRoles",
  );
  const role = body.appRoles.find((candidate: { value: string }) => candidate.value === value);
  return { resourceId: body.id, appRoleId: role.id };
}

/** A principal that holds just these rights on Graph. */
async function createCaller(
  world: EmulatorWorld,
  rights: readonly string[],
): Promise<CreatedPrincipal & { readonly token: string }> {
  const created = await world.createPrincipal('caller');
  for (const right of rights) {
    const body = { principalId: created.principalId, ...(await findGraphRole(world, right)) };
    await world.graph('POST', `/servicePrincipals/${created.principalId}/appRoleAssignments`, { body });
  }
  return { ...created, token: await world.getToken('graph', created) };
}

const reference = (id: string): object => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });

test('principal: one per application; the second is a 409 that can be read back', async (t) => {
  const { graph, createPrincipal } = await startEmulatorWorld(t);
  const { clientId, principalId } = await createPrincipal();
  const again = await graph('POST', '/servicePrincipals', { body: { appId: clientId } });
  t.is(again.status, 409);
  t.is(again.body.error.code, 'Request_MultipleObjectsWithSameKeyValue');
  t.like(again.body.error.details[0], { code: 'ObjectConflict', target: 'servicePrincipalNames' });
  const read = await graph('GET', `/servicePrincipals(appId='${clientId}')`);
  t.is(read.body.id, principalId);
});

test('principal: upsert creates with 201, then answers 204; 404 without the header', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const { body } = await graph('POST', '/applications', { body: { displayName: 'x' } });
  const path = `/servicePrincipals(appId='${String(body.appId)}')`;
  t.is((await graph('PATCH', path, { body: { displayName: 'x' } })).status, 404);
  const headers = { prefer: 'create-if-missing' };
  const created = await graph('PATCH', path, { headers, body: { displayName: 'x' } });
  t.is(created.status, 201);
  t.like(created.body, { appId: body.appId, servicePrincipalType: 'Application' });
  t.is((await graph('PATCH', path, { headers, body: { displayName: 'x' } })).status, 204);
});

test('principal: of an unknown application: NoBackingApplicationObject', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const answer = await graph('POST', '/servicePrincipals', { body: { appId: '00000000-0000-4000-8000-000000000000' } });
  t.is(answer.status, 400);
  t.is(answer.body.error.code, 'Request_BadRequest');
  t.is(answer.body.error.details[0].code, 'NoBackingApplicationObject');
});

test('app role: granted, shown on both sides and in the next token; refused twice; taken away', async (t) => {
  const world = await startEmulatorWorld(t);
  const { graph, getToken, createPrincipal } = world;
  const created = await createPrincipal();
  const role = await findGraphRole(world, 'Group.Read.All');
  const path = `/servicePrincipals/${created.principalId}/appRoleAssignments`;
  t.is((await graph('GET', '/groups', { token: await getToken('graph', created) })).status, 403);
  const granted = await graph('POST', path, { body: { principalId: created.principalId, ...role } });
  t.is(granted.status, 201);
  t.like(granted.body, { ...role, principalDisplayName: 'created', resourceDisplayName: 'Microsoft Graph' });
  const again = await graph('POST', path, { body: { principalId: created.principalId, ...role } });
  t.is(again.status, 400);
  t.regex(again.body.error.message, /already exists/);
  t.is((await graph('GET', path)).body.value[0].id, granted.body.id);
  const other = await graph('GET', `/servicePrincipals/${role.resourceId}/appRoleAssignedTo`);
  t.true(other.body.value.some(({ id }: { id: string }) => id === granted.body.id));
  t.is((await graph('GET', '/groups', { token: await getToken('graph', created) })).status, 200);
  t.is((await graph('DELETE', `${path}/${String(granted.body.id)}`)).status, 204);
  t.is((await graph('DELETE', `${path}/${String(granted.body.id)}`)).status, 404);
  t.is((await graph('GET', '/groups', { token: await getToken('graph', created) })).status, 403);
});

test('app role: that the resource does not offer is a 400', async (t) => {
  const world = await startEmulatorWorld(t);
  const { principalId } = await world.createPrincipal();
  const { resourceId } = await findGraphRole(world, 'Group.Read.All');
  const answer = await world.graph('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, {
    body: { principalId, resourceId, appRoleId: '11111111-1111-4111-8111-111111111111' },
  });
  t.is(answer.status, 400);
});

test('group: members added once, listed, removed; memberships seen from the principal', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { principalId } = await createPrincipal();
  const path = `/groups/${emulator.groups[0]!.id}/members`;
  t.is((await graph('POST', `${path}/$ref`, { body: reference(principalId) })).status, 204);
  const again = await graph('POST', `${path}/$ref`, { body: reference(principalId) });
  t.is(again.status, 400);
  t.is(
    again.body.error.message,
    "One or more added object references already exist for the following modified properties: 'members'.",
  );
  const members = await graph('GET', `${path}?$select=id,displayName`);
  t.deepEqual(members.body.value, [
    { '@odata.type': '#microsoft.graph.servicePrincipal', id: principalId, displayName: 'created' },
  ]);
  const memberOf = await graph('GET', `/servicePrincipals/${principalId}/memberOf`);
  t.is(memberOf.body.value[0].displayName, emulator.groups[0]!.displayName);
  t.is((await graph('DELETE', `${path}/${principalId}/$ref`)).status, 204);
  t.is((await graph('DELETE', `${path}/${principalId}/$ref`)).status, 404);
});

test('group: created with rights on groups only; renamed; deleted into the bin and restored', async (t) => {
  const world = await startEmulatorWorld(t);
  const { graph } = world;
  const body = { displayName: 'team', mailEnabled: false, mailNickname: 'team', securityEnabled: true };
  t.is((await graph('POST', '/groups', { body })).status, 403);
  const { token } = await createCaller(world, ['Group.ReadWrite.All']);
  t.is((await graph('POST', '/groups', { token, body: { displayName: 'team' } })).status, 400);
  const created = await graph('POST', '/groups', { token, body });
  t.is(created.status, 201);
  const path = `/groups/${String(created.body.id)}`;
  t.is((await graph('PATCH', path, { body: { displayName: 'crew' } })).status, 403, 'members are not names');
  t.is((await graph('PATCH', path, { token, body: { displayName: 'crew' } })).status, 204);
  t.is((await graph('GET', path)).body.displayName, 'crew');
  t.is((await graph('DELETE', path, { token })).status, 204);
  t.is((await graph('GET', '/directory/deletedItems/microsoft.graph.group')).body.value[0].displayName, 'crew');
  t.is((await graph('POST', `/directory/deletedItems/${String(created.body.id)}/restore`)).status, 403);
  t.is((await graph('POST', `/directory/deletedItems/${String(created.body.id)}/restore`, { token })).status, 200);
  t.is((await graph('GET', path)).status, 200);
});

test('group: many members in one PATCH, all or none', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const ids = [(await createPrincipal('one')).principalId, (await createPrincipal('two')).principalId];
  const path = `/groups/${emulator.groups[0]!.id}`;
  const bind = (members: readonly string[]): ReturnType<typeof graph> =>
    graph('PATCH', path, {
      body: { 'members@odata.bind': members.map((id) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`) },
    });
  t.is((await bind([...ids, '00000000-0000-4000-8000-000000000000'])).status, 404);
  t.deepEqual(emulator.tenant().groups[0]?.members, []);
  t.is((await bind(ids)).status, 204);
  t.deepEqual(emulator.tenant().groups[0]?.members, ids);
});

test('group: of an unknown member, dynamic, mail-enabled or role-assignable: refused', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { principalId } = await createPrincipal();
  const unknown = await graph('POST', `/groups/${emulator.groups[0]!.id}/members/$ref`, {
    body: reference('00000000-0000-4000-8000-000000000000'),
  });
  t.is(unknown.status, 404);
  t.is(unknown.body.error.code, 'Request_ResourceNotFound');
  const group = emulator.state().groups.get(emulator.groups[1]!.id)!;
  const addTo = async (changes: object): Promise<number> => {
    emulator.state().groups.put({ ...group, ...changes });
    return (await graph('POST', `/groups/${group.id}/members/$ref`, { body: reference(principalId) })).status;
  };
  t.is(await addTo({ groupTypes: ['DynamicMembership'] }), 400);
  t.is(await addTo({ isMailEnabled: true }), 400);
  t.is(await addTo({ isAssignableToRole: true }), 403);
  t.is(await addTo({}), 204);
});

test('recycle bin: application and principal are separate items; purged, or restored under their ids', async (t) => {
  const { graph, logIn, createPrincipal } = await startEmulatorWorld(t);
  const created = await createPrincipal('binned');
  await graph('DELETE', `/applications/${created.applicationId}`);
  const list = async (kind: string): Promise<string[]> => {
    const { body } = await graph('GET', `/directory/deletedItems/microsoft.graph.${kind}?$select=id,deletedDateTime`);
    return body.value.map(({ id, deletedDateTime }: Record<string, string | null>) =>
      deletedDateTime === null ? '' : id,
    );
  };
  t.deepEqual(await list('application'), [created.applicationId]);
  t.deepEqual(await list('servicePrincipal'), [created.principalId]);
  const search = `/directory/deletedItems/microsoft.graph.application?$filter=${encodeURIComponent("displayName eq 'binned'")}`;
  t.is((await graph('GET', search)).body.error.code, 'Request_UnsupportedQuery', 'searched by index only');
  const found = await graph('GET', `${search}&$count=true`, { headers: { consistencylevel: 'eventual' } });
  t.is(found.body.value[0].id, created.applicationId);
  t.is((await graph('GET', `/servicePrincipals/${created.principalId}`)).status, 404);
  const restored = await graph('POST', `/directory/deletedItems/${created.applicationId}/restore`);
  t.is(restored.status, 200);
  t.is(restored.body.id, created.applicationId);
  t.is((await graph('POST', `/directory/deletedItems/${created.principalId}/restore`)).status, 200);
  t.is((await logIn({ client_id: created.clientId, client_secret: created.clientSecret })).status, 200);
  await graph('DELETE', `/applications/${created.applicationId}`);
  t.is((await graph('DELETE', `/directory/deletedItems/${created.applicationId}`)).status, 204);
  t.is((await graph('DELETE', `/directory/deletedItems/${created.applicationId}`)).status, 404);
  t.deepEqual(await list('application'), []);
  t.deepEqual(await list('servicePrincipal'), [created.principalId]);
});

test('recycle bin: 404 until the item arrives; gone after thirty days', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t, { settings: { recycleBinMs: 60_000 } });
  const { applicationId } = await createPrincipal();
  await graph('DELETE', `/applications/${applicationId}`);
  const purge = (): ReturnType<typeof graph> => graph('DELETE', `/directory/deletedItems/${applicationId}`);
  const early = await purge();
  t.is(early.status, 404);
  t.is(early.body.error.code, 'Request_ResourceNotFound');
  t.is(emulator.tenant().deletedItems.length, 2, 'not lost, only not shown');
  emulator.clock.advance(60_000);
  t.is((await graph('GET', `/directory/deletedItems/${applicationId}`)).status, 200);
  emulator.clock.advance(30 * 86_400_000);
  t.deepEqual(emulator.tenant().deletedItems, []);
});

test('rights: reading is not writing; nothing at all without a role', async (t) => {
  const world = await startEmulatorWorld(t);
  const { graph } = world;
  const reader = await createCaller(world, ['Application.Read.All']);
  t.is((await graph('GET', '/applications', { token: reader.token })).status, 200);
  const refused = await graph('POST', '/applications', { token: reader.token, body: { displayName: 'x' } });
  t.is(refused.status, 403);
  t.is(refused.body.error.code, 'Authorization_RequestDenied');
  t.true(refused.body.error.message.startsWith('Insufficient privileges'));
  const nobody = await createCaller(world, []);
  t.is((await graph('GET', '/applications', { token: nobody.token })).status, 403);
});

test('rights: OwnedBy makes, changes, deletes and purges its own, and touches nothing else', async (t) => {
  const world = await startEmulatorWorld(t);
  const { graph, emulator } = world;
  const { token, principalId } = await createCaller(world, ['Application.ReadWrite.OwnedBy']);
  const created = await graph('POST', '/applications', { token, body: { displayName: 'mine' } });
  t.is(created.status, 201);
  const path = `/applications/${String(created.body.id)}`;
  t.is((await graph('GET', `${path}/owners`, { token })).body.value[0].id, principalId);
  t.is((await graph('POST', `${path}/addPassword`, { token, body: {} })).status, 200);
  const principal = await graph('POST', '/servicePrincipals', { token, body: { appId: created.body.appId } });
  t.is(principal.status, 201);
  t.is((await graph('DELETE', path, { token })).status, 204);
  t.is((await graph('DELETE', `/directory/deletedItems/${String(created.body.id)}`, { token })).status, 204);

  const foreign = emulator.applications[0]!;
  t.is((await graph('POST', `/applications/${foreign.id}/addPassword`, { token, body: {} })).status, 403);
  const alone = await graph('POST', '/applications', { body: { displayName: 'not mine' } });
  const foreignPrincipal = await graph('POST', '/servicePrincipals', { token, body: { appId: alone.body.appId } });
  t.is(foreignPrincipal.status, 403);
  t.regex(foreignPrincipal.body.error.message, /must in the local tenant/);
  await graph('DELETE', `/applications/${String(alone.body.id)}`);
  t.is((await graph('DELETE', `/directory/deletedItems/${String(alone.body.id)}`, { token })).status, 403);
});

test('rights: a principal as member needs rights on applications beside those on members', async (t) => {
  const world = await startEmulatorWorld(t);
  const { graph, emulator } = world;
  const { token, principalId } = await createCaller(world, ['GroupMember.ReadWrite.All']);
  const path = `/groups/${emulator.groups[0]!.id}/members/$ref`;
  t.is((await graph('POST', path, { token, body: reference(principalId) })).status, 403);
  const both = await createCaller(world, ['GroupMember.ReadWrite.All', 'Application.ReadWrite.All']);
  t.is((await graph('POST', path, { token: both.token, body: reference(principalId) })).status, 204);
});

test('token: missing, foreign, expired, for another service, or of a deleted principal: 401', async (t) => {
  const world = await startEmulatorWorld(t);
  const { graph, emulator, getToken } = world;
  const code = async (token: string): Promise<string> => {
    const answer = await graph('GET', '/applications', { token });
    t.is(answer.status, 401);
    return answer.body.error.code;
  };
  t.is(await code(''), 'InvalidAuthenticationToken');
  t.is(await code('a.b.c'), 'InvalidAuthenticationToken');
  t.is(await code(await getToken('arm')), 'InvalidAuthenticationToken');
  const caller = await createCaller(world, ['Application.Read.All']);
  t.is((await graph('GET', '/applications', { token: caller.token })).status, 200);
  emulator.clock.advance(3_600_000);
  t.is(await code(caller.token), 'InvalidAuthenticationToken');
  const token = await getToken('graph', caller);
  await graph('DELETE', `/servicePrincipals/${caller.principalId}`, { token: await getToken('graph') });
  t.is(await code(token), 'Authorization_IdentityNotFound');
});

test('directory: the organization, and objects by id alone', async (t) => {
  const { graph, emulator } = await startEmulatorWorld(t);
  const { body } = await graph('GET', '/organization');
  t.is(body.value[0].id, emulator.tenantId);
  const group = await graph('GET', `/directoryObjects/${emulator.groups[0]!.id}`);
  t.is(group.body['@odata.type'], '#microsoft.graph.group');
  t.is((await graph('GET', '/directoryObjects/none')).status, 404);
});

test('routes: unknown segment 400, known path with another method 405', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const unknown = await graph('GET', '/nonsense');
  t.is(unknown.status, 400);
  t.is(unknown.body.error.message, "Resource not found for the segment 'nonsense'.");
  t.is((await graph('DELETE', '/applications')).status, 405);
});
