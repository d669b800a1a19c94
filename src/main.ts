/** The program: reads its arguments, picks the engine, serves. */
import { promises } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { AzureEnvironment } from './engines/azure/settings.ts';
import { errorMessage } from './errors.ts';
import { isStartedByHost } from './goplugin/cookie.ts';
import type { EnvironmentVariables } from './goplugin/environment.ts';
import { writeRefusal } from './goplugin/refusal.ts';
import type { BackendFactory } from './logical/index.ts';
import { runPlugin, type EngineContext } from './run-plugin.ts';
import { systemSmallFiles } from './util/small-file.ts';
import { PLUGIN_VERSION } from './util/version.ts';

const MINIMUM_NODE = [20, 19] as const;

const HELP = `Azure secrets engines for HashiCorp Vault and OpenBao (${PLUGIN_VERSION}).

This program is a plugin: register it with the server, which then starts it.

  vault plugin register -sha256=SUM -command=vault-plugin-azure secret azure
  vault secrets enable azure

Arguments, given at registration with -args:
  --engine=NAME                azure (default)
  --federated-token-dir=PATH   a folder in which federated_token_file of a
                               config may lie; may be given more than once
  --version                    print the version and end
  --help                       print this and end
`;

/** Engines by the name that is given at registration. */
const ENGINES = new Map([
  ['azure', loadAzureEngine],
  ['keymgmt', undefined],
  ['sync', undefined],
]);

async function main(): Promise<void> {
  if (!isNodeRecent(process.versions.node)) {
    refuse(`Node ${MINIMUM_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
    return;
  }
  const options = readArguments(process.argv.slice(2));
  if (typeof options === 'string') refuse(`${options}. Try --help.`);
  else if (options.help) process.stdout.write(HELP);
  else if (options.version) process.stdout.write(`vault-plugin-azure ${PLUGIN_VERSION}\n`);
  else await runEngine(options);
}

async function runEngine(options: Arguments): Promise<void> {
  const { engine: engineName } = options;
  const load = ENGINES.get(engineName);
  const loadEngine = load === undefined ? undefined : (context: EngineContext) => load(context, options);
  if (loadEngine !== undefined) await runPlugin({ variables: process.env, engineName, loadEngine });
  else if (ENGINES.has(engineName)) refuse(`the engine "${engineName}" is not available in this version.`);
  else refuse(`unknown engine "${engineName}"; known are ${[...ENGINES.keys()].join(', ')}.`);
}

interface Arguments {
  readonly engine: string;
  /** Absolute, without a slash at the end. */
  readonly federatedTokenFolders: readonly string[];
  readonly version: boolean;
  readonly help: boolean;
}

/** A text for people when an argument is not known, or its value of no use. */
function readArguments(args: string[]): Arguments | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        engine: { type: 'string', default: 'azure' },
        'federated-token-dir': { type: 'string', multiple: true, default: [] },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { 'federated-token-dir': folders, ...others } = values;
    const unusable = folders.find((folder) => !isAbsolute(folder) || resolve(folder) === '/');
    if (unusable !== undefined) {
      return `--federated-token-dir must be the absolute path of a folder below "/"; this is "${unusable}"`;
    }
    return { ...others, federatedTokenFolders: folders.map((folder) => resolve(folder)) };
  } catch (error) {
    return errorMessage(error);
  }
}

async function loadAzureEngine(
  { variables, logger, clock }: EngineContext,
  { federatedTokenFolders }: Arguments,
): Promise<BackendFactory> {
  const { createAzureBackendFactory } = await import('./engines/azure/backend.ts');
  const { createAzureProviderFactory } = await import('./azure/provider-factory.ts');
  const { createTransport } = await import('./azure/transport.ts');
  const { TokenFiles } = await import('./engines/azure/token-files.ts');
  const environment = readAzureEnvironment(variables);
  const transport = createTransport({
    environment: variables,
    files: { readFile: (path) => promises.readFile(path, 'utf8'), readFolder: (path) => promises.readdir(path) },
    logger,
    clock,
    userAgent: `vault-plugin-azure/${PLUGIN_VERSION.slice(1)}`,
  });
  return createAzureBackendFactory({
    environment,
    tokenFiles: new TokenFiles({
      allowedFolders: [...federatedTokenFolders, ...folderOf(environment.federatedTokenFile)],
      files: systemSmallFiles,
    }),
    createProvider: createAzureProviderFactory({ transport, clock }),
  });
}

/** Who sets the variable controls the server. A path of no use allows nothing; config says what is wrong with it. */
function folderOf(federatedTokenFile: string): string[] {
  const folder = dirname(federatedTokenFile);
  return isAbsolute(federatedTokenFile) && folder !== '/' ? [folder] : [];
}

/** The server's own settings win over what is stored. Source: vault-plugin-secrets-azure, client.go. */
function readAzureEnvironment(variables: EnvironmentVariables): AzureEnvironment {
  return {
    subscriptionId: variables['AZURE_SUBSCRIPTION_ID'] ?? '',
    tenantId: variables['AZURE_TENANT_ID'] ?? '',
    clientId: variables['AZURE_CLIENT_ID'] ?? '',
    clientSecret: variables['AZURE_CLIENT_SECRET'] ?? '',
    environment: variables['AZURE_ENVIRONMENT'] ?? '',
    federatedTokenFile: variables['AZURE_FEDERATED_TOKEN_FILE'] ?? '',
  };
}

function isNodeRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
}

function refuse(text: string): void {
  process.stderr.write(`vault-plugin-azure: ${text}\n`);
  if (isStartedByHost(process.env)) writeRefusal(text);
  process.exitCode = 1;
}

void main();
