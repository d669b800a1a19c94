/** A Vault in dev mode, as somebody who tries the plugin would start it: in memory, unsealed, root token known. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../helpers/child-environment.ts';
import { StartedProcess } from '../helpers/started-process.ts';
import { pickFreePort } from '../host/free-port.ts';
import { requestHost } from '../host/host-api.ts';

export interface DevVaultOptions {
  readonly binary: string;
  /** Exists and is not behind a link. Gets config, plugins and sockets. Keep its path short. */
  readonly folder: string;
  /** Added to the server's environment, which its plugins inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface DevVault {
  /** For example `http://127.0.0.1:23456`. */
  readonly address: string;
  readonly rootToken: string;
  readonly pluginDirectory: string;
  readonly logTail: () => string;
  readonly stop: () => Promise<void>;
}

const ROOT_TOKEN = 'demo-root-token';
const POLL_MS = 50;
const START_TIMEOUT_MS = 60_000;
const MAX_PORT_TRIES = 5;

/** @throws with the server's last output when it does not come up */
export async function startDevVault(options: DevVaultOptions): Promise<DevVault> {
  const { binary, folder, env, signal } = options;
  const pluginDirectory = path.join(folder, 'plugins');
  for (const name of ['plugins', 'tmp']) mkdirSync(path.join(folder, name), { recursive: true });
  // Dev mode's own setting of the folder would register what lies in it, and registering is part of the tour.
  const configFile = path.join(folder, 'config.json');
  writeFileSync(configFile, JSON.stringify({ plugin_directory: pluginDirectory, disable_mlock: true }));
  for (let tries = 1; ; tries++) {
    const listenAddress = `127.0.0.1:${await pickFreePort()}`;
    const address = `http://${listenAddress}`;
    const server = await StartedProcess.start({
      title: 'vault server -dev',
      file: binary,
      args: [
        'server',
        '-dev',
        `-dev-root-token-id=${ROOT_TOKEN}`,
        `-dev-listen-address=${listenAddress}`,
        '-dev-no-store-token',
        `-config=${configFile}`,
      ],
      env: childEnvironment(folder, env),
      cwd: folder,
    });
    try {
      await waitUntilActive(server, address, signal);
      return {
        address,
        rootToken: ROOT_TOKEN,
        pluginDirectory,
        logTail: () => server.logTail(),
        stop: () => server.stop(),
      };
    } catch (error) {
      await server.stop();
      const isPortTaken = server.logs().includes('address already in use');
      if (!isPortTaken || tries === MAX_PORT_TRIES) throw error;
    }
  }
}

async function waitUntilActive(server: StartedProcess, address: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (server.exit === undefined && performance.now() < deadline) {
    signal.throwIfAborted();
    try {
      const { status } = await requestHost(address, 'GET', 'sys/health', undefined, { timeoutMs: 5_000 });
      if (status === 200) return;
    } catch {
      // It does not listen yet.
    }
    await delay(POLL_MS, undefined, { signal });
  }
  throw new Error(`Vault did not become active\n${server.logTail()}`);
}
