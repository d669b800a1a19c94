// Installs the packages of package-lock.json when node_modules is not what the lock file says. npm itself notes what it
// installed in node_modules/.package-lock.json, as its last step, so comparing the two needs no stamp of our own.
import { spawn } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { ROOT, fromRoot } from './paths.mjs';
import { withProgress } from './progress.mjs';

/** Runs `npm ci` if needed; ends the process with its code when that fails. */
export async function ensureDependencies() {
  const mismatch = findMismatch(readPackages('package-lock.json'), readPackages('node_modules/.package-lock.json'));
  if (mismatch === undefined) return;
  if (isLink('node_modules')) {
    // A second working tree that borrows the first one's packages: installing here would pull them from under it.
    console.error(
      `warning: node_modules is a link and differs from package-lock.json (${mismatch}); using it as it is`,
    );
    return;
  }
  console.log(`Installing the packages of package-lock.json (${mismatch}) with npm ci …`);
  const code = await withProgress('npm ci', installPackages());
  if (code !== 0) {
    console.error(`npm ci failed with exit code ${code}.`);
    process.exit(code);
  }
}

/**
 * Says what differs, or undefined when nothing does. Optional packages may be absent: most are for other platforms.
 * @param {Record<string, {version?: string, integrity?: string, optional?: boolean, devOptional?: boolean}> | undefined} wanted
 * @param {Record<string, {version?: string, integrity?: string}> | undefined} installed
 */
export function findMismatch(wanted, installed) {
  if (wanted === undefined) return 'package-lock.json is missing';
  if (installed === undefined) return 'nothing is installed';
  for (const [folder, entry] of Object.entries(wanted)) {
    if (folder === '') continue;
    const found = installed[folder];
    if (found === undefined) {
      if (entry.optional === true || entry.devOptional === true) continue;
      return `${folder} is missing`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${folder} is another version`;
  }
  const extra = Object.keys(installed).find((folder) => wanted[folder] === undefined);
  return extra === undefined ? undefined : `${extra} is not in the lock file`;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(fromRoot(file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function isLink(name) {
  return lstatSync(fromRoot(name), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** `--include=dev` because NODE_ENV=production in the shell would leave the tools out. */
function installPackages() {
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npmScript = process.env.npm_execpath;
  const [file, fileArgs] =
    npmScript !== undefined && npmScript.endsWith('npm-cli.js')
      ? [process.execPath, [npmScript, ...args]]
      : [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
  return new Promise((resolve) => {
    const child = spawn(file, fileArgs, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(`npm could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}
