/** The host's environment variables, read once into a value. Source: go-plugin client.go, Vault SDK pluginutil/env.go. */

/** Shape of `process.env`. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** What the host says about itself and about how it wants to talk. */
export interface HostEnvironment {
  /** Application protocols that the host speaks, for example `[5]`; unreadable members are left out. */
  readonly protocolVersions: readonly number[];
  /** The host's one-time certificate, PEM; `undefined` when it asks for no TLS (protocol 4 and older). */
  readonly hostCertificatePem: string | undefined;
  /** The host wants brokered connections inside the first one (containers). We cannot; it must be told so. */
  readonly isBrokerMultiplexingAsked: boolean;
  /** Directory for unix sockets, for example `/tmp`. */
  readonly socketDirectory: string;
  /** Group (name or number) that must be able to connect; `undefined`: only our own user. */
  readonly socketGroup: string | undefined;
  /** For example `1.21.0`; '' when the host does not say. */
  readonly hostVersion: string;
  readonly isOpenBao: boolean;
  /** The host wants memory locked. Node cannot. */
  readonly isMlockAsked: boolean;
}

export function readHostEnvironment(variables: EnvironmentVariables): HostEnvironment {
  return {
    protocolVersions: readVersions(variables['PLUGIN_PROTOCOL_VERSIONS'] ?? ''),
    hostCertificatePem: nonBlank(variables['PLUGIN_CLIENT_CERT']),
    isBrokerMultiplexingAsked: nonBlank(variables['PLUGIN_MULTIPLEX_GRPC']) !== undefined,
    socketDirectory: nonBlank(variables['PLUGIN_UNIX_SOCKET_DIR']) ?? nonBlank(variables['TMPDIR']) ?? '/tmp',
    socketGroup: nonBlank(variables['PLUGIN_UNIX_SOCKET_GROUP']),
    hostVersion: readForked(variables, 'VERSION'),
    isOpenBao: variables['BAO_VERSION'] !== undefined,
    isMlockAsked: isTrue(readForked(variables, 'PLUGIN_MLOCK_ENABLED')),
  };
}

/** OpenBao sets both names and reads its own first, even when that one is empty. */
function readForked(variables: EnvironmentVariables, suffix: string): string {
  return variables[`BAO_${suffix}`] ?? variables[`VAULT_${suffix}`] ?? '';
}

function readVersions(list: string): number[] {
  return list
    .split(',')
    .map((member) => member.trim())
    .filter((member) => /^\d+$/.test(member))
    .map(Number);
}

function nonBlank(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

/** The spellings of true that Go's ParseBool takes. */
function isTrue(value: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value);
}
