// Everything in the repository that is made from something else. `npm run generate` writes it; with --check it only
// says what would change, which `npm run check` does. A generator is a module with `generate(): Promise<Map>`, from
// file names relative to the root to their whole text.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from './lib/paths.mjs';

/** @type {readonly {name: string, load: () => Promise<{generate: () => Promise<Map<string, string>>}>}[]} */
const GENERATORS = [{ name: 'third-party notices', load: () => import('./generate-notices.mjs') }];

/** @param {string[]} args */
export async function main(args) {
  const stale = await findStale();
  if (args.includes('--check')) {
    for (const { file } of stale) console.error(describeStale(file));
    return stale.length === 0 ? 0 : 1;
  }
  for (const { file, text } of stale) {
    mkdirSync(path.dirname(fromRoot(file)), { recursive: true });
    writeFileSync(fromRoot(file), text);
    console.log(`wrote ${file}`);
  }
  return 0;
}

/** @returns {Promise<string[]>} one line per file that is not what its generator makes */
export async function checkGenerated() {
  return (await findStale()).map(({ file }) => describeStale(file));
}

const describeStale = (file) => `${file} is out of date: run \`npm run generate\` and commit it`;

async function findStale() {
  const stale = [];
  for (const { load } of GENERATORS) {
    const { generate } = await load();
    for (const [file, text] of await generate()) {
      const current = existsSync(fromRoot(file)) ? readFileSync(fromRoot(file), 'utf8') : undefined;
      if (current !== text) stale.push({ file, text });
    }
  }
  return stale;
}
