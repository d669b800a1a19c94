/** Everything that the tour needs, started: a fake Azure, a dev-mode Vault that reaches it, a shell that reaches both. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { childEnvironment } from '../helpers/child-environment.ts';
import { fromRepository } from '../helpers/repository.ts';
import { ensureTool } from '../host/build-tool.ts';
import { VAULT } from '../host/host-tools.ts';
import { startDevVault, type DevVault } from './dev-vault.ts';
import type { Printer } from './print.ts';
import { Shell } from './shell.ts';

export interface DemoWorld {
  readonly emulator: StartedEmulator;
  readonly vault: DevVault;
  readonly shell: Shell;
  /** What the shell was given, name and value, for people to give it to theirs. PATH holds only what is added to it. */
  readonly exports: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** @throws when Vault can neither be found nor built or does not start; then nothing is left running */
export async function startWorld(printer: Printer, signal: AbortSignal): Promise<DemoWorld> {
  const binary = await ensureTool(VAULT, process.env, printer.text, signal);
  // Short, because plugins put their sockets below it, and not behind a link, which Vault refuses.
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'demo-')));
  let emulator: StartedEmulator | undefined;
  let vault: DevVault | undefined;
  const stop = async (): Promise<void> => {
    await vault?.stop();
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const commands = path.join(folder, 'bin');
    mkdirSync(commands);
    symlinkSync(binary, path.join(commands, 'vault'));
    emulator = await startEmulator({ caFile: path.join(folder, 'ca.pem') });
    // Go takes the authorities of the machine as well unless their folder is moved away.
    const azureWay = { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile, SSL_CERT_DIR: '/nonexistent' };
    vault = await printer.waitFor('waiting for Vault', startDevVault({ binary, folder, env: azureWay, signal }));
    const exports = {
      VAULT_ADDR: vault.address,
      VAULT_TOKEN: vault.rootToken,
      PLUGIN_DIRECTORY: vault.pluginDirectory,
      AZURE_TENANT_ID: emulator.tenantId,
      AZURE_SUBSCRIPTION_ID: emulator.subscriptionId,
      AZURE_CLIENT_ID: emulator.clientId,
      AZURE_CLIENT_SECRET: emulator.clientSecret,
      HTTPS_PROXY: emulator.proxyUrl,
      NODE_EXTRA_CA_CERTS: emulator.caFile,
      PATH: `${commands}:$PATH`,
    };
    const own = childEnvironment(folder);
    const env = { ...own, ...exports, PATH: `${commands}${path.delimiter}${own['PATH'] ?? ''}` };
    const shell = new Shell({ printer, env, cwd: fromRepository(), signal });
    return { emulator, vault, shell, exports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
