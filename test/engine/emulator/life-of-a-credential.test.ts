/** A credential from birth to death, by the npm SDKs through the proxy, under Azure's real host names. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { ClientSecretCredential } from '@azure/identity';
import { startEmulator } from '../../emulator/index.ts';
import { createAzureTunnel } from '../../helpers/azure-tunnel.ts';

test('credential: made, used and revoked with the npm SDKs', async (t) => {
  const emulator = await startEmulator();
  t.teardown(() => emulator.stop());
  const tunnel = createAzureTunnel(emulator);
  const { tenantId, subscriptionId, clientId, clientSecret } = emulator;
  const options = { httpClient: tunnel.httpClient, retryOptions: { maxRetries: 0 } };
  const operator = new ClientSecretCredential(tenantId, clientId, clientSecret, options);
  const graph = tunnel.graphClient(async () => (await operator.getToken('https://graph.microsoft.com/.default')).token);
  const arm = new AuthorizationManagementClient(operator, subscriptionId, options);
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${emulator.resourceGroups[0]!}`;

  const application = await graph.api('/applications').post({
    displayName: 'from-the-test',
    signInAudience: 'AzureADMyOrg',
    tags: ['one', 'two'],
    passwordCredentials: [{ displayName: 'first', endDateTime: '2046-01-02T03:04:05Z' }],
  });
  const [password] = application.passwordCredentials;
  t.is(password.endDateTime, '2046-01-02T03:04:05.000Z');
  t.is(password.hint, password.secretText.slice(0, 3));
  const principal = await graph
    .api(`/servicePrincipals(appId='${String(application.appId)}')`)
    .header('Prefer', 'create-if-missing')
    .patch({ displayName: 'from-the-test' });
  t.is(principal.appId, application.appId);

  const definitions = [];
  for await (const definition of arm.roleDefinitions.list(scope, { filter: "roleName eq 'reader'" })) {
    definitions.push(definition);
  }
  t.deepEqual(
    definitions.map(({ roleName }) => roleName),
    ['Reader'],
  );
  const assignmentName = randomUUID();
  const assignment = await arm.roleAssignments.create(scope, assignmentName, {
    roleDefinitionId: definitions[0]!.id!,
    principalId: principal.id,
    principalType: 'ServicePrincipal',
  });
  t.is(assignment.id, `${scope}/providers/Microsoft.Authorization/roleAssignments/${assignmentName}`);

  const created = new ClientSecretCredential(tenantId, application.appId, password.secretText, options);
  const { token } = await created.getToken('https://management.azure.com/.default');
  const listGroups = (): ReturnType<typeof tunnel.call> =>
    tunnel.call(`https://management.azure.com/subscriptions/${subscriptionId}/resourcegroups?api-version=2021-04-01`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const groups = await listGroups();
  t.is(groups.status, 200);
  t.deepEqual(
    groups.body.value.map(({ name }: { name: string }) => name),
    [emulator.resourceGroups[0]],
  );

  const removed = await arm.roleAssignments.deleteById(assignment.id!);
  t.is(removed.id, assignment.id);
  t.is((await arm.roleAssignments.deleteById(assignment.id!)).id, undefined);
  t.is((await listGroups()).body.error.code, 'AuthorizationFailed');

  await graph.api(`/applications/${String(application.id)}`).delete();
  t.is((await listGroups()).status, 401);
  const again = new ClientSecretCredential(tenantId, application.appId, password.secretText, options);
  const error = await t.throwsAsync(again.getToken('https://management.azure.com/.default'));
  t.regex(error.message, /AADSTS700016/);
  const left = emulator.tenant();
  t.deepEqual(
    left.deletedItems.map(({ kind }) => kind),
    ['application', 'servicePrincipal'],
  );
  t.is(left.applications.length, 2);
  t.is(left.roleAssignments.length, 1);
});
