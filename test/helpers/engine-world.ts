/**
 * The Azure engine in this process, on memory storage and the emulator, with every outside call passing through a gate
 * that can lose it, lose its answer, or end the "process" there for good. A new engine can then be started on what is
 * left.
 */
import { createAzureProviderFactory } from '../../src/azure/provider-factory.ts';
import { createTransport, type Transport } from '../../src/azure/transport.ts';
import { TransportError } from '../../src/azure/transport-error.ts';
import { createAzureBackendFactory } from '../../src/engines/azure/backend.ts';
import { AzureMount } from '../../src/engines/azure/mount.ts';
import type { AzureEnvironment } from '../../src/engines/azure/settings.ts';
import { TokenFiles } from '../../src/engines/azure/token-files.ts';
import { StorageError } from '../../src/errors.ts';
import type { Backend, Request, Response, Secret, Storage } from '../../src/logical/index.ts';
import type { JsonObject, JsonValue } from '../../src/util/json.ts';
import { startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { readdir, readFile } from 'node:fs/promises';
import { type CheckAnswer, createAnswerCheck } from './documented-answers.ts';
import { FakeClock, nextTurn } from './fake-clock.ts';
import { NO_ENVIRONMENT } from './no-environment.ts';
import { FakeSystemView } from './fake-system-view.ts';
import { MemoryStorage } from './memory-storage.ts';
import { TestLogger } from './test-logger.ts';
import { systemClock } from '../../src/util/clock.ts';
import { systemRandom } from '../../src/util/random.ts';
import { systemSmallFiles } from '../../src/util/small-file.ts';

/**
 * `fail-before`: the call never arrives. `fail-after`: it is done, the answer is lost. Both leave the process alive.
 * `die-before`, `die-after`: the process ends before the call, or when it is done and before its answer is seen.
 */
export type StrikeMode = 'fail-before' | 'fail-after' | 'die-before' | 'die-after';
export const STRIKE_MODES: readonly StrikeMode[] = ['fail-before', 'fail-after', 'die-before', 'die-after'];

export interface Strike {
  /** For example `PUT arm /…/roleAssignments/{id} #1` or `put operations/ #1`. */
  readonly point: string;
  readonly mode: StrikeMode;
}

const NEVER = new Promise<never>(() => undefined);

/** What one process can reach of the outside. */
export class Gate {
  /** Points passed since the last `arm`, in order. */
  readonly points: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #clock: FakeClock;
  #strike: Strike | undefined;
  #isDead = false;
  #hasStruck = false;
  #running = 0;
  /** Called with each point when its work is done and before its answer is seen. */
  afterwards: (point: string) => void = () => undefined;
  #announceDeath = (): void => undefined;
  readonly died: Promise<'died'>;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.died = new Promise((resolve) => {
      this.#announceDeath = () => resolve('died');
    });
  }

  hasDied(): boolean {
    return this.#isDead;
  }

  /** True while a call is under way. */
  get isBusy(): boolean {
    return this.#running > 0;
  }

  get hasStruck(): boolean {
    return this.#hasStruck;
  }

  /** Counts from here; strikes when the point is reached. */
  arm(strike?: Strike): void {
    this.points.length = 0;
    this.#counts.clear();
    this.#strike = strike;
  }

  die(): void {
    this.#isDead = true;
    this.#clock.freeze();
    this.#announceDeath();
  }

  async pass<T>(name: string, fault: () => Error, work: () => Promise<T>): Promise<T> {
    if (this.hasDied()) return NEVER;
    const nth = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, nth);
    const point = `${name} #${nth}`;
    this.points.push(point);
    const mode = this.#strike?.point === point ? this.#strike.mode : undefined;
    if (mode !== undefined) this.#hasStruck = true;
    if (mode === 'die-before') this.die();
    if (mode === 'fail-before') throw fault();
    if (this.hasDied()) return NEVER;
    this.#running++;
    const result = await work().finally(() => this.#running--);
    this.afterwards(point);
    if (mode === 'die-after') this.die();
    if (this.hasDied()) return NEVER;
    if (mode === 'fail-after') throw fault();
    return result;
  }
}

function gateStorage(storage: Storage, gate: Gate): Storage {
  const fault = (): Error => new StorageError('storage is not available');
  const folder = (storageKey: string): string => storageKey.replace(/\/.*$/s, '/');
  return {
    get: (key) => gate.pass(`get ${folder(key)}`, fault, () => storage.get(key)),
    put: (entry) => gate.pass(`put ${folder(entry.storageKey)}`, fault, () => storage.put(entry)),
    delete: (key) => gate.pass(`delete ${folder(key)}`, fault, () => storage.delete(key)),
    list: (prefix) => gate.pass(`list ${folder(prefix)}`, fault, () => storage.list(prefix)),
  };
}

