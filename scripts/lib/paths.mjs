// Where things are. Every script works from the repository's root, whatever folder it was called in.
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** Absolute path of the repository, without a slash at the end. */
export const ROOT = path.resolve(fileURLToPath(new URL('../../', import.meta.url)));

/** @param {...string} parts below the root, for example `fromRoot('dist', 'meta.json')` */
export const fromRoot = (...parts) => path.join(ROOT, ...parts);
