/** A plugin started as a host starts one: its environment, its pipes, its first line. Knows nothing of gRPC. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HOST_CERTIFICATE_PEM } from './_host-certificate.ts';
import { HostCrash, readLogLine, type HostLogEntry } from './_host-log.ts';
import { within } from './_processes.ts';

export interface PluginProcessOptions {
  /** Default: what `npm run build` makes. */
  readonly bundlePath?: string;
  readonly args?: readonly string[];
  /** Added to what a host sets; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: a folder of its own. */
  readonly cwd?: string;
}

export interface PluginEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const COOKIE = '6669da05-b1c8-4f49-97d9-c8e5bed98e20';
const START_LIMIT_MS = 60_000;

export class PluginProcess {
  /** Temporary folder of plugin and host; sockets lie in it. */
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<PluginEnd>;
  #stdout = '';
  #stderr = '';
  readonly #onOutput = new Set<() => void>();

  constructor(options: PluginProcessOptions = {}) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'fh-'));
    const cwd = options.cwd ?? path.join(this.folder, 'cwd');
    mkdirSync(cwd, { recursive: true });
    this.#child = spawn(options.bundlePath ?? path.resolve('dist/vault-plugin-azure'), options.args ?? [], {
      cwd,
      env: hostEnvironment(this.folder, options.env ?? {}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // "close" comes after the end of the process and of both pipes, which is what hosts wait for.
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#stderr += `${error.message}\n`;
        resolve({ code: null, signal: null });
      });
      this.#child.on('close', (code, signal) => {
        for (const tell of this.#onOutput) tell();
        resolve({ code, signal });
      });
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const tell of this.#onOutput) tell();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Resolves when the process has ended and nobody holds its pipes any more. */
  get ended(): Promise<PluginEnd> {
    return this.#ended;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Lines that are complete. */
  get stderrLines(): readonly string[] {
    return this.#stderr.split('\n').slice(0, -1);
  }

  /** Stderr as the host logs it. @throws HostCrash when the host would have died of a line. */
  get logs(): readonly HostLogEntry[] {
    return this.stderrLines.map(readLogLine);
  }

  /** Lines that would have killed the host. */
  get hostCrashes(): readonly string[] {
    return this.stderrLines.filter((line) => {
      try {
        readLogLine(line);
        return false;
      } catch (error) {
        return error instanceof HostCrash;
      }
    });
  }

  /** The first line of stdout, without its end. @throws Error with all output when the process ends before it. */
  async firstLine(): Promise<string> {
    const line = new Promise<string>((resolve, reject) => {
      const look = (): void => {
        const end = this.#stdout.indexOf('\n');
        if (end >= 0) resolve(this.#stdout.slice(0, end));
        else if (this.hasEnded)
          reject(new Error(`the plugin ended before the handshake\n${this.#stdout}${this.#stderr}`));
      };
      this.#onOutput.add(look);
      look();
    });
    return within(`the handshake\n${this.#stderr}`, line, START_LIMIT_MS);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills what is left and removes the folder. */
  async dispose(): Promise<void> {
    if (!this.hasEnded) this.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a plain Vault sets for a plugin that is no container, on top of an allow-list of its own variables. */
function hostEnvironment(
  folder: string,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return {
    PATH: [path.dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    TMPDIR: folder,
    VAULT_BACKEND_PLUGIN: COOKIE,
    PLUGIN_MIN_PORT: '10000',
    PLUGIN_MAX_PORT: '25000',
    PLUGIN_PROTOCOL_VERSIONS: '5',
    PLUGIN_CLIENT_CERT: HOST_CERTIFICATE_PEM,
    VAULT_VERSION: '1.21.0',
    VAULT_PLUGIN_METADATA_MODE: 'false',
    VAULT_PLUGIN_AUTOMTLS_ENABLED: 'true',
    ...own,
  };
}
