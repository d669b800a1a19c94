// Links between our documents lead somewhere: the file exists, and so does the heading after the `#`. Links to the web
// are not followed, since a check must not need the internet.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from './lib/paths.mjs';
import { runAlone } from './lib/run-alone.mjs';
import { listRepositoryFiles, readSource } from './lib/sources.mjs';

/** @returns {Promise<string[]>} one line per link that leads nowhere */
export async function checkLinks() {
  const problems = [];
  for (const file of listRepositoryFiles().filter((name) => name.endsWith('.md') && existsSync(fromRoot(name)))) {
    withoutCode(readSource(file))
      .split('\n')
      .forEach((line, index) => {
        for (const [, target] of line.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
          const problem = judge(file, target);
          if (problem !== undefined) problems.push(`${file}:${index + 1}: ${target}: ${problem}`);
        }
      });
  }
  return problems;
}

function judge(file, target) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const [name, anchor] = target.split('#');
  const linked = name === '' ? file : path.posix.join(path.posix.dirname(file), decodeURIComponent(name));
  if (!existsSync(fromRoot(linked))) return 'no such file';
  if (anchor === undefined || !linked.endsWith('.md')) return undefined;
  return headingAnchors(linked).has(anchor) ? undefined : 'no such heading';
}

/** Anchors as GitHub makes them: lower case, spaces to dashes, other punctuation dropped, repeats numbered. */
function headingAnchors(file) {
  const anchors = new Set();
  for (const [, heading] of withoutCode(readSource(file)).matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const stem = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let anchor = stem;
    for (let repeat = 1; anchors.has(anchor); repeat++) anchor = `${stem}-${repeat}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Fenced blocks emptied, line by line, so that line numbers stay. */
function withoutCode(text) {
  let fence;
  return text
    .split('\n')
    .map((line) => {
      const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
      if (fence === undefined && mark !== undefined) fence = mark;
      else if (fence === undefined) return line;
      else if (mark?.startsWith(fence)) fence = undefined;
      return '';
    })
    .join('\n');
}

await runAlone(import.meta.url, checkLinks);
