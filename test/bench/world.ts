/** What all measurements share: one Vault and one fake Azure, and the two plugins that are compared on them. */
import { startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { findProcesses, listChildren } from '../helpers/process-children.ts';
import { enableMount, registerPlugin, type PluginFile } from '../host/register-plugin.ts';
import { startVault, type RunningVault } from '../host/start-vault.ts';

export interface Subject {
  /** In tables: `ours`. */
  readonly title: string;
  /** In the catalog, and the path of its mount. */
  readonly name: string;
  readonly plugin: PluginFile;
}

/** Ours first. */
export type Pair = readonly [ours: Subject, other: Subject];

export interface BenchWorld {
  readonly host: RunningVault;
  readonly emulator: StartedEmulator;
  /** Ends the measurements. */
  readonly signal: AbortSignal;
  readonly stop: () => Promise<void>;
}

/** Both plugins are registered, none is mounted. */
export async function startWorld(subjects: Pair, signal: AbortSignal): Promise<BenchWorld> {
  const emulator = await startEmulator();
  let host: RunningVault | undefined;
  const stop = async (): Promise<void> => {
    await host?.stop();
    await emulator.stop();
  };
  try {
    host = await startVault({
      // A line per request would be measured too.
      logLevel: 'error',
      env: { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile, SSL_CERT_DIR: '/nonexistent' },
    });
    for (const { name, plugin } of subjects) {
      host.installPlugin(name, plugin.file);
      await registerPlugin(host, { name, sha256: plugin.sha256 });
    }
    return { host, emulator, signal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Mounts a subject under its name, with the operator application as its configuration. */
export async function mountConfigured({ host, emulator }: BenchWorld, { name }: Subject): Promise<void> {
  await enableMount(host, { path: name, plugin: name });
  await host.api('POST', `${name}/config`, {
    tenant_id: emulator.tenantId,
    subscription_id: emulator.subscriptionId,
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
  });
}

/** The process that serves a subject's mounts. @throws when none or several run */
export function findPluginPid({ host }: BenchWorld, { name }: Subject): number {
  const file = `${host.pluginDirectory}/${name}`;
  const children = listChildren(host.pid);
  const [pid, ...others] = findProcesses(file).filter((candidate) => children.includes(candidate));
  if (pid === undefined || others.length > 0) throw new Error(`not one process runs ${file}`);
  return pid;
}
