import { randomUUID } from 'node:crypto';
import test from 'ava';
import { AZURE_CLOUDS } from '../../../src/azure/clouds.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startEmulatedAzure } from '../../helpers/emulated-azure.ts';

for (const cloud of AZURE_CLOUDS) {
  test(`${cloud.name}: a credential is made with a role, logs in and goes, on that cloud's hosts alone`, async (t) => {
    const { provider, emulator } = await startEmulatedAzure(t, { cloudName: cloud.name });
    const { directory, roles, login } = provider;
    const { application, password } = await directory.createApplication(
      {
        displayName: 'vault-test',
        signInAudience: 'AzureADMyOrg',
        tags: [],
        password: { displayName: 'p', expiresAt: new Date('2031-01-01T00:00:00Z') },
      },
      azureCall('create application'),
    );
    const principal = await directory.upsertServicePrincipal(application.appId, azureCall('create service principal'));
    await directory.addGroupMember(emulator.groups[0]!.id, principal.id, azureCall('add member'));
    const scope = `/subscriptions/${emulator.subscriptionId}`;
    const [reader] = await roles.findRoleDefinitionsByName(scope, 'Reader', azureCall('find role'));
    const spec = { scope, assignmentGuid: randomUUID(), roleDefinitionId: reader!.id, principalId: principal.id };
    const assignmentId = await roles.createRoleAssignment(spec, azureCall('create role assignment'));
    await login.verifyLogin(application.appId, password!.secretText, azureCall('verify login'));
    await roles.deleteRoleAssignment(assignmentId, azureCall('delete role assignment'));
    await directory.deleteApplication(application.id, azureCall('delete application'));

    const hosts = new Set(emulator.calls().map(({ host }) => host.replace(/:443$/, '')));
    const expected = [cloud.authorityHost, cloud.graphEndpoint, cloud.armEndpoint].map((url) => new URL(url).host);
    t.deepEqual([...hosts].sort(), expected.sort());
  });
}
