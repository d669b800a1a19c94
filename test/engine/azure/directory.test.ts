import test from 'ava';
import {
  isBackingApplicationNotReplicated,
  isPasswordMissing,
  isReplicationLag,
  refusesPasswordAtCreation,
} from '../../../src/azure/retry-policy.ts';
import { AzureError } from '../../../src/errors.ts';
import type { ApplicationSpec, AzureProvider, NewPassword } from '../../../src/azure/provider.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startEmulatedAzure } from '../../helpers/emulated-azure.ts';

const EXPIRES_AT = new Date('2031-02-03T04:05:06Z');

function applicationSpec(more: Partial<ApplicationSpec> = {}): ApplicationSpec {
  return {
    displayName: 'vault-test',
    signInAudience: 'AzureADMyOrg',
    tags: ['vault-op:1'],
    password: { displayName: 'vault-op', expiresAt: EXPIRES_AT },
    ...more,
  };
}

async function createApplication(
  provider: AzureProvider,
  more: Partial<ApplicationSpec> = {},
): ReturnType<AzureProvider['directory']['createApplication']> {
  return provider.directory.createApplication(applicationSpec(more), azureCall('create application'));
}

test('an application with a password lives from creation to purge', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const { directory, login } = provider;
  const { application, password } = await createApplication(provider, { notes: 'made by a test' });
  t.is(application.displayName, 'vault-test');
  t.deepEqual(application.tags, ['vault-op:1']);
  t.is(password?.expiresAt.getTime(), EXPIRES_AT.getTime());
  t.is(password?.hint, password?.secretText.slice(0, 3));

  const principal = await directory.upsertServicePrincipal(application.appId, azureCall('create service principal'));
  t.deepEqual(
    await directory.upsertServicePrincipal(application.appId, azureCall('create service principal'), 'vault-test'),
    principal,
  );
  t.deepEqual(await directory.findServicePrincipalByAppId(application.appId, azureCall('find')), principal);
  await t.notThrowsAsync(login.verifyLogin(application.appId, password!.secretText, azureCall('verify login')));

  const read = await directory.getApplication(application.id, azureCall('read application'));
  t.deepEqual(read, application);
  t.is(read.passwordCredentials[0]?.keyId, password?.keyId);
  t.deepEqual(await directory.findApplicationsByAppId(application.appId, azureCall('find')), [application]);
  t.deepEqual(await directory.findApplicationsByTag('vault-op:1', azureCall('find')), [application]);
  t.deepEqual(await directory.findApplicationsByTag("vault-op:'1", azureCall('find')), []);

  await directory.deleteServicePrincipal(principal.id, azureCall('delete service principal'));
  t.is(await directory.findServicePrincipalByAppId(application.appId, azureCall('find')), undefined);
  await directory.deleteApplication(application.id, azureCall('delete application'));
  const gone = await t.throwsAsync(directory.deleteApplication(application.id, azureCall('delete application')), {
    instanceOf: AzureError,
  });
  t.true(gone.isNotFound);
  await t.throwsAsync(directory.getApplication(application.id, azureCall('read application')), {
    message: /^read application: 404 Request_ResourceNotFound: .* \(request id .+\)$/,
  });
  t.deepEqual(await directory.findApplicationsByAppId(application.appId, azureCall('find')), []);

  const deleted = await directory.findDeletedApplicationsByTag('vault-op:1', azureCall('find deleted'));
  t.deepEqual(
    deleted.map(({ id }) => id),
    [application.id],
  );
  t.true(await directory.isInRecycleBin(application.id, azureCall('look into the bin')));
  await directory.purgeDeletedItem(application.id, azureCall('purge application'));
  t.false(await directory.isInRecycleBin(application.id, azureCall('look into the bin')));
  await directory.purgeDeletedItem(principal.id, azureCall('purge service principal'));
  t.deepEqual(await directory.findDeletedApplicationsByTag('vault-op:1', azureCall('find deleted')), []);
  const purgedTwice = await t.throwsAsync(directory.purgeDeletedItem(application.id, azureCall('purge')), {
    instanceOf: AzureError,
  });
  t.true(purgedTwice.isNotFound);
  t.deepEqual(emulator.tenant().deletedItems, []);
});

test('passwords of an existing application are added and removed', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const { directory, login } = provider;
  const { id, appId } = emulator.applications[0]!;
  const passwords: NewPassword[] = [];
  for (const displayName of ['one', 'two']) {
    passwords.push(await directory.addPassword(id, { displayName, expiresAt: EXPIRES_AT }, azureCall('add password')));
  }
  for (const { secretText } of passwords) await login.verifyLogin(appId, secretText, azureCall('verify login'));
  const [first, second] = passwords;
  await directory.removePassword(id, first!.keyId, azureCall('remove password'));
  const missing = await t.throwsAsync(directory.removePassword(id, first!.keyId, azureCall('remove password')), {
    instanceOf: AzureError,
  });
  t.true(isPasswordMissing(missing));
  const { passwordCredentials } = await directory.getApplication(id, azureCall('read application'));
  t.true(passwordCredentials.some(({ keyId }) => keyId === second?.keyId));
  t.false(passwordCredentials.some(({ keyId }) => keyId === first?.keyId));
  await t.throwsAsync(login.verifyLogin(appId, first!.secretText, azureCall('verify login')), {
    message: /^verify login: 401 AADSTS7000215: /,
  });
  await t.notThrowsAsync(login.verifyLogin(appId, second!.secretText, azureCall('verify login')));
});

