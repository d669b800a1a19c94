/**
 * The crash matrix for real: the built bundle, killed with SIGKILL by its host or by the emulator at every outside call
 * of `creds`. A new process then finds the mount going away (ages do not count there) and clears up.
 */
import test from 'ava';
import { type CallEntry, startEmulator, type StartedEmulator } from '../emulator/index.ts';
import { startFakeHost, type FakeHost } from './_host.ts';
import type { FakeMount, MountOptions } from './_mount.ts';

type Mode = 'before' | 'after';
type HostCall = Parameters<NonNullable<MountOptions['onCall']>>[0];
type Stored = Map<string, Buffer>;

interface Running {
  readonly host: FakeHost;
  readonly mount: FakeMount;
}

async function open(emulator: StartedEmulator, options: MountOptions): Promise<Running> {
  const env = { HTTPS_PROXY: emulator.proxyUrl, SSL_CERT_FILE: emulator.caFile };
  const host = await startFakeHost({ env });
  return { host, mount: await host.mount(options).enable() };
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

function objects(emulator: StartedEmulator): string[] {
  const tenant = emulator.tenant();
  return [
    ...tenant.applications.flatMap(({ id, passwords }) => [id, ...passwords.map(({ keyId }) => keyId)]),
    ...tenant.servicePrincipals.map(({ id }) => id),
    ...tenant.roleAssignments.map(({ name }) => name),
  ].sort();
}

/** Starts the request and kills the process at the point; resolves when it is dead. */
async function killAt(
  emulator: StartedEmulator,
  storage: Stored,
  rolePath: string,
  point: string,
  mode: Mode,
): Promise<void> {
  const [, name = '', nth = '1'] = /^(.*) #(\d+)$/s.exec(point) ?? [];
  let seen = 0;
  let isCounting = false;
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
  kill = () => process.kill(host.pid, 'SIGKILL');
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
  await mount.read(rolePath).catch(() => undefined);
  await host.ended;
  emulator.removeFaults();
  mount.cutOff();
  await host.dispose();
}

const survivesEveryKill = test.macro(async (t, role: (emulator: StartedEmulator) => Record<string, unknown>) => {
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
  await setUp.mount.write('roles/app', role(emulator));
  await setUp.host.dispose();

  // Record.
  const callsBefore = emulator.calls().length;
  const recorded = await open(emulator, { storage: new Map(configured) });
  const setupCalls = recorded.mount.calls.length;
  await recorded.mount.read('creds/app');
  const storagePoints = recorded.mount.calls
    .slice(setupCalls)
    .map(storagePoint)
    .filter((point) => point !== undefined);
  const azurePoints = emulator
    .calls(callsBefore)
    .filter(({ method }) => method !== 'CONNECT')
    .map(azurePoint);
  await recorded.host.dispose();
  const points = numbered([...storagePoints, ...azurePoints]);
  t.true(azurePoints.length >= 2 && storagePoints.length >= 4, points.join('\n'));

  let kills = 0;
  for (const point of points) {
    for (const mode of ['before', 'after'] as const) {
      emulator.reset();
      const baseline = objects(emulator);
      const storage: Stored = new Map(configured);
      await killAt(emulator, storage, 'creds/app', point, mode);
      kills++;
      const healthy = await open(emulator, { storage, systemView: { Tainted: { tainted: true } } });
      await healthy.mount.request({ operation: 'rollback', path: '' });
      await healthy.host.dispose();
      const records = [...storage.values()].map((value) => value.toString()).join('\n');
      const uncovered = objects(emulator).filter((object) => !baseline.includes(object) && !records.includes(object));
      // A principal is covered by its application.
      const tenant = emulator.tenant();
      const orphans = uncovered.filter((id) => {
        const principal = tenant.servicePrincipals.find((candidate) => candidate.id === id);
        const application = tenant.applications.find(({ appId, passwords }) =>
          principal === undefined ? passwords.some(({ keyId }) => keyId === id) : appId === principal.appId,
        );
        return application === undefined || !records.includes(application.id);
      });
      t.deepEqual(orphans, [], `killed ${mode} ${point}`);
    }
  }
  t.log(`${kills} kills at ${points.length} points`);
});

test(
  'creds of a dynamic role: killed at any call, the next process leaves no orphan',
  survivesEveryKill,
  (emulator) => ({
    azure_roles: JSON.stringify([{ role_name: 'Reader', scope: `/subscriptions/${emulator.subscriptionId}` }]),
    azure_groups: JSON.stringify([{ object_id: emulator.groups[0]?.id }]),
    ttl: '1h',
  }),
);

test(
  'creds of an existing application: killed at any call, the next process leaves no orphan',
  survivesEveryKill,
  (emulator) => ({
    application_object_id: emulator.applications[0]?.id,
    ttl: '1h',
  }),
);
