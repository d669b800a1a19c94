import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { AzureProvider } from '../../../src/azure/provider.ts';
import { AzureError } from '../../../src/errors.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startEmulatedAzure } from '../../helpers/emulated-azure.ts';

async function createPrincipal(provider: AzureProvider): Promise<string> {
  const spec = { displayName: 'vault-test', signInAudience: 'AzureADMyOrg', tags: [] };
  const { application } = await provider.directory.createApplication(spec, azureCall('create application'));
  return (await provider.directory.upsertServicePrincipal(application.appId, azureCall('create service principal'))).id;
}

test('role definitions are found by name, without regard to case, and by id', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const scope = `/subscriptions/${emulator.subscriptionId}`;
  const [reader] = await provider.roles.findRoleDefinitionsByName(scope, 'reader', azureCall('find role'));
  t.is(reader?.roleName, 'Reader');
  t.deepEqual(await provider.roles.getRoleDefinition(reader!.id, azureCall('read role')), reader);
  t.deepEqual(await provider.roles.findRoleDefinitionsByName(scope, "O'Brien & Co+ #1", azureCall('find role')), []);
  const missing = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${randomUUID()}`;
  const error = await t.throwsAsync(provider.roles.getRoleDefinition(missing, azureCall('read role')), {
    instanceOf: AzureError,
    message: /^read role: 404 RoleDefinitionDoesNotExist: /,
  });
  t.true(error.isNotFound);
});

test('an assignment lives from creation, repeated, to deletion, repeated', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const { roles } = provider;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const scope = `${subscription}/resourceGroups/${emulator.resourceGroups[0]!}`;
  const [reader] = await roles.findRoleDefinitionsByName(scope, 'Reader', azureCall('find role'));
  const principalId = await createPrincipal(provider);
  const spec = { scope, assignmentGuid: randomUUID(), roleDefinitionId: reader!.id, principalId };

  const id = await roles.createRoleAssignment(spec, azureCall('create role assignment'));
  t.is(
    id.toLowerCase(),
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${spec.assignmentGuid}`.toLowerCase(),
  );
  t.is(await roles.createRoleAssignment(spec, azureCall('create role assignment')), id);
  await t.throwsAsync(
    roles.createRoleAssignment({ ...spec, assignmentGuid: randomUUID() }, azureCall('create role assignment')),
    { message: /^create role assignment: 409 RoleAssignmentExists: / },
  );

  const other = {
    ...spec,
    assignmentGuid: randomUUID(),
    scope: `${scope.toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions')}/`,
  };
  t.is(await roles.findRoleAssignment(other, azureCall('find')), id);
  t.is(await roles.findRoleAssignment({ ...other, scope: subscription }, azureCall('find')), undefined);
  t.is(await roles.findRoleAssignment({ ...other, principalId: randomUUID() }, azureCall('find')), undefined);
  t.is(await roles.findRoleAssignment({ ...other, roleDefinitionId: `${reader!.id}x` }, azureCall('find')), undefined);

  t.deepEqual(await roles.listRoleAssignments(subscription, principalId, azureCall('list')), [id]);
  t.deepEqual(await roles.listRoleAssignments(scope, principalId, azureCall('list')), [id]);
  const beside = `${subscription}/resourceGroups/${emulator.resourceGroups[1]!}`;
  t.deepEqual(await roles.listRoleAssignments(beside, principalId, azureCall('list')), []);

  await roles.deleteRoleAssignment(id, azureCall('delete role assignment'));
  await t.notThrowsAsync(roles.deleteRoleAssignment(id, azureCall('delete role assignment')));
  t.deepEqual(await roles.listRoleAssignments(subscription, principalId, azureCall('list')), []);
  const gone = `${subscription}/resourceGroups/gone/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  await t.notThrowsAsync(roles.deleteRoleAssignment(gone, azureCall('delete role assignment')));
});

test('an assignment for a principal that ARM does not know yet is made', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t, { settings: { armReplicationMs: 3_600_000 } });
  const scope = `/subscriptions/${emulator.subscriptionId}`;
  const [reader] = await provider.roles.findRoleDefinitionsByName(scope, 'Reader', azureCall('find role'));
  const spec = {
    scope,
    assignmentGuid: randomUUID(),
    roleDefinitionId: reader!.id,
    principalId: await createPrincipal(provider),
  };
  await t.notThrowsAsync(provider.roles.createRoleAssignment(spec, azureCall('create role assignment')));
});

test('assignments, more than a page of ARM holds, are all listed', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t, { settings: { armPageSize: 2 } });
  const { roles } = provider;
  const scope = `/subscriptions/${emulator.subscriptionId}`;
  const principalId = await createPrincipal(provider);
  const created: string[] = [];
  for (const roleName of ['Reader', 'Contributor', 'User Access Administrator']) {
    const [definition] = await roles.findRoleDefinitionsByName(scope, roleName, azureCall('find role'));
    const spec = { scope, assignmentGuid: randomUUID(), roleDefinitionId: definition!.id, principalId };
    created.push(await roles.createRoleAssignment(spec, azureCall('create role assignment')));
  }
  const listed = await roles.listRoleAssignments(scope, principalId, azureCall('list'));
  t.deepEqual([...listed].sort(), [...created].sort());
});

test('an error of ARM names the step, the code and the request', async (t) => {
  const { provider } = await startEmulatedAzure(t);
  const scope = `/subscriptions/${randomUUID()}`;
  const error = await t.throwsAsync(provider.roles.findRoleDefinitionsByName(scope, 'Reader', azureCall('find role')), {
    instanceOf: AzureError,
  });
  t.is(error.service, 'arm');
  t.regex(error.message, /^find role: 40[34] \w+: .*\(request id .+\)$/);
});
