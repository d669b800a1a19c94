/** The program: reads its arguments, picks the engine, serves. */
import { promises } from 'node:fs';
import { parseArgs } from 'node:util';
import type { AzureEnvironment } from './engines/azure/settings.ts';
import { errorMessage } from './errors.ts';
import { isStartedByHost } from './goplugin/cookie.ts';
import type { EnvironmentVariables } from './goplugin/environment.ts';
import { writeRefusal } from './goplugin/refusal.ts';
import type { BackendFactory } from './logical/index.ts';
import { runPlugin, type EngineContext } from './run-plugin.ts';
import { PLUGIN_VERSION } from './util/version.ts';

const MINIMUM_NODE = [20, 19] as const;

const HELP = `Azure secrets engines for HashiCorp Vault and OpenBao (${PLUGIN_VERSION}).

This program is a plugin: register it with the server, which then starts it.

  vault plugin register -sha256=SUM -command=vault-plugin-azure secret azure
  vault secrets enable azure

Arguments, given at registration with -args:
  --engine=NAME   azure (default)
  --version       print the version and end
  --help          print this and end
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
  else await runEngine(options.engine);
}

async function runEngine(engineName: string): Promise<void> {
  const loadEngine = ENGINES.get(engineName);
  if (loadEngine !== undefined) await runPlugin({ variables: process.env, engineName, loadEngine });
  else if (ENGINES.has(engineName)) refuse(`the engine "${engineName}" is not available in this version.`);
  else refuse(`unknown engine "${engineName}"; known are ${[...ENGINES.keys()].join(', ')}.`);
}

interface Arguments {
  readonly engine: string;
  readonly version: boolean;
  readonly help: boolean;
}

/** A text for people when an argument is not known. */
function readArguments(args: string[]): Arguments | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        engine: { type: 'string', default: 'azure' },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    return errorMessage(error);
  }
}

async function loadAzureEngine({ variables, logger, clock }: EngineContext): Promise<BackendFactory> {
  const { createAzureBackendFactory } = await import('./engines/azure/backend.ts');
  const { createAzureProviderFactory } = await import('./azure/provider-factory.ts');
  const { createTransport } = await import('./azure/transport.ts');
  const transport = createTransport({
    environment: variables,
    files: { readFile: (path) => promises.readFile(path, 'utf8'), readFolder: (path) => promises.readdir(path) },
    logger,
    clock,
    userAgent: `vault-plugin-azure/${PLUGIN_VERSION.slice(1)}`,
  });
  return createAzureBackendFactory({
    environment: readAzureEnvironment(variables),
    createProvider: createAzureProviderFactory({ transport, clock }),
  });
}

/** The server's own settings win over what is stored. Source: vault-plugin-secrets-azure, client.go. */
function readAzureEnvironment(variables: EnvironmentVariables): AzureEnvironment {
  return {
    subscriptionId: variables['AZURE_SUBSCRIPTION_ID'] ?? '',
    tenantId: variables['AZURE_TENANT_ID'] ?? '',
    clientId: variables['AZURE_CLIENT_ID'] ?? '',
    clientSecret: variables['AZURE_CLIENT_SECRET'] ?? '',
    environment: variables['AZURE_ENVIRONMENT'] ?? '',
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
