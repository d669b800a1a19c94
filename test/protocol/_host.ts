/**
 * A fake host: starts a plugin as Vault does and drives it over the real protocol. Written from the protocol's
 * description and not from the plugin's code, to be a second opinion on it.
 */
import type { ExecutionContext } from 'ava';
import { PluginConnection } from './_connection.ts';
import { readHandshake, type Handshake } from './_handshake.ts';
import type { HostLogEntry } from './_host-log.ts';
import { FakeMount, type MountOptions } from './_mount.ts';
import { PluginProcess, type PluginEnd, type PluginProcessOptions } from './_plugin-process.ts';
import { waitUntil, within } from './_processes.ts';

export type FakeHostOptions = PluginProcessOptions;

export interface StopResult extends PluginEnd {
  /** From Shutdown to the end of the process and of its pipes. */
  readonly elapsedMs: number;
  /** False: the host had to kill it. */
  readonly isGraceful: boolean;
}

/** How long hosts wait after Shutdown before they kill. */
const KILL_AFTER_MS = 2_000;

/** One start at a time: a dozen at once on two cores would overrun the plugin's own five seconds for the broker. */
let lastStart: Promise<unknown> = Promise.resolve();

/** @throws Error with the plugin's output when it does not come up. */
export function startFakeHost(options: FakeHostOptions = {}): Promise<FakeHost> {
  const start = lastStart.then(() => startNow(options));
  lastStart = start.catch(() => undefined);
  return start;
}

async function startNow(options: FakeHostOptions): Promise<FakeHost> {
  const plugin = new PluginProcess(options);
  try {
    const handshake = readHandshake(await plugin.firstLine());
    const host = new FakeHost(plugin, handshake, new PluginConnection(handshake));
    // As hosts ask first of all; the answer means that everything is loaded. Tests look at its failure themselves.
    await host.isMultiplexingSupported().catch(() => undefined);
    return host;
  } catch (error) {
    await plugin.dispose();
    throw error;
  }
}

/** `startFakeHost` for one test: ends with it, and fails it if a real host would have been harmed. */
export async function openHost(t: ExecutionContext, options: FakeHostOptions = {}): Promise<FakeHost> {
  const host = await startFakeHost(options);
  t.teardown(async () => {
    const { hostCrashes, strayStdout, unexpectedMessages } = host;
    await host.dispose();
    if (hostCrashes.length > 0) throw new Error(`lines that kill a host:\n${hostCrashes.join('\n')}`);
    if (strayStdout !== '') throw new Error(`stdout after the handshake: ${strayStdout.slice(0, 200)}`);
    if (unexpectedMessages.length > 0) throw new Error('messages on silent streams');
  });
  return host;
}

export class FakeHost {
  readonly handshake: Handshake;
  readonly #plugin: PluginProcess;
  readonly #connection: PluginConnection;
  readonly #mounts: FakeMount[] = [];

  constructor(plugin: PluginProcess, handshake: Handshake, connection: PluginConnection) {
    this.#plugin = plugin;
    this.handshake = handshake;
    this.#connection = connection;
    connection.openStreams();
  }

  get pid(): number {
    return this.#plugin.pid;
  }

  /** Where the sockets of both sides lie. */
  get folder(): string {
    return this.#plugin.folder;
  }

  get stderrLines(): readonly string[] {
    return this.#plugin.stderrLines;
  }

  /** Stderr as a host logs it. @throws HostCrash when it would have died of a line. */
  get logs(): readonly HostLogEntry[] {
    return this.#plugin.logs;
  }

  /** Waits for a line: stderr may be read later than the answer that was sent after it. */
  async waitForLog(what: string, isIt: (entry: HostLogEntry) => boolean): Promise<HostLogEntry> {
    await waitUntil(`log line: ${what}`, () => this.logs.some(isIt));
    return this.logs.find(isIt)!;
  }

  get hostCrashes(): readonly string[] {
    return this.#plugin.hostCrashes;
  }

  /** What came on stdout after the first line. */
  get strayStdout(): string {
    return this.#plugin.stdout.slice(this.handshake.line.length + 1);
  }

  get unexpectedMessages(): readonly object[] {
    return this.#connection.unexpected;
  }

  /** Resolves when the process has ended. */
  get ended(): Promise<PluginEnd> {
    return this.#plugin.ended;
  }

  /** Resolves when the broker stream is over: asked for, or the connection broke. */
  get brokerEnded(): Promise<void> {
    return this.#connection.brokerEnded;
  }

  /** A mount that is not set up yet; see `FakeMount.enable`. Broker ids count from 1. */
  mount(options: MountOptions = {}): FakeMount {
    const broker = {
      id: this.#mounts.length + 1,
      folder: this.folder,
      pluginCertificatePem: this.handshake.certificatePem,
    };
    const mount = new FakeMount(this.#connection, broker, options);
    this.#mounts.push(mount);
    return mount;
  }

  async isMultiplexingSupported(): Promise<boolean> {
    const service = 'pluginutil.multiplexing.PluginMultiplexing';
    return (await this.unary<{ supported: boolean }>(service, 'MultiplexingSupport', {})).supported;
  }

  /** Any call; carries no multiplex id unless given as metadata. */
  unary<Reply>(...call: Parameters<PluginConnection['unary']>): Promise<Reply> {
    return this.#connection.unary<Reply>(...call);
  }

  endBrokerStream(): void {
    this.#connection.endBrokerStream();
  }

  signal(signal: NodeJS.Signals): void {
    this.#plugin.kill(signal);
  }

  /** A host's orderly end of a plugin: broker stream, Shutdown, connection; after two seconds SIGKILL. */
  async stop(): Promise<StopResult> {
    const startedAt = performance.now();
    this.#connection.endBrokerStream();
    await this.unary('plugin.GRPCController', 'Shutdown', {}).catch(() => undefined);
    this.#connection.close();
    const isGraceful = await within('the end', this.#plugin.ended, KILL_AFTER_MS).then(
      () => true,
      () => false,
    );
    if (!isGraceful) this.#plugin.kill('SIGKILL');
    const end = await this.#plugin.ended;
    return { ...end, isGraceful, elapsedMs: performance.now() - startedAt };
  }

  /** The plugin dies on the spot. */
  async kill9(): Promise<PluginEnd> {
    this.#plugin.kill('SIGKILL');
    return this.#plugin.ended;
  }

  /** Ends whatever is left, without ceremony. */
  async dispose(): Promise<void> {
    this.#connection.close();
    for (const mount of this.#mounts) mount.cutOff();
    await this.#plugin.dispose();
  }
}
