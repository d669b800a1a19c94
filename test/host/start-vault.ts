/**
 * A real Vault server as a value: its own folder, its own ports, a config file, initialised and unsealed, with a typed
 * way to call it and to stop it. Not the dev mode: seal, restart and storage on disk are what many tests are about.
 *
 * Life: new → (start) running, sealed → (unseal) active → (seal, stop, kill9) … → (restart) active → (stop) gone with
 * its folder and everything it started.
 */
import { spawn } from 'node:child_process';
import {
  constants,
  copyFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../helpers/child-environment.ts';
import { StartedProcess } from '../helpers/started-process.ts';
import { findTool } from './find-tool.ts';
import { pickFreePort } from './free-port.ts';
import { HostApiError, requestHost } from './host-api.ts';
import type { ApiOptions, HostAnswer, Untyped } from './host-api.ts';
import { VAULT } from './host-tools.ts';
import { listChildren } from '../helpers/process-children.ts';

/** The two that a Vault built with `-tags minimal` has. */
export type StorageKind = 'inmem' | 'raft';

export interface VaultOptions {
  /** Default `inmem`: quickest, but gone with the process, so without restart. */
  readonly storage?: StorageKind;
  /** Added to the allow-listed environment of the server, which its plugins inherit. */
  readonly env?: Readonly<Record<string, string>>;
  /** Copied into the plugin directory: name there → file. */
  readonly plugins?: Readonly<Record<string, string>>;
  /** Default `info`. `trace` shows every line of a plugin. */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** More top-level settings of the config file. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default: found as find-tool.ts says. */
  readonly binary?: string;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Default: the root token. */
  readonly token?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For arguments like `-`. */
  readonly stdin?: string;
}

/** Health answers: 200 active, 429 standby, 501 not initialised, 503 sealed. Each proves that the server listens. */
const ACTIVE = 200;
const POLL_MS = 50;
const START_TIMEOUT_MS = 60_000;
const MAX_PORT_TRIES = 5;

/** @throws with the server's last output when it does not come up */
export async function startVault(options: VaultOptions = {}): Promise<RunningVault> {
  const binary = options.binary ?? (await findTool(VAULT));
  for (let tries = 1; ; tries++) {
    const host = new RunningVault(binary, options, await pickFreePort(), await pickFreePort());
    try {
      await host.initialize();
      return host;
    } catch (error) {
      const isPortTaken = host.logs().includes('address already in use');
      await host.stop();
      if (!isPortTaken || tries === MAX_PORT_TRIES) throw error;
    }
  }
}

export class RunningVault {
  /** For example `http://127.0.0.1:23456`. Stays the same through restarts. */
  readonly address: string;
  /** Absolute, and not a link: the host refuses plugins behind one. */
  readonly pluginDirectory: string;
  readonly storage: StorageKind;
  readonly #binary: string;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  /** Every server process so far: orphans of a killed one are still ours to end. */
  readonly #processes: StartedProcess[] = [];
  #rootToken = '';
  #unsealKey = '';

  /** Use `startVault`. */
  constructor(binary: string, options: VaultOptions, port: number, clusterPort: number) {
    this.#binary = binary;
    this.storage = options.storage ?? 'inmem';
    this.address = `http://127.0.0.1:${port}`;
    // Short, because plugins put their sockets below it.
    this.#folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'host-')));
    this.pluginDirectory = path.join(this.#folder, 'plugins');
    for (const name of ['plugins', 'tmp', 'data']) mkdirSync(path.join(this.#folder, name));
    this.#env = childEnvironment(this.#folder, options.env);
    for (const [name, file] of Object.entries(options.plugins ?? {})) this.installPlugin(name, file);
    const config = {
      storage:
        this.storage === 'raft'
          ? { raft: { path: path.join(this.#folder, 'data'), node_id: 'node-1', performance_multiplier: 1 } }
          : { inmem: {} },
      listener: [
        { tcp: { address: `127.0.0.1:${port}`, cluster_address: `127.0.0.1:${clusterPort}`, tls_disable: true } },
      ],
      api_addr: this.address,
      cluster_addr: `http://127.0.0.1:${clusterPort}`,
      plugin_directory: this.pluginDirectory,
      disable_mlock: true,
      log_level: options.logLevel ?? 'info',
      ...options.config,
    };
    writeFileSync(path.join(this.#folder, 'config.json'), JSON.stringify(config, null, 2));
  }

  /** Holder of every right. Known once started. */
  get rootToken(): string {
    return this.#rootToken;
  }

  /** Process id of the server that runs, or of the last one that did. */
  get pid(): number {
    return this.#server().pid;
  }

  /** Output of all its server processes so far; plugins log through it. */
  logs(): string {
    return this.#processes.map((server) => server.logs()).join('');
  }

  /** The last lines of the output with a heading, for error messages. */
  logTail(): string {
    return this.#processes.at(-1)?.logTail() ?? 'the host was never started';
  }

  /** Copies a file into the plugin directory, executable, replacing an older one. */
  installPlugin(name: string, file: string): void {
    const target = path.join(this.pluginDirectory, name);
    // Never written into: a running plugin may have the old file open.
    rmSync(target, { force: true });
    copyFileSync(file, target, constants.COPYFILE_FICLONE);
    chmodSync(target, 0o755);
  }

  /** Any answer of the API, the refusals too. Sends the root token unless told otherwise. */
  request(method: string, apiPath: string, body?: unknown, options: ApiOptions = {}): Promise<HostAnswer> {
    return requestHost(this.address, method, apiPath, body, { token: this.#rootToken, ...options });
  }

  /**
   * The body of a good answer, undefined when it has none (204).
   * @throws HostApiError for 400 and more
   */
  async api(method: string, apiPath: string, body?: unknown, options: ApiOptions = {}): Promise<Untyped> {
    const answer = await this.request(method, apiPath, body, options);
    if (answer.status >= 400) throw new HostApiError(`${method} ${apiPath}`, answer, this.logTail());
    return answer.body;
  }

  /** Runs the `vault` command against this server, as an operator would. Every exit code is an answer. */
  cli(args: readonly string[], { token = this.#rootToken, env = {}, stdin = '' }: CliOptions = {}): Promise<CliResult> {
    const child = spawn(this.#binary, args, {
      cwd: this.#folder,
      env: { ...childEnvironment(this.#folder), VAULT_ADDR: this.address, VAULT_TOKEN: token, ...env },
      timeout: 120_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    // A command that does not read its input may be gone before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 128, stdout, stderr }));
    });
  }

  /** Process ids of its plugins. */
  pluginPids(): number[] {
    return listChildren(this.pid);
  }

  /** Seals it; plugin processes end with that. */
  async seal(): Promise<void> {
    await this.api('PUT', 'sys/seal');
  }

  /** Unseals it and waits until it serves. */
  async unseal(): Promise<void> {
    await this.api('PUT', 'sys/unseal', { key: this.#unsealKey });
    await this.#waitForHealth((status) => status === ACTIVE, 'active');
  }

  /** Ends the server if it runs, starts a new one on the same storage and ports, and unseals it. */
  async restart(): Promise<void> {
    if (this.storage === 'inmem') throw new Error('a host with storage inmem loses everything with its process');
    const server = this.#server();
    if (server.exit === undefined) await server.stop();
    await this.#start();
    await this.unseal();
  }

  /** Kills the server alone, with no chance to tidy up: its plugins become orphans. */
  async kill9(): Promise<void> {
    this.#server().signal('SIGKILL');
    await this.#server().exited;
  }

  /** Ends everything and removes its folder. Safe to call twice. */
  async stop(): Promise<void> {
    for (const server of this.#processes) await server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** First start: one unseal key, one root token. Called by `startVault`. */
  async initialize(): Promise<void> {
    await this.#start();
    const answer = await this.api('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    this.#rootToken = String(answer.root_token);
    this.#unsealKey = String(answer.keys_base64[0]);
    await this.unseal();
  }

  async #start(): Promise<void> {
    const server = await StartedProcess.start({
      title: 'vault server',
      file: this.#binary,
      args: ['server', `-config=${path.join(this.#folder, 'config.json')}`],
      env: this.#env,
      cwd: this.#folder,
    });
    this.#processes.push(server);
    await this.#waitForHealth(() => true, 'listening');
  }

  #server(): StartedProcess {
    const server = this.#processes.at(-1);
    if (server === undefined) throw new Error('the host was never started');
    return server;
  }

  /** Asks until the health answer is the wanted one, the server ends, or the time is up. */
  async #waitForHealth(isWanted: (status: number) => boolean, wanted: string): Promise<void> {
    const server = this.#server();
    const deadline = performance.now() + START_TIMEOUT_MS;
    let last = 'no answer';
    while (server.exit === undefined && performance.now() < deadline) {
      try {
        const { status } = await requestHost(this.address, 'GET', 'sys/health', undefined, { timeoutMs: 5_000 });
        if (isWanted(status)) return;
        last = `health ${status}`;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
      await delay(POLL_MS);
    }
    await (server.exit === undefined ? undefined : server.exited);
    const why = server.exit === undefined ? `not ${wanted} after ${START_TIMEOUT_MS} ms (${last})` : 'it ended';
    throw new Error(`vault server: ${why}\n${server.logTail()}`);
  }
}
