/** One real host and one fake Azure with both plugins registered, as two versions of the same name: what a drop-in is. */
import { azureEnvironment } from '../e2e/_azure-host.ts';
import { startEmulator } from '../emulator/index.ts';
import type { StartedEmulator } from '../emulator/index.ts';
import { findTool } from '../host/find-tool.ts';
import { GO_PLUGIN } from '../host/host-tools.ts';
import { enableMount, readBuiltPlugin, readPluginFile, registerPlugin } from '../host/register-plugin.ts';
import { startVault } from '../host/start-vault.ts';
import type { RunningVault, VaultOptions } from '../host/start-vault.ts';
import type { Both, Side } from './_pair.ts';

/** Name of both in the catalog. */
export const PLUGIN = 'azure';

/** That of the Go plugin's module. An external build does not tell its version itself. */
export const GO_VERSION = 'v0.23.0';

/** File names in the plugin directory. */
export const COMMANDS: Both<string> = { theirs: 'vault-plugin-secrets-azure', ours: 'vault-plugin-azure' };

export class ParityHost {
  readonly host: RunningVault;
  readonly emulator: StartedEmulator;
  /** In the catalog. */
  readonly versions: Both<string>;
  /** Lower-case ids of the seeded tenant: equal in both plugins' answers. */
  readonly knownIds: ReadonlySet<string>;

  constructor(host: RunningVault, emulator: StartedEmulator, versions: Both<string>) {
    this.host = host;
    this.emulator = emulator;
    this.versions = versions;
    const { subscriptionId, tenantId, clientId, groups, applications } = emulator;
    this.knownIds = new Set(
      [
        subscriptionId,
        tenantId,
        clientId,
        ...groups.map(({ id }) => id),
        ...applications.flatMap(({ id, appId }) => [id, appId]),
        // Not in the tenant, but in the requests.
        ...UNKNOWN_IDS,
        ...emulator
          .state()
          .roleDefinitions.list()
          .map(({ name }) => name),
      ].map((id) => id.toLowerCase()),
    );
  }

  async mount(path: string, side: Side): Promise<void> {
    await enableMount(this.host, { path, plugin: PLUGIN, version: this.versions[side] });
  }

  async stop(): Promise<void> {
    await this.host.stop();
    await this.emulator.stop();
  }
}

/** Ids that name nothing. */
export const UNKNOWN_IDS = ['11111111-2222-3333-4444-555555555555', '99999999-8888-7777-6666-555555555555'] as const;

/** Nothing is mounted yet. */
export async function startParityHost(options: VaultOptions = {}): Promise<ParityHost> {
  const emulator = await startEmulator();
  let host: RunningVault | undefined;
  try {
    host = await startVault({ ...options, env: { ...azureEnvironment(emulator), ...options.env } });
    const official = await readPluginFile(await findTool(GO_PLUGIN));
    host.installPlugin(COMMANDS.theirs, official.file);
    await registerPlugin(host, {
      name: PLUGIN,
      command: COMMANDS.theirs,
      sha256: official.sha256,
      version: GO_VERSION,
    });
    const ours = await registerBuiltPlugin(host);
    return new ParityHost(host, emulator, { theirs: GO_VERSION, ours });
  } catch (error) {
    await host?.stop();
    await emulator.stop();
    throw error;
  }
}

/** @returns the version that the built plugin told the host */
export async function registerBuiltPlugin(host: RunningVault): Promise<string> {
  const { file, sha256 } = readBuiltPlugin();
  host.installPlugin(COMMANDS.ours, file);
  await registerPlugin(host, { name: PLUGIN, command: COMMANDS.ours, sha256 });
  const catalog = await host.api('GET', 'sys/plugins/catalog');
  const entries: readonly { name: string; sha256?: string; version: string }[] = catalog.data.detailed;
  const entry = entries.find((candidate) => candidate.name === PLUGIN && candidate.sha256 === sha256);
  if (entry === undefined) throw new Error('the built plugin is not in the catalog');
  return entry.version;
}
