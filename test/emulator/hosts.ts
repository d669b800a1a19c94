/** Which host names the emulator answers for, and what each of them is. */

export type CloudName = 'public' | 'usGovernment' | 'china';
export type ServiceName = 'login' | 'graph' | 'arm' | 'keyVault' | 'managedHsm' | 'managedIdentity';

export interface Host {
  readonly cloud: CloudName;
  readonly service: ServiceName;
  /** For `keyVault` and `managedHsm`: the first label, for example `my-vault`. Empty otherwise. */
  readonly label: string;
}

interface CloudHosts {
  readonly login: readonly string[];
  readonly graph: readonly string[];
  readonly arm: readonly string[];
  /** Older spellings of the ARM audience; asked for in scopes, never called. */
  readonly armAudiences: readonly string[];
  readonly keyVaultSuffixes: readonly string[];
  readonly managedHsmSuffixes: readonly string[];
}

export const CLOUDS: Readonly<Record<CloudName, CloudHosts>> = {
  public: {
    login: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    graph: ['graph.microsoft.com'],
    arm: ['management.azure.com'],
    armAudiences: ['management.core.windows.net'],
    keyVaultSuffixes: ['vault.azure.net'],
    managedHsmSuffixes: ['managedhsm.azure.net'],
  },
  usGovernment: {
    login: ['login.microsoftonline.us'],
    graph: ['graph.microsoft.us', 'dod-graph.microsoft.us'],
    arm: ['management.usgovcloudapi.net'],
    armAudiences: ['management.core.usgovcloudapi.net'],
    keyVaultSuffixes: ['vault.usgovcloudapi.net'],
    managedHsmSuffixes: ['managedhsm.usgovcloudapi.net'],
  },
  china: {
    login: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
    graph: ['microsoftgraph.chinacloudapi.cn'],
    arm: ['management.chinacloudapi.cn'],
    armAudiences: ['management.core.chinacloudapi.cn'],
    keyVaultSuffixes: ['vault.azure.cn'],
    managedHsmSuffixes: ['managedhsm.azure.cn'],
  },
};

const CLOUD_NAMES = ['public', 'usGovernment', 'china'] as const satisfies readonly CloudName[];

const EXACT_HOSTS: ReadonlyMap<string, Host> = new Map(
  CLOUD_NAMES.flatMap((cloud) =>
    (['login', 'graph', 'arm'] as const).flatMap((service) =>
      CLOUDS[cloud][service].map((name): [string, Host] => [name, { cloud, service, label: '' }]),
    ),
  ),
);

/** The DNS names that the server's certificate carries. */
export const CERTIFICATE_NAMES: readonly string[] = [
  ...EXACT_HOSTS.keys(),
  ...CLOUD_NAMES.flatMap((cloud) =>
    [...CLOUDS[cloud].keyVaultSuffixes, ...CLOUDS[cloud].managedHsmSuffixes].map((suffix) => `*.${suffix}`),
  ),
];

/**
 * What a host name stands for; `undefined` when the emulator does not answer for it.
 * @param name host name in any case, with or without a port.
 */
export function findHost(name: string): Host | undefined {
  const bare = name.replace(/:\d+$/, '').toLowerCase();
  const exact = EXACT_HOSTS.get(bare);
  if (exact !== undefined) return exact;
  const dot = bare.indexOf('.');
  if (dot <= 0) return undefined;
  const label = bare.slice(0, dot);
  const suffix = bare.slice(dot + 1);
  for (const cloud of CLOUD_NAMES) {
    if (CLOUDS[cloud].keyVaultSuffixes.includes(suffix)) return { cloud, service: 'keyVault', label };
    if (CLOUDS[cloud].managedHsmSuffixes.includes(suffix)) return { cloud, service: 'managedHsm', label };
  }
  return undefined;
}

/** The resource a token is for: a service in one cloud. */
export interface Audience {
  readonly cloud: CloudName;
  readonly service: Exclude<ServiceName, 'login' | 'managedIdentity'>;
}

export const MICROSOFT_GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const ARM_APP_ID = '797f4846-ba00-4fd7-ba43-dac1f8f63013';

/**
 * Reads the resource of a scope, for example `https://management.core.windows.net/` or Graph's application id.
 * @returns `undefined` when no built-in service of `cloud` is meant.
 */
export function findAudience(resource: string, cloud: CloudName): Audience | undefined {
  const bare = resource.replace(/\/+$/, '').toLowerCase();
  if (bare === MICROSOFT_GRAPH_APP_ID) return { cloud, service: 'graph' };
  if (bare === ARM_APP_ID) return { cloud, service: 'arm' };
  if (!bare.startsWith('https://')) return undefined;
  const name = bare.slice('https://'.length);
  const hosts = CLOUDS[cloud];
  if (hosts.graph.includes(name)) return { cloud, service: 'graph' };
  if (hosts.arm.includes(name) || hosts.armAudiences.includes(name)) return { cloud, service: 'arm' };
  if (hosts.keyVaultSuffixes.includes(name)) return { cloud, service: 'keyVault' };
  if (hosts.managedHsmSuffixes.includes(name)) return { cloud, service: 'managedHsm' };
  return undefined;
}
