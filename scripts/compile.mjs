// TypeScript to build/, which the tests and the emulator run from. Output of deleted sources is removed, else ava would
// go on running deleted tests.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { execKept, execShared, nodeTool } from './lib/exec.mjs';
import { ROOT, fromRoot } from './lib/paths.mjs';

const TSC = nodeTool('typescript/bin/tsc', ['-p', '.']);

/** @returns {Promise<number>} the compiler's exit code, its messages on our terminal */
export async function main() {
  removeOrphans();
  return execShared(...TSC);
}

/** The same for reports. JavaScript is written even when a type is wrong. */
export async function compileKept() {
  removeOrphans();
  return execKept(...TSC);
}

function removeOrphans() {
  for (const top of ['src', 'test']) {
    const folder = fromRoot('build', top);
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const output = path.join(entry.parentPath, entry.name);
      const stem = path.relative(fromRoot('build'), output).replace(/\.js(\.map)?$/, '');
      if (entry.isFile() && !existsSync(path.join(ROOT, `${stem}.ts`))) rmSync(output);
    }
  }
}
