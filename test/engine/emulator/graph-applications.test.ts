/** Applications and their passwords, as Microsoft Graph treats them. */
import test from 'ava';
import { startEmulatorWorld } from '../../helpers/emulator-world.ts';

const YEAR_MS = 365 * 86_400_000;

test('application: created, read by each key, changed, deleted; a second deletion is a 404', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const created = await graph('POST', '/applications', {
    body: { displayName: 'one', tags: ['a', 'b'], notes: 'text', web: { redirectUris: ['https://x.example'] } },
  });
  t.is(created.status, 201);
  t.like(created.body, { displayName: 'one', signInAudience: 'AzureADMyOrg', tags: ['a', 'b'], notes: 'text' });
  t.deepEqual(created.body.passwordCredentials, []);
  t.true(created.body['@odata.context'].endsWith('/v1.0/$metadata#applications/$entity'));
  const { id, appId } = created.body;
  for (const key of [`/${String(id)}`, `(appId='${String(appId)}')`, `('${String(id)}')`]) {
    const read = await graph('GET', `/applications${key}`);
    t.like(read.body, { id, appId, web: { redirectUris: ['https://x.example'] } });
  }
  const patched = await graph('PATCH', `/applications(appId='${String(appId)}')`, {
    body: { displayName: 'two', tags: [], notes: null },
  });
  t.is(patched.status, 204);
  t.is(patched.text, '');
  const read = await graph('GET', `/applications/${String(id)}?$select=displayName,tags,notes,web`);
  t.like(read.body, { displayName: 'two', tags: [], notes: null, web: { redirectUris: ['https://x.example'] } });
  t.false('appId' in read.body);
  t.is((await graph('DELETE', `/applications/${String(id)}`)).status, 204);
  const again = await graph('DELETE', `/applications/${String(id)}`);
  t.is(again.status, 404);
  t.is(again.body.error.code, 'Request_ResourceNotFound');
});

const rejected = test.macro({
  title: (name) => `application: ${name ?? ''} is a 400 and makes nothing`,
  exec: async (t, body: object, message: RegExp) => {
    const { graph, emulator } = await startEmulatorWorld(t);
    const before = emulator.tenant().applications.length;
    const answer = await graph('POST', '/applications', { body });
    t.is(answer.status, 400);
    t.is(answer.body.error.code, 'Request_BadRequest');
    t.regex(answer.body.error.message, message);
    t.is(emulator.tenant().applications.length, before);
  },
});

test('no display name', rejected, {}, /displayName/);
test('unknown audience', rejected, { displayName: 'x', signInAudience: 'Everyone' }, /signInAudience/);
test('tag with white space', rejected, { displayName: 'x', tags: ['a b'] }, /tags/);
test('repeated tag', rejected, { displayName: 'x', tags: ['a', 'a'] }, /tags/);
test('tag of 257 characters', rejected, { displayName: 'x', tags: ['a'.repeat(257)] }, /tags/);
test('unknown property', rejected, { displayName: 'x', colour: 'red' }, /colour/);
test('unique name in a POST', rejected, { displayName: 'x', uniqueName: 'y' }, /uniqueName/);
test(
  'chosen secret',
  rejected,
  { displayName: 'x', passwordCredentials: [{ secretText: 'mine' }] },
  /New password credentials must be generated with service actions/,
);
test(
  'password that ends before it starts',
  rejected,
  { displayName: 'x', passwordCredentials: [{ endDateTime: '2001-01-01T00:00:00Z' }] },
  /endDateTime/,
);

test('application: password at creation as asked for; later reads show the hint only', async (t) => {
  const { graph, emulator } = await startEmulatorWorld(t);
  const endDateTime = new Date(emulator.clock.nowMs() + 10 * YEAR_MS).toISOString();
  const { body } = await graph('POST', '/applications', {
    body: { displayName: 'x', passwordCredentials: [{ displayName: 'mine', endDateTime }] },
  });
  const [password] = body.passwordCredentials;
  t.like(password, { displayName: 'mine', endDateTime, customKeyIdentifier: null });
  t.is(password.secretText.length, 40);
  t.is(password.hint, password.secretText.slice(0, 3));
  const read = await graph('GET', `/applications/${String(body.id)}`);
  t.deepEqual(read.body.passwordCredentials, [{ ...password, secretText: null }]);
});

test('application: password at creation refused, lost, or with the default end, as set', async (t) => {
  const { graph, emulator } = await startEmulatorWorld(t);
  const request = {
    body: { displayName: 'x', passwordCredentials: [{ displayName: 'mine', endDateTime: '2046-01-01T00:00:00Z' }] },
  };
  emulator.changeSettings({ creationPasswords: 'refused' });
  const refused = await graph('POST', '/applications', request);
  t.is(refused.status, 400);
  t.is(refused.body.error.code, 'Request_BadRequest');
  t.regex(refused.body.error.message, /passwordCredentials/);
  emulator.changeSettings({ creationPasswords: 'lost' });
  const lost = await graph('POST', '/applications', request);
  t.is(lost.status, 201);
  t.deepEqual(lost.body.passwordCredentials, []);
  emulator.changeSettings({ creationPasswords: 'defaultEnd' });
  const shortened = await graph('POST', '/applications', request);
  t.false(shortened.body.passwordCredentials[0].endDateTime.startsWith('2046'));
  t.truthy(shortened.body.passwordCredentials[0].secretText);
});

