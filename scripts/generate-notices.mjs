// THIRD_PARTY.md: the licence of every package whose code is inside the plugin file, read from the packages themselves.
// Which ones those are is esbuild's answer, not a reading of package.json: most of the tree never reaches the bundle.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './lib/bundle.mjs';
import { fromRoot } from './lib/paths.mjs';

const LICENSE_FILE = /^(licen[cs]e|notice|thirdpartynotices|third_party_notices)([.-].*)?$/i;

/** @returns {Promise<Map<string, string>>} */
export async function generate() {
  const { metafile } = await bundle('src/main.ts');
  const packages = bundledFolders(metafile).map(readNotice);
  packages.sort((a, b) => (a.title < b.title ? -1 : 1));
  return new Map([['THIRD_PARTY.md', render(packages)]]);
}

/** Folders of the packages that gave at least one byte, for example `node_modules/@azure/identity`. */
function bundledFolders(metafile) {
  const folders = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders];
}

function readNotice(folder) {
  const manifest = JSON.parse(readFileSync(fromRoot(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(fromRoot(folder))
    .filter((name) => LICENSE_FILE.test(name))
    .sort()
    .map((name) => readFileSync(fromRoot(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  const license = typeof manifest.license === 'string' ? manifest.license : undefined;
  if (license === undefined && texts.length === 0) throw new Error(`${path.basename(folder)} states no licence`);
  const author = typeof manifest.author === 'object' ? manifest.author.name : manifest.author;
  return { title: `${manifest.name} ${manifest.version}`, license: license ?? 'see below', author, texts };
}

function render(packages) {
  const byText = new Map();
  const bare = [];
  for (const entry of packages) {
    const text = entry.texts.join('\n\n');
    if (text === '') bare.push(entry);
    else byText.set(text, [...(byText.get(text) ?? []), entry]);
  }
  const parts = [
    '# Third-party notices',
    '',
    'Packages whose code is part of the file `vault-plugin-azure`. Written by `npm run generate`.',
    '',
    '| package | licence |',
    '| --- | --- |',
    ...packages.map(({ title, license }) => `| ${title} | ${license} |`),
  ];
  for (const [text, entries] of byText) {
    parts.push('', `## ${entries.map(({ title }) => title).join(', ')}`, '', '```text', text, '```');
  }
  if (bare.length > 0) {
    parts.push('', '## Packages that name a licence without its text', '');
    for (const { title, license, author } of bare)
      parts.push(`- ${title}: ${license}${author ? `, by ${author}` : ''}`);
  }
  return `${parts.join('\n')}\n`;
}
