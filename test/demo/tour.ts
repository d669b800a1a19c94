/** The steps of the tour: those of the Azure secrets engine's documentation, each proved in the fake Azure. */
import type { StartedEmulator } from '../emulator/index.ts';
import type { Printer } from './print.ts';
import type { Shell } from './shell.ts';
import { countTenant, describeCounts, type TenantCounts } from './tenant-counts.ts';

export interface TourContext {
  readonly printer: Printer;
  readonly shell: Shell;
  readonly emulator: StartedEmulator;
}

const LOG_IN = 'node build/test/demo/log-in.js';
/** Its exit code when Azure does not know the credential. */
const REFUSED = 1;

/** @throws CommandError when a command ends otherwise than it should, Error when something is left in the tenant */
export async function giveTour(context: TourContext): Promise<void> {
  const before = countTenant(context.emulator.tenant());
  context.printer.heading('The fake Azure before');
  context.printer.text(describeCounts(before));
  await installPlugin(context);
  await configureEngine(context);
  await useOwnApplication(context);
  await useExistingApplication(context);
  await useStaticRole(context);
  showWhatIsLeft(context, before);
}

async function installPlugin({ printer, shell }: TourContext): Promise<void> {
  printer.heading('Register the plugin and enable it');
  printer.text('Vault runs a plugin only from its plugin directory and only with the SHA-256 it was registered with.');
  await shell.run('cp dist/vault-plugin-azure "$PLUGIN_DIRECTORY/"');
  await shell.run(
    [
      `vault plugin register -sha256="$(cut -d' ' -f1 plugin.sha256)" \\`,
      '    -command=vault-plugin-azure secret azure',
    ].join('\n'),
  );
  await shell.run('vault secrets enable azure');
}

async function configureEngine({ printer, shell }: TourContext): Promise<void> {
  printer.heading('Configure it with the operator application of the tenant');
  await shell.run(
    [
      'vault write azure/config \\',
      '    subscription_id=$AZURE_SUBSCRIPTION_ID tenant_id=$AZURE_TENANT_ID \\',
      '    client_id=$AZURE_CLIENT_ID client_secret=$AZURE_CLIENT_SECRET',
    ].join('\n'),
  );
  await shell.run('vault read azure/config');
}

async function useOwnApplication({ printer, shell, emulator }: TourContext): Promise<void> {
  const [resourceGroup = ''] = emulator.resourceGroups;
  printer.heading('A role whose credentials are applications of their own');
  await shell.run(
    [
      `vault write azure/roles/my-role ttl=1h azure_groups='[{"group_name": "${emulator.groups[0]?.displayName ?? ''}"}]' azure_roles=-<<EOF`,
      '[',
      '  {',
      '    "role_name": "Contributor",',
      `    "scope": "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/${resourceGroup}"`,
      '  }',
      ']',
      'EOF',
    ].join('\n'),
  );
  await shell.run('vault read azure/roles/my-role');

  printer.heading('A credential');
  const { leaseId, logIn } = readCredential(await shell.run('vault read azure/creds/my-role'));
  printer.text(`\nThe fake Azure now: ${describeCounts(countTenant(emulator.tenant()))}`);
  printer.text('\nThe Azure SDK logs in with it, and Azure says what it may do:');
  await shell.run(`${logIn} ${resourceGroup}`);

  printer.heading('Renew the lease, then revoke it');
  await shell.run(`vault lease renew ${leaseId}`);
  await shell.run(`vault lease revoke -sync ${leaseId}`);
  printer.text('\nThe credential is gone from Azure:');
  await shell.run(logIn, REFUSED);
}

async function useExistingApplication({ printer, shell, emulator }: TourContext): Promise<void> {
  printer.heading('A role whose credentials are passwords of an existing application');
  await shell.run(`vault write azure/roles/existing application_object_id=${existingApplicationId(emulator)} ttl=1h`);
  const { leaseId, logIn } = readCredential(await shell.run('vault read azure/creds/existing'));
  await shell.run(logIn);
  await shell.run(`vault lease revoke -sync ${leaseId}`);
  await shell.run(logIn, REFUSED);
}

async function useStaticRole({ printer, shell, emulator }: TourContext): Promise<void> {
  printer.heading('A static role: one secret of that application for all who read it, without a lease');
  await shell.run(
    [
      `vault write azure/static-roles/shared application_object_id=${existingApplicationId(emulator)} \\`,
      '    rotation_period=8760h rotation_grace_period=24h',
    ].join('\n'),
  );
  const { logIn } = readSecret(await shell.run('vault read azure/static-creds/shared'));

  printer.heading('Rotate it: readers get another secret, and the old one goes on for the grace period');
  await shell.run('vault write -f azure/rotate-role/shared');
  await shell.run('vault read azure/static-creds/shared');
  await shell.run(logIn);

  printer.heading('Delete it: both secrets go');
  await shell.run('vault delete azure/static-roles/shared');
  await shell.run(logIn, REFUSED);
}

function existingApplicationId(emulator: StartedEmulator): string {
  const [application] = emulator.applications;
  if (application === undefined) throw new Error('the fake Azure has no existing application');
  return application.id;
}

function showWhatIsLeft({ printer, emulator }: TourContext, before: TenantCounts): void {
  const after = describeCounts(countTenant(emulator.tenant()));
  printer.heading('The fake Azure after');
  printer.text(after);
  if (after !== describeCounts(before))
    throw new Error(`something is left in the tenant: before, it had ${describeCounts(before)}`);
}

interface Secret {
  /** Command line that logs in with it. */
  readonly logIn: string;
}

interface Credential extends Secret {
  readonly leaseId: string;
}

function readCredential(output: string): Credential {
  const leaseId = readCells(output).get('lease_id');
  if (leaseId === undefined) throw new Error('the answer has no lease');
  return { leaseId, ...readSecret(output) };
}

function readSecret(output: string): Secret {
  const cells = readCells(output);
  const clientId = cells.get('client_id');
  const clientSecret = cells.get('client_secret');
  if (clientId === undefined || clientSecret === undefined) throw new Error('the answer is no credential');
  return { logIn: `AZURE_CLIENT_ID=${clientId} \\\n    AZURE_CLIENT_SECRET='${clientSecret}' \\\n    ${LOG_IN}` };
}

/** The table that `vault read` prints. */
function readCells(output: string): Map<string, string> {
  return new Map(output.split('\n').map((line) => [line.split(/\s+/)[0] ?? '', line.split(/\s+/)[1] ?? '']));
}
