// Where things are. Every script works from the repository's root, whatever folder it was called in.
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** Absolute path of the repository, without a slash at the end. */
export const ROOT = path.resolve(fileURLToPath(new URL('../../', import.meta.url)));

/** @param {...string} parts below the root, for example `fromRoot('dist', 'meta.json')` */
export const fromRoot = (...parts) => path.join(ROOT, ...parts);

/**
 * True in the file that node was started with, so that a check can be imported or run by itself.
 * @param {string} moduleUrl the caller's `import.meta.url`
 */
export const isStartedFile = (moduleUrl) =>
  process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(moduleUrl);
