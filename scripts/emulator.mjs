// Starts the fake Azure (test/emulator) as a program of its own.
import { main as compile } from './compile.mjs';
import { execShared } from './lib/exec.mjs';
import { fromRoot } from './lib/paths.mjs';

/** @param {string[]} args handed on as they are */
export async function main(args) {
  const code = await compile();
  if (code !== 0) return code;
  return execShared(process.execPath, ['--enable-source-maps', fromRoot('build/test/emulator/main.js'), ...args]);
}