function gateTransport(transport: Transport, gate: Gate): Transport {
  return {
    send: (request) =>
      gate.pass(
        `${request.method} ${request.route}`,
        () => new TransportError('the connection was reset', { failure: 'broken', wasSent: true }),
        () => transport.send(request),
      ),
    close: () => transport.close(),
  };
}

export interface EngineOptions {
  readonly environment?: Partial<AzureEnvironment>;
  /** In which token files may lie. Default none. */
  readonly federatedTokenFolders?: readonly string[];
  /** The host's deadline of every request. */
  readonly deadline?: Date;
  /** Sleeps end at once. Default true. */
  readonly isAutoAdvancing?: boolean;
}

/** One process of the plugin with one mount. */
export class EngineProcess {
  readonly clock: FakeClock;
  readonly gate: Gate;
  readonly logger = new TestLogger();
  readonly systemView: FakeSystemView;
  readonly backend: Backend;
  readonly #storage: Storage;
  readonly #checkAnswer: CheckAnswer;

  constructor(world: EngineWorld, options: EngineOptions = {}) {
    this.clock = new FakeClock({ startAt: world.now, isAutoAdvancing: options.isAutoAdvancing ?? true });
    this.gate = new Gate(this.clock);
    this.systemView = world.systemView;
    this.#storage = gateStorage(world.storage, this.gate);
    const mountOptions = {
      environment: { ...NO_ENVIRONMENT, ...options.environment },
      tokenFiles: new TokenFiles({ allowedFolders: options.federatedTokenFolders ?? [], files: systemSmallFiles }),
      createProvider: createAzureProviderFactory({
        transport: gateTransport(world.transport, this.gate),
        clock: this.clock,
      }),
    };
    const dependencies = {
      storage: this.#storage,
      systemView: this.systemView,
      logger: this.logger,
      clock: this.clock,
      random: systemRandom,
      config: new Map(),
      backendUuid: '9a1c0e6e-0000-4000-8000-000000000001',
    };
    this.backend = createAzureBackendFactory(mountOptions)(dependencies);
    this.#checkAnswer = createAnswerCheck(new AzureMount(dependencies, mountOptions));
  }

  /** @throws what the engine throws. */
  async request(
    operation: string,
    path: string,
    data: JsonObject = {},
    extra: Partial<Request> = {},
  ): Promise<Response | undefined> {
    const response = await this.backend.handleRequest({
      id: 'request',
      operation,
      path,
      data,
      secret: undefined,
      storage: this.#storage,
      systemView: this.systemView,
      signal: new AbortController().signal,
      deadline: undefined,
      headers: new Map(),
      hostTokenHash: '',
      hostTokenAccessor: '',
      displayName: 'token',
      entityId: '',
      mountPoint: 'azure/',
      mountType: 'azure',
      mountAccessor: '',
      remoteAddress: '',
      ...extra,
    });
    this.#checkAnswer(operation, path, response);
    return response;
  }

  /** A credential with its lease, as the host would keep it. */
  async issue(roleName: string): Promise<Lease> {
    const response = await this.request('read', `creds/${roleName}`);
    if (response?.secret === undefined) throw new Error('no lease');
    const { client_id: clientId, client_secret: clientSecret } = response.data ?? {};
    return {
      path: `creds/${roleName}`,
      clientId: readText(clientId),
      clientSecret: readText(clientSecret),
      secret: { ...response.secret, issuedAt: this.clock.now() },
    };
  }

  async renew(lease: Lease): Promise<Response | undefined> {
    return this.request('renew', lease.path, {}, { secret: lease.secret });
  }

  async revoke(lease: Lease): Promise<Response | undefined> {
    return this.request('revoke', lease.path, {}, { secret: lease.secret });
  }

  /** The host's minute tick. */
  async tick(): Promise<Response | undefined> {
    return this.request('rollback', '');
  }

  /** Resolves when background work is done. */
  async settle(): Promise<void> {
    for (let turns = 0; this.gate.isBusy || turns < 5; turns = this.gate.isBusy ? 0 : turns + 1) await nextTurn();
  }

  async stop(): Promise<void> {
    if (!this.gate.hasDied()) await this.backend.cleanup();
  }
}

function readText(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new Error('text expected');
  return value;
}

export interface Lease {
  readonly path: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly secret: Secret;
}

