/** Where the repository is, for tests that run its programs: compiled tests lie two folders below `build/`. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the root, without a slash at the end. */
export const REPOSITORY_ROOT: string = path.resolve(fileURLToPath(new URL('../../../', import.meta.url)));

/** For example `fromRepository('dist', 'vault-plugin-azure')`. */
export const fromRepository = (...parts: readonly string[]): string => path.join(REPOSITORY_ROOT, ...parts);
