// Builds the plugin: one CommonJS file that the host can exec, the same bytes from any folder, and its SHA-256.
// Options: --outdir DIR (default dist), --entry FILE (default src/main.ts), --check (two builds elsewhere, compared).
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkReproducible } from './check-reproducible.mjs';
import { bundle } from './lib/bundle.mjs';
import { ROOT, fromRoot } from './lib/paths.mjs';

/** Name of the artefact and of the command in `vault plugin register`. */
export const PLUGIN_NAME = 'vault-plugin-azure';
export const SUM_FILE = 'plugin.sha256';
const DEFAULT_OUTDIR = 'dist';

/** @param {string[]} args */
export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      outdir: { type: 'string', default: DEFAULT_OUTDIR },
      entry: { type: 'string', default: 'src/main.ts' },
      check: { type: 'boolean', default: false },
    },
  });
  try {
    if (values.check) {
      console.log(await checkReproducible(values.entry));
    } else {
      const built = await build(values);
      console.log(`${built.file}  ${built.sizeBytes} bytes  sha256 ${built.sha256}`);
    }
    return 0;
  } catch (error) {
    console.error(error.message);
    return 1;
  }
}

/**
 * Writes the file, its source map, esbuild's metafile and the package.json that makes it CommonJS. `plugin.sha256` is
 * written only for the default folder: that is the sum that gets committed.
 * @param {{outdir?: string, entry?: string}} [options]
 * @returns {Promise<{file: string, sizeBytes: number, sha256: string}>}
 * @throws when esbuild warns, or the text would load something outside the file
 */
export async function build({ outdir = DEFAULT_OUTDIR, entry = 'src/main.ts' } = {}) {
  const { text, sourceMap, metafile } = await bundle(entry);
  const folder = path.resolve(ROOT, outdir);
  const file = path.join(folder, PLUGIN_NAME);
  mkdirSync(folder, { recursive: true });
  // A running plugin may still have the old file open: replace it, never write into it.
  rmSync(file, { force: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  writeFileSync(`${file}.map`, JSON.stringify(sourceMap));
  writeFileSync(path.join(folder, 'meta.json'), `${JSON.stringify(metafile)}\n`);
  // Node decides by the nearest package.json what a file without extension is, and ours above says "module".
  writeFileSync(path.join(folder, 'package.json'), '{"type":"commonjs"}\n');
  const sha256 = createHash('sha256').update(text).digest('hex');
  if (outdir === DEFAULT_OUTDIR) writeFileSync(fromRoot(SUM_FILE), `${sha256}  ${DEFAULT_OUTDIR}/${PLUGIN_NAME}\n`);
  return { file: path.relative(ROOT, file), sizeBytes: Buffer.byteLength(text), sha256 };
}
