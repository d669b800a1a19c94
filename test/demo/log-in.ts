/**
 * A program that has nothing to do with Vault: logs in with the credential in AZURE_TENANT_ID, AZURE_CLIENT_ID and
 * AZURE_CLIENT_SECRET through the Azure SDK, and, with a resource group as argument, asks Azure what it may do there.
 * Exit code 1 when Azure refuses the credential, 2 when something else fails.
 */
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { EnvironmentCredential } from '@azure/identity';

const ARM_SCOPE = 'https://management.azure.com/.default';
const REFUSED = 1;
const FAILED = 2;

async function logIn(resourceGroup: string | undefined): Promise<void> {
  const credential = new EnvironmentCredential();
  const { expiresOnTimestamp } = await credential.getToken(ARM_SCOPE);
  console.log(`logged in; the token is good until ${new Date(expiresOnTimestamp).toISOString()}`);
  if (resourceGroup === undefined) return;
  const authorization = new AuthorizationManagementClient(credential, process.env['AZURE_SUBSCRIPTION_ID'] ?? '');
  for await (const { actions = [], notActions = [] } of authorization.permissions.listForResourceGroup(resourceGroup)) {
    console.log(`in ${resourceGroup} it may do ${actions.join(', ')}`);
    if (notActions.length > 0) console.log(`  but not ${notActions.join(', ')}`);
  }
}

logIn(process.argv[2]).catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  // Azure's own code and sentence; the lines around them name times and request ids.
  const refusal = /AADSTS\d+: [^\n]*/.exec(text)?.[0];
  console.error(refusal === undefined ? `not logged in: ${text}` : `refused: ${refusal}`);
  process.exitCode = refusal === undefined ? FAILED : REFUSED;
});
