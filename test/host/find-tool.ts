/**
 * Finds a host tool: the program its variable names, else one on PATH, else one built earlier into the cache
 * (`$XDG_CACHE_HOME`, else `~/.cache`, then `vault-plugin-azure/NAME-MODULES-GOVERSION-PLATFORM/NAME`). Builds nothing.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { HostTool } from './host-tools.ts';

/** Where a tool is or would be. */
export interface ToolPlace {
  /** Absolute path, when it is there. */
  readonly found?: string;
  /** Where a build goes. Undefined when there is no Go to build with. */
  readonly buildTarget?: string;
  /** What was looked at, for a message: `VAULT_BIN is not set`. */
  readonly looked: readonly string[];
}

/**
 * @param env for the variables and PATH
 * @throws when the variable names something that cannot be executed: a wrong setting is never passed over
 */
export async function locateTool(tool: HostTool, env: NodeJS.ProcessEnv): Promise<ToolPlace> {
  const chosen = env[tool.variable];
  if (chosen !== undefined && chosen !== '') {
    const file = path.resolve(chosen);
    if (!isExecutable(file)) throw new Error(`${tool.variable} names ${file}, which is not an executable file`);
    return { found: file, looked: [] };
  }
  const looked = [`${tool.variable} is not set`];
  if (tool.command !== undefined) {
    const onPath = findOnPath(tool.command, env);
    if (onPath !== undefined) return { found: onPath, looked };
    looked.push(`there is no \`${tool.command}\` on PATH`);
  }
  const goVersion = await readGoVersion(tool, env);
  const cached = findCached(tool, goVersion, env);
  if (cached !== undefined) return { found: cached, looked };
  looked.push(`nothing was built before in ${cacheFolder(env)}`);
  if (goVersion === undefined) return { looked: [...looked, 'Go is not installed'] };
  return { buildTarget: path.join(cacheFolder(env), cacheKey(tool, goVersion), tool.name), looked };
}

/**
 * The tool for a test, which has no time to build it.
 * @throws with what was looked at and what to do
 */
export async function findTool(tool: HostTool, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const place = await locateTool(tool, env);
  if (place.found !== undefined) return place.found;
  throw new Error(`${describeMissing(tool, place)} Start the suite with \`npm run test:e2e\`, which builds it.`);
}

export const describeMissing = (tool: HostTool, place: ToolPlace): string =>
  `${tool.title} is missing: ${place.looked.join(', ')}.`;

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'];
  // The specification of that variable has relative paths ignored.
  const root = base !== undefined && path.isAbsolute(base) ? base : path.join(env['HOME'] ?? os.homedir(), '.cache');
  return path.join(root, 'vault-plugin-azure');
}

function cacheKey(tool: HostTool, goVersion: string): string {
  return [modulePrefix(tool), goVersion, process.platform, process.arch].join('-');
}

/** `vault-` and the first digits of the hash of everything that decides what is built. */
function modulePrefix(tool: HostTool): string {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(tool.moduleFolder, name)));
  hash.update([tool.package, ...tool.tags].join(' '));
  return `${tool.name}-${hash.digest('hex').slice(0, 12)}`;
}

/** Without Go, a program of the same modules built by any version of it will do. */
function findCached(tool: HostTool, goVersion: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const folder = cacheFolder(env);
  if (!existsSync(folder)) return undefined;
  const suffix = `-${process.platform}-${process.arch}`;
  return readdirSync(folder)
    .filter((name) =>
      goVersion === undefined
        ? name.startsWith(`${modulePrefix(tool)}-`) && name.endsWith(suffix)
        : name === cacheKey(tool, goVersion),
    )
    .map((name) => path.join(folder, name, tool.name))
    .find(isExecutable);
}

/** For example `go1.26.8`: of the toolchain that the module asks for, which may not be the one on PATH. */
async function readGoVersion(tool: HostTool, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: tool.moduleFolder, env });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

function findOnPath(command: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, command))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
