/** The two Go programs that tests run beside the plugin. Both are test tools and never shipped. */
import { fromRepository } from '../helpers/repository.ts';

export interface HostTool {
  /** File name of the program, and of its folder in the cache. */
  readonly name: string;
  /** For messages. */
  readonly title: string;
  /** Environment variable that names a program to use instead. */
  readonly variable: string;
  /** Taken from PATH when it is there. */
  readonly command?: string;
  /** Folder with go.mod and go.sum. */
  readonly moduleFolder: string;
  /** Go package to build. */
  readonly package: string;
  readonly tags: readonly string[];
}

export const VAULT: HostTool = {
  name: 'vault',
  title: 'HashiCorp Vault',
  variable: 'VAULT_BIN',
  command: 'vault',
  moduleFolder: fromRepository('test/host/vault'),
  package: 'github.com/hashicorp/vault',
  // Leaves out what no test needs, among it most built-in plugins: half the size and minutes less to build.
  tags: ['minimal'],
};

export const GO_PLUGIN: HostTool = {
  name: 'vault-plugin-secrets-azure',
  title: 'the official Go plugin',
  variable: 'GO_PLUGIN_BIN',
  moduleFolder: fromRepository('test/host/azure-plugin'),
  package: 'github.com/hashicorp/vault-plugin-secrets-azure/cmd/vault-plugin-secrets-azure',
  tags: [],
};
