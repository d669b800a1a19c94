/** What an operator does to move a mount from one plugin to the other, with the commands of docs/migration.md. */
import type { Untyped } from '../host/host-api.ts';
import type { RunningVault } from '../host/start-vault.ts';
import type { Side } from './_pair.ts';
import type { ParityHost } from './_parity-host.ts';

/** One mount as the host's own files know it. */
export interface StoredMount {
  /** Below `sys/raw/`, with a slash at the end. */
  readonly prefix: string;
  readonly host: RunningVault;
}

/** @throws when the command does not succeed, with what it said */
export async function runCommand(host: RunningVault, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.cli(args);
  if (code !== 0) throw new Error(`vault ${args.join(' ')}: ${code}: ${stderr}`);
  return stdout;
}

/** The mount's plugin becomes the other one, by version: `vault secrets tune`, then a reload. */
export async function switchVersion({ host, versions }: ParityHost, path: string, side: Side): Promise<void> {
  await runCommand(host, 'secrets', 'tune', `-plugin-version=${versions[side]}`, `${path}/`);
  await reloadMount(host, path);
}

export async function reloadMount(host: RunningVault, path: string): Promise<void> {
  await runCommand(host, 'write', '-f', 'sys/plugins/reload/backend', `mounts=${path}/`);
}

/** What runs behind a mount, as `vault secrets list -detailed` shows it. */
export async function readRunning(host: RunningVault, path: string): Promise<{ version: string; sha256: string }> {
  const mount = await host.api('GET', `sys/mounts/${path}`);
  return { version: mount.running_plugin_version, sha256: mount.running_sha256 };
}

/** Needs `raw_storage_endpoint`. */
export async function openStorage(host: RunningVault, path: string): Promise<StoredMount> {
  const mount = await host.api('GET', `sys/mounts/${path}`);
  return { host, prefix: `logical/${mount.uuid}/` };
}

/** Names below a folder of the mount's storage: `wal/`. */
export async function listStored({ host, prefix }: StoredMount, folder: string): Promise<string[]> {
  const answer = await host.request('LIST', `sys/raw/${prefix}${folder}`);
  return answer.status === 404 ? [] : answer.body.data.keys;
}

export async function readStored({ host, prefix }: StoredMount, key: string): Promise<Untyped> {
  const answer = await host.api('GET', `sys/raw/${prefix}${key}`);
  return JSON.parse(answer.data.value);
}

export async function writeStored({ host, prefix }: StoredMount, key: string, record: object): Promise<void> {
  await host.api('PUT', `sys/raw/${prefix}${key}`, { value: JSON.stringify(record) });
}
