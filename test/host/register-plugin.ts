/** Registering plugins with a running host and mounting them, the steps that nearly every test of one begins with. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { fromRepository } from '../helpers/repository.ts';
import type { RunningVault } from './start-vault.ts';

/** The plugin file that `npm run build` made, and the sum that goes with it. */
export interface PluginFile {
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface Registration {
  /** Name in the catalog, which mounts refer to: `azure`. */
  readonly name: string;
  /** File name in the plugin directory. Default: `name`. */
  readonly command?: string;
  readonly sha256: string;
  /** With a leading `v`. Default: none, the plugin's own. */
  readonly version?: string;
  readonly args?: readonly string[];
  /** `NAME=value` each. */
  readonly env?: readonly string[];
}

export interface Mount {
  /** Without slash at the end: `azure`, `team/azure`. */
  readonly path: string;
  /** Name in the catalog. */
  readonly plugin: string;
  readonly version?: string;
  /** Tuning: `default_lease_ttl`, `max_lease_ttl`, … */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Other fields of the mount call: `local`, `seal_wrap`, `description`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What an operator installs: the built file with the sum of plugin.sha256, which is checked by the host, not here. */
export function readBuiltPlugin(): PluginFile {
  const [sha256 = '', name = ''] = readFileSync(fromRepository('plugin.sha256'), 'utf8').trim().split(/ +/);
  return { file: fromRepository(name), sha256 };
}

/** Any other file with its sum, for example the official Go plugin. */
export async function readPluginFile(file: string): Promise<PluginFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return { file, sha256: hash.digest('hex') };
}

/** @throws HostApiError when the host refuses it */
export async function registerPlugin(host: RunningVault, registration: Registration): Promise<void> {
  const { name, command = name, sha256, version, args, env } = registration;
  await host.api('PUT', `sys/plugins/catalog/secret/${name}`, { command, sha256, version, args, env });
}

/** @throws HostApiError when the host refuses it, for example since the plugin does not start */
export async function enableMount(host: RunningVault, mount: Mount): Promise<void> {
  const { path, plugin, version, config, fields } = mount;
  await host.api('POST', `sys/mounts/${path}`, {
    type: plugin,
    config: { ...config, plugin_version: version },
    ...fields,
  });
}

/** Installs, registers and mounts in one go. The file's name in the plugin directory is the name in the catalog. */
export async function mountPlugin(
  host: RunningVault,
  plugin: PluginFile,
  options: Omit<Registration, 'sha256' | 'command'> & { readonly path?: string },
): Promise<void> {
  const { path = options.name, ...registration } = options;
  host.installPlugin(registration.name, plugin.file);
  await registerPlugin(host, { ...registration, sha256: plugin.sha256 });
  await enableMount(host, { path, plugin: registration.name });
}
