// Child processes for the scripts: one that shares our terminal and one whose output is kept for a report.
import { spawn } from 'node:child_process';
import { ROOT, fromRoot } from './paths.mjs';

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} ExecOptions
 * @typedef {{ code: number, output: string }} ExecResult `code` is 128 when a signal ended the process
 */

/**
 * Runs a program on our terminal. A Ctrl-C there reaches it by itself; SIGTERM to us is handed on, and it is waited for.
 * @returns {Promise<number>} its exit code
 */
export async function execShared(file, args, options = {}) {
  const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  const handOn = () => child.kill('SIGTERM');
  process.on('SIGTERM', handOn);
  try {
    return await finished(child);
  } finally {
    process.removeListener('SIGTERM', handOn);
  }
}

/**
 * Runs a program and keeps stdout and stderr together. A program that cannot be started is code 127.
 * @param {string} file
 * @param {string[]} args
 * @param {ExecOptions} [options] `onLine` is called with every complete line as it comes
 * @returns {Promise<ExecResult>}
 */
export async function execKept(file, args, { onLine, ...options } = {}) {
  const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  const keep = (stream) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
      output += chunk;
      if (onLine === undefined) return;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    stream.on('end', () => rest !== '' && onLine?.(rest));
  };
  keep(child.stdout);
  keep(child.stderr);
  try {
    return { code: await finished(child), output };
  } catch (error) {
    return { code: 127, output: `${output}${error.message}\n` };
  }
}

/** A tool of node_modules, run by this very Node: `[file, args]` for the functions above. */
export const nodeTool = (script, args) => [process.execPath, [fromRoot('node_modules', script), ...args]];

function finished(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
}
