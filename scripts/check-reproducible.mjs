// Builds the plugin in two other folders, one with a space in its path, and compares the bytes with each other and with
// the committed plugin.sha256: what an operator registers is what anybody can build from these sources.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execKept } from './lib/exec.mjs';
import { ROOT, fromRoot } from './lib/paths.mjs';

const SOURCES = ['src', 'scripts', 'proto', 'package.json', 'package-lock.json', 'tsconfig.json', 'plugin.sha256'];

/**
 * @param {string} [entry] the bundle's entry, relative to the root
 * @returns {Promise<string>} one line that says what was compared
 * @throws with a text for the developer when anything differs
 */
export async function checkReproducible(entry = 'src/main.ts') {
  const folders = ['plain-', 'with space-'].map((prefix) => mkdtempSync(path.join(os.tmpdir(), prefix)));
  try {
    const sums = [];
    for (const folder of folders) sums.push(await buildIn(realpathSync(folder), entry));
    if (sums[0] !== sums[1]) throw new Error(`two builds in two folders differ: ${sums[0]} and ${sums[1]}`);
    const committed = existsSync(fromRoot('plugin.sha256')) ? readFileSync(fromRoot('plugin.sha256'), 'utf8') : '';
    const line = `${sums[0]}  dist/vault-plugin-azure\n`;
    if (committed !== line) {
      throw new Error(
        `plugin.sha256 is not the sum of these sources.\n  file:  ${committed.trim()}\n  built: ${line.trim()}\n` +
          'Run `npm run build` and commit plugin.sha256.',
      );
    }
    return `two builds in two folders are equal and match plugin.sha256: ${sums[0]}`;
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

async function buildIn(folder, entry) {
  for (const name of SOURCES) {
    if (existsSync(fromRoot(name))) cpSync(fromRoot(name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(realpathSync(fromRoot('node_modules')), path.join(folder, 'node_modules'));
  const args = [path.join(folder, 'scripts/run.mjs'), 'build', '--entry', path.resolve(ROOT, entry).replace(ROOT, '.')];
  const { code, output } = await execKept(process.execPath, args, { cwd: folder });
  if (code !== 0) throw new Error(`the build in ${folder} failed:\n${output}`);
  return createHash('sha256')
    .update(readFileSync(path.join(folder, 'dist/vault-plugin-azure')))
    .digest('hex');
}
