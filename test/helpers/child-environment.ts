/**
 * The environment of programs under test. Built from nothing, because a developer's shell carries proxies, certificate
 * folders and tokens that would make a test pass or fail for a reason that is not in it.
 */
import path from 'node:path';

/**
 * @param folder of the child's own: its HOME and, in `tmp` below, its TMPDIR (both must exist). Keep it short: unix
 * sockets are made there, and their whole path may have 103 bytes.
 * @param extra added last, so it wins
 * @returns PATH with this very Node first, HOME, TMPDIR and `extra`
 */
export function childEnvironment(folder: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const searchPath = [path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter);
  return { PATH: searchPath, HOME: folder, TMPDIR: path.join(folder, 'tmp'), ...extra };
}
