// package-lock.json can be installed by anybody: it names every package that another one asks for, also the optional
// ones for other platforms. A lock file written beside an existing node_modules may lack those, and `npm ci` refuses it
// on the next clean checkout.
import { runAlone } from './lib/run-alone.mjs';
import { readSource } from './lib/sources.mjs';

/** @returns {Promise<string[]>} one line per package that is asked for and not there, or another version */
export async function checkLock() {
  return findLockProblems(JSON.parse(readSource('package.json')), JSON.parse(readSource('package-lock.json')).packages);
}

/**
 * @param {Record<string, Record<string, string>>} manifest package.json
 * @param {Record<string, Record<string, unknown>>} packages of the lock file, by folder; '' is the repository
 */
export function findLockProblems(manifest, packages) {
  const problems = [];
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      const locked = packages[`node_modules/${name}`]?.version;
      if (locked !== version) problems.push(`package.json has ${name} ${version}, package-lock.json ${locked}`);
    }
  }
  for (const [folder, entry] of Object.entries(packages)) {
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      if (!isLocked(packages, folder, name)) problems.push(`package-lock.json: ${folder} asks for ${name}, not in it`);
    }
  }
  return problems;
}

/** Looks where Node would: in the package's own node_modules, then in each one above it. */
function isLocked(packages, folder, name) {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[candidate] !== undefined) return true;
    if (at === '') return false;
  }
}

await runAlone(import.meta.url, checkLock);
