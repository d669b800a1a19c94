/** The repository's own scripts, for their tests. They are plain JavaScript outside the compiled tree, hence untyped. */
import { pathToFileURL } from 'node:url';
import { fromRepository } from './repository.ts';

type Untyped = ReturnType<typeof JSON.parse>;

/** @param name below scripts/: `lib/ava.mjs` */
export async function importScript(name: string): Promise<Untyped> {
  return import(pathToFileURL(fromRepository('scripts', name)).href);
}
