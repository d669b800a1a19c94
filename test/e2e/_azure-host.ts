/**
 * What most files here start from: a real host whose Azure is the emulator, with the built plugin registered. Each test
 * mounts it at a path of its own, so that tests of one file share the server and nothing else. Once all have passed,
 * the tenant must hold what it held before, and no secret may show in the host's log.
 */
import type { TestFn } from 'ava';
import { ClientSecretCredential } from '@azure/identity';
import { startEmulator } from '../emulator/index.ts';
import type { StartedEmulator } from '../emulator/index.ts';
import { createAzureTunnel } from '../helpers/azure-tunnel.ts';
import type { AzureTunnel } from '../helpers/azure-tunnel.ts';
import { serveOneVault } from '../host/one-vault.ts';
import { enableMount, readBuiltPlugin, registerPlugin } from '../host/register-plugin.ts';
import type { Mount } from '../host/register-plugin.ts';
import type { RunningVault, VaultOptions } from '../host/start-vault.ts';
import { AzureMount } from './_mount.ts';
import { assertTenantUnchanged, readTenantContent } from './_tenant.ts';
import type { TenantContent } from './_tenant.ts';

/** Name of the built plugin in the catalog. */
export const PLUGIN = 'azure';

/** The environment that points a host and its plugins, ours and the official one, at an emulator. */
export function azureEnvironment({ proxyUrl, caFile }: StartedEmulator): Record<string, string> {
  return {
    HTTPS_PROXY: proxyUrl,
    NO_PROXY: '127.0.0.1,localhost',
    SSL_CERT_FILE: caFile,
    SSL_CERT_DIR: '/nonexistent',
  };
}

export interface Credential {
  readonly clientId: string;
  readonly clientSecret: string;
}

export class AzureHost {
  readonly host: RunningVault;
  readonly emulator: StartedEmulator;
  /** Every secret that the host must keep to itself, or has handed out through a mount of here. */
  readonly secrets: Set<string>;
  readonly #tunnel: AzureTunnel;

  constructor(host: RunningVault, emulator: StartedEmulator) {
    this.host = host;
    this.emulator = emulator;
    this.secrets = new Set([emulator.clientSecret]);
    this.#tunnel = createAzureTunnel(emulator);
  }

  /** For example `/subscriptions/…/resourceGroups/vault-resource-group`. */
  get scope(): string {
    const { subscriptionId, resourceGroups } = this.emulator;
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroups[0] ?? ''}`;
  }

  /** Mounts the plugin and configures it with `config` on top of the seeded operator. */
  async mount(path: string, { config = {}, ...mount }: Partial<Mount> & { config?: object } = {}): Promise<AzureMount> {
    await enableMount(this.host, { path, plugin: PLUGIN, ...mount });
    const { subscriptionId, tenantId, clientId, clientSecret } = this.emulator;
    await this.host.api('POST', `${path}/config`, {
      subscription_id: subscriptionId,
      tenant_id: tenantId,
      client_id: clientId,
      client_secret: clientSecret,
      ...config,
    });
    return new AzureMount(this.host, path, this.secrets);
  }

  /** A role's field for one assignment at `scope`. */
  azureRoles(roleName = 'Reader'): string {
    return JSON.stringify([{ role_name: roleName, scope: this.scope }]);
  }

  /**
   * Asks for a token as a workload would, with Azure's own library and nothing cached.
   * @returns false when Entra refuses the credential
   * @throws for every other failure
   */
  async canLogIn({ clientId, clientSecret }: Credential): Promise<boolean> {
    const credential = new ClientSecretCredential(this.emulator.tenantId, clientId, clientSecret, {
      httpClient: this.#tunnel.httpClient,
      retryOptions: { maxRetries: 0 },
    });
    try {
      await credential.getToken('https://management.azure.com/.default');
      return true;
    } catch (error) {
      // No such application or secret: gone.
      if (error instanceof Error && /AADSTS(700016|7000215|7000229)\b/.test(error.message)) return false;
      throw error;
    }
  }
}

/** @returns a function that gives the host to a test */
export function serveAzureHost(test: TestFn, options: VaultOptions = {}): () => AzureHost {
  let emulator: StartedEmulator | undefined;
  let before: TenantContent | undefined;
  let running: AzureHost | undefined;
  serveOneVault(test, options, {
    beforeStart: async () => {
      emulator = await startEmulator();
      before = readTenantContent(emulator);
      return { env: { ...azureEnvironment(emulator), ...options.env } };
    },
    prepare: async (host) => {
      const { file, sha256 } = readBuiltPlugin();
      host.installPlugin(PLUGIN, file);
      await registerPlugin(host, { name: PLUGIN, sha256 });
      if (emulator !== undefined) running = new AzureHost(host, emulator);
    },
    afterStop: async () => emulator?.stop(),
  });
  test.after('the tenant holds what it held before', async (t) => {
    if (emulator !== undefined && before !== undefined) await assertTenantUnchanged(t, emulator, before);
  });
  test.after('the log holds no secret', (t) => {
    const logs = running?.host.logs() ?? '';
    t.deepEqual(
      [...(running?.secrets ?? [])].filter((secret) => logs.includes(secret)),
      [],
    );
  });
  return () => {
    if (running === undefined) throw new Error('the host is not started yet');
    return running;
  };
}