/** The tenant's time: what a test has moved it to, or where the newest process has slept itself to; never back. */
class SharedTime {
  #latestMs = Date.now();
  #clock: FakeClock | undefined;

  read(): Date {
    this.#latestMs = Math.max(this.#latestMs, this.#clock?.now().getTime() ?? 0);
    return new Date(this.#latestMs);
  }

  advance(byMs: number): void {
    this.#latestMs = this.read().getTime() + byMs;
    // Processes that are there keep their time: it is of no use any more once the clock was put back.
    if (byMs < 0) this.#clock = undefined;
  }

  follow(clock: FakeClock): void {
    this.read();
    this.#clock = clock;
  }
}

/** The emulator, the storage and the time that processes share. */
export class EngineWorld {
  readonly emulator: StartedEmulator;
  readonly systemView = new FakeSystemView();
  /** Shared by all processes: what differs between them is the gate before it. */
  readonly transport: Transport;
  storage = new MemoryStorage();
  readonly #time: SharedTime;
  readonly #processes: EngineProcess[] = [];

  private constructor(emulator: StartedEmulator, time: SharedTime) {
    this.emulator = emulator;
    this.#time = time;
    this.transport = createTransport({
      environment: { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile },
      files: FILES,
      logger: new TestLogger(),
      clock: systemClock,
      userAgent: 'vault-plugin-azure-test',
    });
  }

  /** Time stands still but for `moveTime` and the sleeps of processes. */
  static async start(): Promise<EngineWorld> {
    const time = new SharedTime();
    return new EngineWorld(await startEmulator({ seed: 1, clock: { now: () => time.read() } }), time);
  }

  get now(): Date {
    return this.#time.read();
  }

  /** Moves the time of the tenant and of processes started from now on. */
  moveTime(byMs: number): void {
    this.#time.advance(byMs);
  }

  /** A fresh tenant and a copy of `storage`. */
  reset(storage: MemoryStorage): void {
    this.emulator.reset();
    this.storage = storage.fork();
    this.systemView.tainted = false;
  }

  startProcess(options?: EngineOptions): EngineProcess {
    const engineProcess = new EngineProcess(this, options);
    this.#processes.push(engineProcess);
    this.#time.follow(engineProcess.clock);
    return engineProcess;
  }

  /** Writes `config` with the operator application's credentials. */
  async configure(engineProcess: EngineProcess, extra: JsonObject = {}): Promise<void> {
    const { subscriptionId, tenantId, clientId, clientSecret } = this.emulator;
    await engineProcess.request('create', 'config', {
      subscription_id: subscriptionId,
      tenant_id: tenantId,
      client_id: clientId,
      client_secret: clientSecret,
      ...extra,
    });
  }

  /** Fields of a role with one Azure role and one group. */
  dynamicRole(): JsonObject {
    const { subscriptionId, groups } = this.emulator;
    return {
      azure_roles: [{ role_name: 'Reader', scope: `/subscriptions/${subscriptionId}` }],
      azure_groups: [{ object_id: groups[0]?.id ?? '' }],
      ttl: '1h',
      max_ttl: '24h',
    };
  }

  existingRole(): JsonObject {
    return { application_object_id: this.emulator.applications[0]?.id ?? '', ttl: '1h', max_ttl: '24h' };
  }

  /** One line per object of the tenant that an engine could have made, sorted. */
  objects(): string[] {
    const tenant = this.emulator.tenant();
    // Memberships of deleted principals sleep in the directory until these are restored.
    const alive = new Set(tenant.servicePrincipals.map(({ id }) => id));
    return [
      ...tenant.applications.flatMap((application) => [
        `application ${application.id}`,
        ...application.passwords.map((password) => `password ${password.keyId} of application ${application.id}`),
      ]),
      ...tenant.servicePrincipals.map((principal) => `principal ${principal.id} of ${principal.appId}`),
      ...tenant.groups.flatMap((group) =>
        group.members.filter((member) => alive.has(member)).map((member) => `member ${member} of group ${group.id}`),
      ),
      ...tenant.roleAssignments.map((assignment) => `assignment ${assignment.name} of ${assignment.principalId}`),
    ].sort();
  }

  async stopProcesses(): Promise<void> {
    for (const engineProcess of this.#processes.splice(0)) await engineProcess.stop();
  }

  async stop(): Promise<void> {
    await this.stopProcesses();
    this.transport.close();
    await this.emulator.stop();
  }
}

const FILES = {
  readFile: (path: string): Promise<string> => readFile(path, 'utf8'),
  readFolder: (path: string): Promise<string[]> => readdir(path),
};
