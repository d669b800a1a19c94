/**
 * The crash matrix for real: the built bundle, killed with SIGKILL by its host or by the emulator at every outside call
 * of a procedure. A new process then finds the mount going away (ages do not count there) and clears up. What is in the
 * tenant must then stand in storage.
 */
import type { ExecutionContext } from 'ava';
import { type CallEntry, startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { startFakeHost, type FakeHost } from './_host.ts';
import type { FakeMount, MountOptions } from './_mount.ts';

type Mode = 'before' | 'after';
type HostCall = Parameters<NonNullable<MountOptions['onCall']>>[0];
type Stored = Map<string, Buffer>;

export interface KillScenario<Prepared> {
  /** Storage that every run starts from, once `config` is written. Makes nothing in the tenant. */
  readonly configure?: (mount: FakeMount, emulator: StartedEmulator) => Promise<unknown>;
  /** In the process that is going to be killed, before its calls count. */
  readonly prepare: (mount: FakeMount, emulator: StartedEmulator) => Promise<Prepared>;
  /** The procedure. */
  readonly act: (mount: FakeMount, prepared: Prepared, emulator: StartedEmulator) => Promise<unknown>;
  /** What the host does later with what it keeps itself, for example repeat a revocation. */
  readonly conclude?: (mount: FakeMount, prepared: Prepared) => Promise<unknown>;
}

/** For scenarios that need no preparation. */
export const nothing = (): Promise<undefined> => Promise.resolve(undefined);

/** A matrix takes a second or so per kill. */
const MATRIX_LIMIT_MS = 600_000;

/** Records the procedure, then kills it before and after each of its calls. */
export async function runKillMatrix<Prepared>(t: ExecutionContext, scenario: KillScenario<Prepared>): Promise<void> {
  t.timeout(MATRIX_LIMIT_MS);
  const emulator = await startEmulator();
  t.teardown(() => emulator.stop());
  const configured: Stored = new Map();
  const setUp = await open(emulator, { storage: configured });
  const { subscriptionId, tenantId, clientId, clientSecret } = emulator;
  await setUp.mount.write('config', {
    subscription_id: subscriptionId,
    tenant_id: tenantId,
    client_id: clientId,
    client_secret: clientSecret,
  });
  await scenario.configure?.(setUp.mount, emulator);
  await setUp.host.dispose();

  emulator.reset();
  const points = await record(emulator, new Map(configured), scenario);
  t.true(points.length >= 2, `too few calls: ${points.join(', ')}`);
  for (const point of points) {
    for (const mode of ['before', 'after'] as const) {
      emulator.reset();
      const seeded = objects(emulator);
      const storage: Stored = new Map(configured);
      const killed = await killAt(emulator, storage, { scenario, point, mode });
      t.true(killed.isKilled, `not reached again: ${point}`);
      const healthy = await open(emulator, { storage, systemView: { Tainted: { tainted: true } } });
      await healthy.mount.request({ operation: 'rollback', path: '' });
      await scenario.conclude?.(healthy.mount, killed.prepared);
      await healthy.host.dispose();
      const known = [...storage.values()].map((value) => value.toString()).join('\n');
      t.deepEqual(findOrphans(emulator, seeded, known), [], `killed ${mode} ${point}`);
    }
  }
  t.log(`${points.length * 2} kills at ${points.length} points`);
}

interface Running {
  readonly host: FakeHost;
  readonly mount: FakeMount;
}

async function open(emulator: StartedEmulator, options: MountOptions): Promise<Running> {
  const env = { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile };
  const host = await startFakeHost({ env });
  return { host, mount: await host.mount(options).enable() };
}

/** The calls of one undisturbed run, to storage and to Azure. */
async function record<Prepared>(
  emulator: StartedEmulator,
  storage: Stored,
  { prepare, act }: KillScenario<Prepared>,
): Promise<string[]> {
  const { host, mount } = await open(emulator, { storage });
  const prepared = await prepare(mount, emulator);
  const [hostCalls, azureCalls] = [mount.calls.length, emulator.calls().length];
  await act(mount, prepared, emulator);
  const storagePoints = mount.calls
    .slice(hostCalls)
    .map(storagePoint)
    .filter((point) => point !== undefined);
  const azurePoints = emulator
    .calls(azureCalls)
    .filter(({ method }) => method !== 'CONNECT')
    .map(azurePoint);
  await host.dispose();
  return numbered([...storagePoints, ...azurePoints]);
}

/** For example `Storage/Put operations/`. */
function storagePoint(call: HostCall): string | undefined {
  if (!call.method.startsWith('Storage/')) return undefined;
  return `${call.method} ${storageKeyOf(call).replace(/\/.*$/s, '/')}`;
}

function storageKeyOf({ message }: HostCall): string {
  const entry = message['entry'] as { key?: string } | undefined;
  return entry?.key ?? (message['key'] as string | undefined) ?? (message['prefix'] as string | undefined) ?? '';
}

function apply(storage: Stored, call: HostCall): void {
  const entry = call.message['entry'] as { value?: Buffer } | undefined;
  if (call.method === 'Storage/Put') storage.set(storageKeyOf(call), Buffer.from(entry?.value ?? ''));
  if (call.method === 'Storage/Delete') storage.delete(storageKeyOf(call));
}

/** A pattern for all calls of one route: identifiers are left open. */
function azurePoint({ method, path }: CallEntry): string {
  const route = decodeURIComponent(path.split('?')[0] ?? '').replace(/\/{2,}/g, '/');
  const pattern = route.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '[0-9a-f-]{36}');
  return `${method} ^${pattern}$`;
}

