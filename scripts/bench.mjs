// Ours beside the official Go plugin (test/bench), after building ours. It prints and never judges: how fast a machine
// is today is no property of the code.
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { main as compile } from './compile.mjs';
import { fromRoot } from './lib/paths.mjs';

const USAGE = `usage: npm run bench -- [options]

  --only=NAME      start, enable, reads or creds; may be repeated
  --json           the figures as JSON on stdout
  --against=FILE   compare with this plugin instead of the official one, for example with an older build
  --no-build       take what was built last
  --help`;

/** @param {string[]} args */
export async function main(args) {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  if (!args.includes('--no-build')) {
    console.error('compiling and building …');
    const compiled = await compile();
    if (compiled !== 0) return compiled;
    await build();
  }
  process.setSourceMapsEnabled(true);
  const bench = await import(pathToFileURL(fromRoot('build/test/bench/main.js')).href);
  return bench.main(args.filter((argument) => argument !== '--no-build'));
}
