// A guided tour of the plugin on a real Vault and the fake Azure (test/demo), after building all of it. Runs in this
// process, so that a Ctrl-C finds the one that has to tidy up.
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { main as compile } from './compile.mjs';
import { fromRoot } from './lib/paths.mjs';

const USAGE = `usage: npm run demo -- [options]

  --keep      leave everything running after the tour, until Ctrl-C
  --no-build  take what was built last
  --help`;

/** @param {string[]} args */
export async function main(args) {
  const { values } = parseArgs({
    args,
    options: { keep: { type: 'boolean' }, 'no-build': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!values['no-build']) {
    console.log('compiling the fake Azure and the tour …');
    const compiled = await compile();
    if (compiled !== 0) return compiled;
    console.log('building the plugin …');
    const { file, sizeBytes, sha256 } = await build();
    console.log(`built ${file}, ${sizeBytes} bytes, sha256 ${sha256}`);
  }
  process.setSourceMapsEnabled(true);
  const demo = await import(pathToFileURL(fromRoot('build/test/demo/main.js')).href);
  return demo.main(values.keep ? ['--keep'] : []);
}
