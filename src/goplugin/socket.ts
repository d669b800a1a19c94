/** The unix socket's file: where it lies, who may connect, and that it goes. Source: go-plugin, server.go. */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, unlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage, HandshakeError } from '../errors.ts';

/** Room for a path in the kernel's address structure, less its final zero (Linux; others have a little less). */
const MAX_PATH_BYTES = 107;

/**
 * A new path in `directory`, for example `/tmp/plugin3f9c0a1be2d47786`.
 * @throws HandshakeError when the path would be too long for a unix socket.
 */
export function chooseSocketPath(directory: string): string {
  const path = join(resolve(directory), `plugin${randomBytes(8).toString('hex')}`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new HandshakeError(
      `the socket directory's path is too long (limit ${MAX_PATH_BYTES} bytes with the file's name): ` +
        `${directory}; set TMPDIR to a shorter one`,
    );
  }
  return path;
}

/**
 * Lets only our own user connect, or also `group` (name or number).
 * @throws HandshakeError when the group is unknown or may not be set.
 */
export function restrictSocket(path: string, group: string | undefined): void {
  try {
    if (group !== undefined) chownSync(path, process.getuid?.() ?? 0, findGroupId(group));
    chmodSync(path, group === undefined ? 0o600 : 0o660);
  } catch (error) {
    throw new HandshakeError(`cannot set the socket's owner and mode: ${errorMessage(error)}`, { cause: error });
  }
}

/** Removes the file if it is still there. Never throws. */
export function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Closing the server may have removed it already.
  }
}

function findGroupId(group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [name, , id] = line.split(':');
    if (name === group && id !== undefined) return Number(id);
  }
  throw new HandshakeError(`unknown group ${group}`);
}
