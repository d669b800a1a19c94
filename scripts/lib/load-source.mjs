// Runs a script that imports our TypeScript, without a compiler's output folder, which may be stale: esbuild joins the
// sources in memory. For generators.
import { build } from 'esbuild';
import { ROOT } from './paths.mjs';

/**
 * @param {string} entry relative to the root, for example `scripts/entries/azure-paths.mjs`
 * @returns {Promise<Record<string, unknown>>} what it exports
 */
export async function loadSource(entry) {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Loaded lazily by the sources, and never here.
    packages: 'external',
    logLevel: 'silent',
  });
  const [{ text }] = result.outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(text, 'utf8').toString('base64')}`);
}
