// esbuild's settings for the plugin file, and the two things its text must not do: load code from outside the file
// (the host's checksum covers this file only) and name a folder of the machine it was built on.
import { isBuiltin } from 'node:module';
import os from 'node:os';
import { build } from 'esbuild';
import { ROOT } from './paths.mjs';

/**
 * Packages that are bundled because something imports them, and never run, or not at once. `open` and `supports-color` would also do
 * harm: the first computes a path that a bundle does not have, the second is an optional require that a folder planted
 * beside the plugin could answer.
 * `google-protobuf` is only put off until its first use.
 * `jsonwebtoken` stays, 86 kB with what it needs: it signs for certificate credentials, and runs only then.
 */
const STUBS = {
  open: './scripts/stubs/open.mjs',
  'supports-color': './scripts/stubs/supports-color.mjs',
  '@grpc/proto-loader': './scripts/stubs/proto-loader.mjs',
  'google-protobuf': './scripts/stubs/google-protobuf.mjs',
};

/**
 * @param {string} entry relative to the root
 * @returns {Promise<{text: string, sourceMap: Uint8Array, metafile: import('esbuild').Metafile}>}
 */
export async function bundle(entry) {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: 'dist/plugin.cjs',
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The ES module build of a package shakes down to less: 190 kB of the whole.
    mainFields: ['module', 'main'],
    // node_modules may be a link to another folder; its real path must not reach the output.
    preserveSymlinks: true,
    // Identifiers stay: shorter ones start no faster and spoil every stack trace.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    charset: 'ascii',
    banner: { js: '#!/usr/bin/env node' },
    sourcemap: 'external',
    alias: STUBS,
    logLevel: 'silent',
  }).catch((error) => {
    throw new Error(`esbuild: ${error.message}`);
  });
  const script = result.outputFiles.find((file) => file.path.endsWith('.cjs'));
  const sourceMap = result.outputFiles.find((file) => file.path.endsWith('.map'));
  const problems = [...result.warnings.map(describeWarning), ...findForeignCode(script.text)];
  if (problems.length > 0) throw new Error(`the bundle is not fit to ship:\n  ${problems.join('\n  ')}`);
  return { text: script.text, sourceMap: sourceMap.contents, metafile: result.metafile };
}

/**
 * @param {string} text of the bundle
 * @returns {string[]} one line per `require(` or `import(` that does not name a built-in, and per path of this machine
 */
export function findForeignCode(text) {
  const problems = [];
  for (const [call, argument] of text.matchAll(/(?<![\w$.])(?:require|import)\(([^)]*)\)/g)) {
    const name = /^\s*(["'`])([^"'`$]+)\1\s*$/.exec(argument)?.[2];
    if (name === undefined || !isBuiltin(name)) problems.push(`${call}: not a built-in of Node`);
  }
  for (const folder of new Set([ROOT, os.homedir()])) {
    if (folder.length > 1 && text.includes(`${folder}/`)) problems.push(`contains the path ${folder}`);
  }
  return problems;
}

const describeWarning = ({ text, location }) =>
  `esbuild warns: ${text}${location === null ? '' : ` (${location.file}:${location.line})`}`;