test('upsert by unique name: created once, then 204; without the header 404; no passwords in it', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const path = "/applications(uniqueName='it''s%20mine')";
  const headers = { prefer: 'create-if-missing' };
  t.is((await graph('PATCH', path, { body: { displayName: 'x' } })).status, 404);
  const refused = await graph('PATCH', path, {
    headers,
    body: { displayName: 'x', passwordCredentials: [{ displayName: 'p' }] },
  });
  t.is(refused.status, 400);
  const created = await graph('PATCH', path, { headers, body: { displayName: 'x' } });
  t.is(created.status, 201);
  t.is(created.body.uniqueName, "it's mine");
  const repeated = await graph('PATCH', path, { headers, body: { displayName: 'y' } });
  t.is(repeated.status, 204);
  const read = await graph('GET', path);
  t.like(read.body, { id: created.body.id, displayName: 'y' });
});

test('passwords: added and removed on applications and principals apart', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const created = await createPrincipal();
  for (const path of [`/applications/${created.applicationId}`, `/servicePrincipals/${created.principalId}`]) {
    const added = await graph('POST', `${path}/addPassword`, {
      body: { passwordCredential: { displayName: 'second' } },
    });
    t.is(added.status, 200);
    t.like(added.body, { displayName: 'second', customKeyIdentifier: null, hint: added.body.secretText.slice(0, 3) });
    const lifeMs = new Date(added.body.endDateTime).getTime() - new Date(added.body.startDateTime).getTime();
    t.true(Math.abs(lifeMs - 2 * YEAR_MS) <= 86_400_000, 'two years by default');
    const { keyId } = added.body;
    t.is((await graph('POST', `${path}/removePassword`, { body: { keyId } })).status, 204);
    const again = await graph('POST', `${path}/removePassword`, { body: { keyId } });
    t.is(again.status, 400);
    t.is(again.body.error.code, 'Request_BadRequest');
    t.true(again.body.error.message.startsWith('No password credential found with keyId'));
  }
  const snapshot = emulator.tenant().applications.find(({ id }) => id === created.applicationId);
  t.is(snapshot?.passwords.length, 1);
});

test('passwords: a PATCH may drop them, not add', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { applicationId, keyId } = await createPrincipal();
  const path = `/applications/${applicationId}`;
  const added = await graph('PATCH', path, { body: { passwordCredentials: [{ keyId }, { displayName: 'new' }] } });
  t.is(added.status, 400);
  t.is((await graph('PATCH', path, { body: { passwordCredentials: [] } })).status, 204);
  t.deepEqual(emulator.tenant().applications.find(({ id }) => id === applicationId)?.passwords, []);
});

test('passwords: two at most with personal accounts in the audience', async (t) => {
  const { graph } = await startEmulatorWorld(t);
  const { body } = await graph('POST', '/applications', {
    body: {
      displayName: 'x',
      signInAudience: 'AzureADandPersonalMicrosoftAccount',
      passwordCredentials: [{ displayName: 'one' }],
    },
  });
  const path = `/applications/${String(body.id)}/addPassword`;
  t.is((await graph('POST', path, { body: {} })).status, 200);
  const third = await graph('POST', path, { body: {} });
  t.is(third.status, 400);
  t.is(third.body.error.code, 'TooManyAppPasswords');
  t.true(third.body.error.message.startsWith('Not allowed to add 3 passwords. You can only add a maximum of 2'));
});

test('passwords: size limit, lifetime policy and type policy', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { applicationId } = await createPrincipal();
  const add = (passwordCredential: object = {}): ReturnType<typeof graph> =>
    graph('POST', `/applications/${applicationId}/addPassword`, { body: { passwordCredential } });
  emulator.changeSettings({ quotas: { passwordsPerApplication: 2 } });
  t.is((await add()).status, 200);
  const full = await add();
  t.is(full.status, 403);
  t.is(full.body.error.code, 'Directory_ResourceSizeExceeded');
  emulator.changeSettings({ quotas: { passwordsPerApplication: 600 }, maxPasswordLifetimeDays: 180 });
  const long = await add();
  t.is(long.status, 400);
  t.is(long.body.error.code, 'CredentialInvalidLifetimeAsPerAppPolicy');
  const endDateTime = new Date(emulator.clock.nowMs() + 100 * 86_400_000).toISOString();
  t.is((await add({ endDateTime })).status, 200);
  emulator.changeSettings({ passwordsAllowed: false });
  const forbidden = await add({ endDateTime });
  t.is(forbidden.body.error.code, 'CredentialTypeNotAllowedAsPerAppPolicy');
});