test('a password that starts later does not log in yet', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const { id, appId } = emulator.applications[0]!;
  const startsAt = new Date(emulator.clock.now().getTime() + 3_600_000);
  const spec = { displayName: 'later', expiresAt: EXPIRES_AT, startsAt };
  const { secretText } = await provider.directory.addPassword(id, spec, azureCall('add password'));
  await t.throwsAsync(provider.login.verifyLogin(appId, secretText, azureCall('verify login')), {
    instanceOf: AzureError,
  });
});

test('a password refused at creation is recognised, one lost at creation is left out', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t, { settings: { creationPasswords: 'refused' } });
  const refused = await t.throwsAsync(createApplication(provider), { instanceOf: AzureError });
  t.regex(refused.message, /^create application: 400 Request_BadRequest: /);
  t.true(refusesPasswordAtCreation(refused));
  emulator.changeSettings({ creationPasswords: 'lost' });
  t.is((await createApplication(provider)).password, undefined);
});

test('groups are found by id and by name, members come and go', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const { directory } = provider;
  const group = emulator.groups[0]!;
  t.deepEqual(await directory.getGroup(group.id, azureCall('read group')), group);
  t.deepEqual(await directory.findGroupsByName(group.displayName, azureCall('find group')), [group]);
  t.deepEqual(await directory.findGroupsByName("O'Brien & Co+ #1", azureCall('find group')), []);
  await t.throwsAsync(directory.getGroup('00000000-0000-4000-8000-000000000000', azureCall('read group')), {
    message: /^read group: 404 Request_ResourceNotFound/,
  });

  const { application } = await createApplication(provider);
  const principal = await directory.upsertServicePrincipal(application.appId, azureCall('create service principal'));
  const members = (): readonly string[] => emulator.tenant().groups.find(({ id }) => id === group.id)?.members ?? [];
  await directory.addGroupMember(group.id, principal.id, azureCall('add member'));
  t.deepEqual(members(), [principal.id]);
  await t.notThrowsAsync(directory.addGroupMember(group.id, principal.id, azureCall('add member')));
  await directory.removeGroupMember(group.id, principal.id, azureCall('remove member'));
  t.deepEqual(members(), []);
  const missing = await t.throwsAsync(directory.removeGroupMember(group.id, principal.id, azureCall('remove member')), {
    instanceOf: AzureError,
  });
  t.true(missing.isNotFound);
  t.deepEqual(await directory.findServicePrincipalByAppId(application.appId, azureCall('find')), principal);
});

test('a service principal of a young application: every flavour of the answer is recognised', async (t) => {
  const { provider } = await startEmulatedAzure(t, {
    settings: {
      replicationMs: 3_600_000,
      replicas: 1,
      freshApplicationAnswers: ['noBackingApplicationObject', 'localTenant', 'notFound'],
    },
  });
  const { application } = await createApplication(provider);
  const recognised: boolean[][] = [];
  for (let count = 0; count < 3; count++) {
    const error = await t.throwsAsync(
      provider.directory.upsertServicePrincipal(application.appId, azureCall('create service principal')),
      { instanceOf: AzureError },
    );
    recognised.push([isReplicationLag(error), isBackingApplicationNotReplicated(error)]);
  }
  t.deepEqual(recognised, [
    [true, false],
    [false, true],
    [true, false],
  ]);
});

for (const status of [405, 501, 404]) {
  test(`a service principal where PATCH answers ${status} is made by POST, twice is once`, async (t) => {
    const { provider, emulator } = await startEmulatedAzure(t);
    emulator.addFault({
      match: { host: 'graph', method: 'PATCH' },
      times: null,
      answer: { status, code: 'BadRequest' },
    });
    const { application } = await createApplication(provider);
    const first = await provider.directory.upsertServicePrincipal(application.appId, azureCall('create'));
    const second = await provider.directory.upsertServicePrincipal(application.appId, azureCall('create'));
    t.deepEqual(second, first);
    t.is(emulator.calls().filter(({ method }) => method === 'PATCH').length, 1);
  });
}

test('a refusal names the step, the right code and the request', async (t) => {
  const { createProvider, provider, emulator } = await startEmulatedAzure(t);
  const { id, appId } = emulator.applications[0]!;
  const spec = { displayName: 'x', expiresAt: EXPIRES_AT };
  const { secretText } = await provider.directory.addPassword(id, spec, azureCall('add password'));
  const powerless = createProvider({ credential: { kind: 'clientSecret', clientId: appId, clientSecret: secretText } });
  await t.throwsAsync(createApplication(powerless), {
    instanceOf: AzureError,
    message: /^create application: 403 Authorization_RequestDenied: Insufficient privileges .*\(request id .+\)$/,
  });
});

test('nothing secret is in the log of a whole life', async (t) => {
  const { provider, logger, emulator } = await startEmulatedAzure(t);
  const { application, password } = await createApplication(provider);
  await provider.directory.upsertServicePrincipal(application.appId, azureCall('create service principal'));
  await provider.login.verifyLogin(application.appId, password!.secretText, azureCall('verify login'));
  await provider.directory.deleteApplication(application.id, azureCall('delete application'));
  const text = logger.text();
  for (const secret of [password!.secretText, emulator.clientSecret, application.id, 'Bearer']) {
    t.false(text.includes(secret), secret);
  }
  t.deepEqual(
    logger.lines.map(
      ({ fields }) => `${String(fields['method'])} ${String(fields['route'])} ${String(fields['status'])}`,
    ),
    [
      'POST entra /{tenant}/oauth2/v2.0/token 200',
      'POST graph /applications 201',
      'PATCH graph /servicePrincipals(appId={appId}) 201',
      'POST entra /{tenant}/oauth2/v2.0/token 200',
      'DELETE graph /applications/{id} 204',
    ],
  );
});