/** Numbers equal names: `x #1`, `x #2`. */
function numbered(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return `${name} #${counts.get(name) ?? 0}`;
  });
}

interface Kill<Prepared> {
  readonly scenario: KillScenario<Prepared>;
  readonly point: string;
  readonly mode: Mode;
}

/** Starts the procedure and kills the process at the point; resolves when it is dead. */
async function killAt<Prepared>(
  emulator: StartedEmulator,
  storage: Stored,
  { scenario, point, mode }: Kill<Prepared>,
): Promise<{ readonly isKilled: boolean; readonly prepared: Prepared }> {
  const [, name = '', nth = '1'] = /^(.*) #(\d+)$/s.exec(point) ?? [];
  let seen = 0;
  let isCounting = false;
  const progress = { isKilled: false };
  let kill = (): void => undefined;
  const { host, mount } = await open(emulator, {
    storage,
    onCall: async (call) => {
      if (!isCounting || storagePoint(call) !== name || ++seen !== Number(nth)) return;
      if (mode === 'after') apply(storage, call);
      kill();
      await new Promise(() => undefined); // the answer never comes
    },
  });
  kill = () => {
    progress.isKilled = true;
    process.kill(host.pid, 'SIGKILL');
  };
  const prepared = await scenario.prepare(mount, emulator);
  isCounting = true;
  const [, method = '', path = ''] = /^(GET|POST|PUT|PATCH|DELETE) (.*)$/.exec(name) ?? [];
  if (method !== '') {
    const fault = emulator.addFault({
      match: { method, path },
      skip: Number(nth) - 1,
      answer: mode === 'before' ? 'hang' : 'hangAfter',
    });
    void fault.whenFired().then(async () => {
      // "Fired" means picked; the log tells when the work is done.
      while (mode === 'after' && !emulator.calls().some((call) => call.fault === fault.id && call.route !== '')) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      kill();
    });
  }
  await scenario.act(mount, prepared, emulator).catch(() => undefined);
  if (progress.isKilled) await host.ended;
  emulator.removeFaults();
  mount.cutOff();
  await host.dispose();
  return { ...progress, prepared };
}

function objects(emulator: StartedEmulator): string[] {
  const tenant = emulator.tenant();
  return [
    ...tenant.applications.flatMap(({ id, passwords }) => [id, ...passwords.map(({ keyId }) => keyId)]),
    ...tenant.servicePrincipals.map(({ id }) => id),
    ...tenant.roleAssignments.map(({ name }) => name),
  ].sort();
}

/** Objects that are in no text of `known`, by themselves or, for principals and passwords, by their application. */
function findOrphans(emulator: StartedEmulator, seeded: readonly string[], known: string): string[] {
  const tenant = emulator.tenant();
  const ofSeed = new Set(seeded);
  return objects(emulator).filter((id) => {
    if (ofSeed.has(id) || known.includes(id)) return false;
    const principal = tenant.servicePrincipals.find((candidate) => candidate.id === id);
    const application = tenant.applications.find(({ appId, passwords }) =>
      principal === undefined ? passwords.some(({ keyId }) => keyId === id) : appId === principal.appId,
    );
    // An application of the seed is never ours as a whole.
    return application === undefined || ofSeed.has(application.id) || !known.includes(application.id);
  });
}