test('writes that follow each other too closely collide, with the set status', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { applicationId } = await createPrincipal();
  emulator.changeSettings({ concurrencyWindowMs: 60_000, concurrencyStatus: 503 });
  const add = (): ReturnType<typeof graph> => graph('POST', `/applications/${applicationId}/addPassword`, { body: {} });
  t.is((await add()).status, 200);
  const collided = await add();
  t.is(collided.status, 503);
  t.is(collided.body.error.code, 'Directory_ConcurrencyViolation');
  emulator.clock.advance(60_000);
  t.is((await add()).status, 200);
});

test('quotas: of the tenant, deleted objects included until purged, and of the caller', async (t) => {
  const { graph, emulator } = await startEmulatorWorld(t);
  const create = (): ReturnType<typeof graph> => graph('POST', '/applications', { body: { displayName: 'x' } });
  const first = await create();
  const { applications, servicePrincipals, groups } = emulator.tenant();
  const count = applications.length + servicePrincipals.length + groups.length;
  emulator.changeSettings({ quotas: { directoryObjects: count } });
  const full = await create();
  t.is(full.status, 403);
  t.is(full.body.error.code, 'Directory_QuotaExceeded');
  t.regex(full.body.error.message, /Tenant/);
  await graph('DELETE', `/applications/${String(first.body.id)}`);
  t.is((await create()).status, 403, 'the bin counts');
  await graph('DELETE', `/directory/deletedItems/${String(first.body.id)}`);
  t.is((await create()).status, 201);
  emulator.changeSettings({ quotas: { directoryObjects: 50_000, objectsPerPrincipal: 1 } });
  const mine = await create();
  t.is(mine.status, 403);
  t.regex(mine.body.error.message, /Principal/);
});

test('federated credentials: made, read by name, changed, removed; doubles and too many are refused', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { applicationId } = await createPrincipal();
  const path = `/applications/${applicationId}/federatedIdentityCredentials`;
  const credential = {
    name: 'one',
    issuer: 'https://i.example',
    subject: 's',
    audiences: ['api://AzureADTokenExchange'],
  };
  const created = await graph('POST', path, { body: credential });
  t.is(created.status, 201);
  t.like(created.body, credential);
  t.is((await graph('POST', path, { body: { ...credential, subject: 'other' } })).status, 409);
  t.is((await graph('POST', path, { body: { ...credential, name: 'other' } })).status, 400);
  t.is((await graph('POST', path, { body: { ...credential, audiences: [] } })).status, 400);
  emulator.changeSettings({ quotas: { federatedCredentialsPerApplication: 1 } });
  const tooMany = await graph('POST', path, { body: { ...credential, name: 'two', subject: 'two' } });
  t.is(tooMany.status, 403);
  t.is((await graph('PATCH', `${path}/one`, { body: { subject: 'changed' } })).status, 204);
  t.is((await graph('GET', `${path}/${String(created.body.id)}`)).body.subject, 'changed');
  t.is((await graph('GET', path)).body.value.length, 1);
  t.is((await graph('DELETE', `${path}/one`)).status, 204);
  t.is((await graph('GET', `${path}/one`)).status, 404);
});

test('owners: added once, listed, removed', async (t) => {
  const { graph, emulator, createPrincipal } = await startEmulatorWorld(t);
  const { applicationId, principalId } = await createPrincipal();
  for (const path of [`/applications/${applicationId}/owners`, `/servicePrincipals/${principalId}/owners`]) {
    const body = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principalId}` };
    t.is((await graph('POST', `${path}/$ref`, { body })).status, 204);
    const again = await graph('POST', `${path}/$ref`, { body });
    t.is(again.status, 400);
    t.regex(again.body.error.message, /One or more added object references already exist/);
    const listed = await graph('GET', path);
    t.like(listed.body.value[0], { '@odata.type': '#microsoft.graph.servicePrincipal', id: principalId });
    t.is((await graph('DELETE', `${path}/${principalId}/$ref`)).status, 204);
    t.is((await graph('DELETE', `${path}/${principalId}/$ref`)).status, 404);
  }
  const bound = await graph('POST', '/applications', {
    body: {
      displayName: 'owned from the start',
      'owners@odata.bind': [`https://graph.microsoft.com/v1.0/directoryObjects/${principalId}`],
    },
  });
  t.deepEqual(emulator.tenant().applications.find(({ id }) => id === bound.body.id)?.owners, [principalId]);
  emulator.changeSettings({ quotas: { ownersPerApplication: 0 } });
  const full = await graph('POST', `/applications/${applicationId}/owners/$ref`, {
    body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principalId}` },
  });
  t.is(full.status, 400);
});
