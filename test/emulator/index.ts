/**
 * A fake Azure: Entra ID, Microsoft Graph and Azure Resource Manager over one tenant in memory, behind a CONNECT
 * proxy, under the real host names.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createControlServer } from './control/api.ts';
import type { CallEntry } from './call-log.ts';
import type { EmulatorClock, TimeSource } from './clock.ts';
import { Emulator } from './emulator.ts';
import type { TrustedIssuers } from './entra/trusted-issuers.ts';
import type { Fault, FaultHandle } from './faults.ts';
import { CERTIFICATE_NAMES } from './hosts.ts';
import type { ManagedIdentity, ManagedIdentityOptions } from './managed-identity/identities.ts';
import { createManagedIdentityServer } from './managed-identity/server.ts';
import { APP_SERVICE_PATH } from './managed-identity/service.ts';
import { createServerIdentity } from './server/certificates.ts';
import { createProxy } from './server/proxy.ts';
import { createTlsServer } from './server/tls-server.ts';
import type { EmulatorSettings, SettingsChange } from './settings.ts';
import type { TenantSnapshot } from './snapshot.ts';
import type { Tenant } from './state/tenant.ts';

export type { CallEntry } from './call-log.ts';
export type { Fault, FaultHandle } from './faults.ts';
export type { EmulatorSettings, SettingsChange } from './settings.ts';
export type { TenantSnapshot } from './snapshot.ts';

export interface EmulatorOptions {
  /** 0 or absent: any free port. */
  readonly proxyPort?: number;
  readonly controlPort?: number;
  readonly identityPort?: number;
  /** Where to write the authority's certificate; absent: a temporary file, removed at the end. */
  readonly caFile?: string;
  /** Absent: 1. */
  readonly seed?: number;
  /** Absent: the system's clock. */
  readonly clock?: TimeSource;
  /** Settings at the start and after a reset. */
  readonly settings?: SettingsChange;
}

export interface StartedEmulator extends AsyncDisposable {
  /** For HTTPS_PROXY, for example `http://127.0.0.1:40123`. */
  readonly proxyUrl: string;
  /** The control API's base, without a path. */
  readonly controlUrl: string;
  /** For SSL_CERT_FILE or NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
  readonly caPem: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The operator application's credentials. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly groups: readonly { readonly id: string; readonly displayName: string }[];
  /** Applications that were there before, without the operator's. */
  readonly applications: readonly { readonly id: string; readonly appId: string; readonly displayName: string }[];
  readonly resourceGroups: readonly string[];
  readonly clock: EmulatorClock;
  /** Where the machine's managed identities get their tokens; there are none until one is added. */
  readonly identityEndpoints: IdentityEndpoints;
  readonly addManagedIdentity: (options?: ManagedIdentityOptions) => ManagedIdentity;
  /** Keys of outside issuers for federated logins. */
  readonly trustedIssuers: TrustedIssuers;
  /** The stores themselves, for tests that prepare or break things; another object after a reset. */
  readonly state: () => Tenant;
  readonly tenant: (options?: { readonly secrets?: boolean }) => TenantSnapshot;
  /** Calls with a larger index than `after`. */
  readonly calls: (after?: number) => readonly CallEntry[];
  readonly settings: () => EmulatorSettings;
  readonly changeSettings: (change: SettingsChange) => EmulatorSettings;
  readonly addFault: (fault: Fault) => FaultHandle;
  readonly removeFaults: () => void;
  readonly reset: () => void;
  readonly stop: () => Promise<void>;
}

/** Plain HTTP. A process is pointed at one of them by its environment. */
export interface IdentityEndpoints {
  /** A virtual machine's metadata service, for AZURE_POD_IDENTITY_AUTHORITY_HOST. */
  readonly metadataService: string;
  /** App Service's, for IDENTITY_ENDPOINT. */
  readonly appService: string;
  /** For IDENTITY_HEADER. */
  readonly appServiceHeader: string;
}

/** Starts everything on loopback. @throws Error when a port is taken or the file cannot be written. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<StartedEmulator> {
  const timeSource = options.clock ?? { now: () => new Date() };
  const emulator = new Emulator({ seed: options.seed ?? 1, timeSource, settings: options.settings ?? {} });
  // Clients check certificates by the system's clock, whatever the tenant's says.
  const identity = createServerIdentity(CERTIFICATE_NAMES, new Date());
  const tlsServer = createTlsServer(identity, (call) => emulator.dispatch(call));
  const proxy = createProxy(tlsServer, (method, target) => emulator.logRefusal(method, target));
  const controlServer = createControlServer(emulator);
  const identityServer = createManagedIdentityServer((call) => emulator.dispatch(call));
  const proxyUrl = await listen(proxy.server, options.proxyPort ?? 0);
  const controlUrl = await listen(controlServer, options.controlPort ?? 0);
  const identityUrl = await listen(identityServer, options.identityPort ?? 0);
  const caFile = options.caFile ?? join(await mkdtemp(join(tmpdir(), 'azure-emulator-')), 'ca.pem');
  await writeFile(caFile, identity.caPem);

  const stop = async (): Promise<void> => {
    proxy.destroyConnections();
    controlServer.closeAllConnections();
    identityServer.closeAllConnections();
    await Promise.all([close(proxy.server), close(controlServer), close(identityServer)]);
    if (options.caFile === undefined) await rm(dirname(caFile), { recursive: true, force: true });
  };
  const { seeded } = emulator;
  return {
    proxyUrl,
    controlUrl,
    caFile,
    caPem: identity.caPem,
    tenantId: seeded.tenant.id,
    subscriptionId: seeded.subscriptionId,
    clientId: seeded.operator.application.appId,
    clientSecret: seeded.operator.secret,
    groups: seeded.groups,
    applications: seeded.applications,
    resourceGroups:
      seeded.tenant.subscriptions.get(seeded.subscriptionId)?.resourceGroups.map(({ name }) => name) ?? [],
    clock: emulator.clock,
    identityEndpoints: {
      metadataService: identityUrl,
      appService: `${identityUrl}${APP_SERVICE_PATH}`,
      appServiceHeader: emulator.identityHeader,
    },
    addManagedIdentity: (wanted) => emulator.addManagedIdentity(wanted),
    trustedIssuers: emulator.trustedIssuers,
    state: () => emulator.seeded.tenant,
    tenant: (wanted) => emulator.snapshot(wanted),
    calls: (after) => emulator.calls(after),
    settings: () => emulator.settings,
    changeSettings: (change) => emulator.changeSettings(change),
    addFault: (fault) => emulator.faults.add(fault),
    removeFaults: () => emulator.faults.clear(),
    reset: () => emulator.reset(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Closing twice is no error. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
