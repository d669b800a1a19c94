// Everything in the repository that is made from something else. `npm run generate` writes it; with --check it only
// says what would change, which `npm run check` does. A generator is a module with `generate(): Promise<Map>`, from
// file names relative to the root to their whole text.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from './lib/paths.mjs';

/**
 * In this order: the notices are made from a bundle, which needs the codecs.
 * @type {readonly {name: string, load: () => Promise<{generate: () => Promise<Map<string, string>>}>}[]}
 */
const GENERATORS = [
  { name: 'wire codecs', load: () => import('./generate-codecs.mjs') },
  { name: 'API reference', load: () => import('./generate-api-docs.mjs') },
  { name: 'third-party notices', load: () => import('./generate-notices.mjs') },
];

/** @param {string[]} args */
export async function main(args) {
  if (args.includes('--check')) {
    const lines = await checkGenerated();
    for (const line of lines) console.error(line);
    return lines.length === 0 ? 0 : 1;
  }
  for (const generator of GENERATORS) {
    for (const { file, text } of await findStale(generator)) {
      mkdirSync(path.dirname(fromRoot(file)), { recursive: true });
      writeFileSync(fromRoot(file), text);
      console.log(`wrote ${file}`);
    }
  }
  return 0;
}

/** @returns {Promise<string[]>} one line per file that is not what its generator makes */
export async function checkGenerated() {
  const stale = [];
  for (const generator of GENERATORS) stale.push(...(await findStale(generator)));
  return stale.map(({ file }) => `${file} is out of date: run \`npm run generate\` and commit it`);
}

async function findStale({ load }) {
  const { generate } = await load();
  return [...(await generate())]
    .map(([file, text]) => ({ file, text }))
    .filter(({ file, text }) => !existsSync(fromRoot(file)) || readFileSync(fromRoot(file), 'utf8') !== text);
}
