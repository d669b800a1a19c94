// esbuild's settings for the plugin file, and the two things its text must not do: load code from outside the file
// (the host's checksum covers this file only) and name a folder of the machine it was built on.
import { isBuiltin } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { build, transform } from 'esbuild';
import { joinParts } from './parts.mjs';
import { ROOT } from './paths.mjs';

/** Only a name: nothing is written there. */
const OUTPUT_FOLDER = 'dist';

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
 * In two steps, since esbuild splits only ES modules: chunks by what is imported lazily, then each as CommonJS.
 * @param {string} entry relative to the root
 * @returns {Promise<{text: string, sourceMap: object, metafile: import('esbuild').Metafile}>}
 */
export async function bundle(entry) {
  const { chunks, mainName, metafile, warnings } = await split(entry);
  const converted = await Promise.all(chunks.map(toCommonJs));
  const { text, sourceMap } = joinParts(converted, mainName);
  const partNames = new Set(chunks.map(({ name }) => `./${name}`));
  const problems = [
    ...warnings.map(describeWarning),
    ...converted.flatMap((chunk) => findForeignCode(chunk.text, partNames)),
    ...findForeignPaths(text),
  ];
  if (problems.length > 0) throw new Error(`the bundle is not fit to ship:\n  ${problems.join('\n  ')}`);
  return { text, sourceMap, metafile };
}

const COMMON_SETTINGS = {
  target: 'node20',
  // Identifiers stay: shorter ones start no faster and spoil every stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  charset: 'ascii',
  logLevel: 'silent',
};

async function split(entry) {
  const { metafile, outputFiles, warnings } = await build({
    ...COMMON_SETTINGS,
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outdir: OUTPUT_FOLDER,
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    // The ES module build of a package shakes down to less: 190 kB of the whole.
    mainFields: ['module', 'main'],
    // node_modules may be a link to another folder; its real path must not reach the output.
    preserveSymlinks: true,
    // For the second step, which reads it.
    sourcemap: 'inline',
    alias: STUBS,
  }).catch((error) => {
    throw new Error(`esbuild: ${error.message}`);
  });
  const main = Object.keys(metafile.outputs).find(
    (file) => metafile.outputs[file].entryPoint === path.normalize(entry),
  );
  const early = reachedAtOnce(metafile, main);
  const chunks = outputFiles.map((file) => {
    const output = path.relative(ROOT, file.path);
    return { name: path.basename(output), text: file.text, isEarly: early.has(output) };
  });
  return { chunks, mainName: path.basename(main), metafile, warnings };
}

/** The chunks that run before anything is imported lazily. */
function reachedAtOnce({ outputs }, main) {
  const reached = new Set([main]);
  for (const file of reached) {
    for (const { path: imported, kind, external } of outputs[file].imports) {
      if (!external && kind === 'import-statement') reached.add(imported);
    }
  }
  return reached;
}

async function toCommonJs({ name, text, isEarly }) {
  const { code, map } = await transform(text, {
    ...COMMON_SETTINGS,
    format: 'cjs',
    platform: 'node',
    // Else the lazy imports would stay as they are, and ask Node for a file.
    supported: { 'dynamic-import': false },
    sourcefile: name,
    sourcemap: 'external',
  });
  return { name, isEarly, text: code, sourceMap: JSON.parse(map) };
}

/**
 * The file's own loader refuses at run time what is found here; found at build time, it never gets that far.
 * @param {string} text of a chunk
 * @param {ReadonlySet<string>} [partNames] what it may ask for besides, for example `./main.js`
 * @returns {string[]} one line per `require(` or `import(` that names neither a built-in nor a part
 */
export function findForeignCode(text, partNames = new Set()) {
  const problems = [];
  // `__require` is what esbuild makes of `require` in packages; it may come from another chunk, as `(0,chunk.__require)`.
  const calls = /(?:(?<![\w$.])(?:require|__require|import)|\(0,[\w$]+\.__require\))\(([^)]*)\)/g;
  for (const [call, argument] of text.matchAll(calls)) {
    const name = /^\s*(["'`])([^"'`$]+)\1\s*$/.exec(argument)?.[2];
    if (name === undefined || !(isBuiltin(name) || partNames.has(name)))
      problems.push(`${call}: not a built-in of Node`);
  }
  return problems;
}

/** Folders of the machine that it was built on. */
function findForeignPaths(text) {
  return [...new Set([ROOT, os.homedir()])]
    .filter((folder) => folder.length > 1 && text.includes(`${folder}/`))
    .map((folder) => `contains the path ${folder}`);
}

const describeWarning = ({ text, location }) =>
  `esbuild warns: ${text}${location === null ? '' : ` (${location.file}:${location.line})`}`;
