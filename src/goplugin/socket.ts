/**
 * The unix socket: where its file lies, who may connect, and that it goes. Connections may come before anybody can
 * serve them; they wait. Source: go-plugin, server.go.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, readFileSync, unlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { errorMessage, HandshakeError } from '../errors.ts';

export interface ListeningSocket {
  /** For example `/tmp/plugin3f9c0a1be2d47786`. */
  readonly path: string;
  /** Hands over every connection, those that have waited first. To be called once. */
  serve(accept: (connection: Socket) => void): void;
  /** Takes no more connections and removes the file. Never throws. */
  close(): void;
}

/** Room for a path in the kernel's address structure, less its final zero (Linux; others have a little less). */
const MAX_PATH_BYTES = 107;

/**
 * Listens on a new path in `directory`. Only our own user may connect, or also `group` (name or number).
 * @throws HandshakeError when the path is too long or cannot be used, or the group is unknown or may not be set.
 */
export async function openSocket(directory: string, group: string | undefined): Promise<ListeningSocket> {
  const path = choosePath(directory);
  const waiting: Socket[] = [];
  let accept = (connection: Socket): void => void waiting.push(connection);
  // Nothing is read from a connection before TLS takes it over.
  const server = createServer({ pauseOnConnect: true }, (connection) => accept(connection));
  try {
    server.listen(path);
    await once(server, 'listening');
  } catch (error) {
    throw new HandshakeError(`cannot listen on ${path}: ${errorMessage(error)}`, { cause: error });
  }
  try {
    restrict(path, group);
  } catch (error) {
    server.close();
    throw new HandshakeError(`cannot set the socket's owner and mode: ${errorMessage(error)}`, { cause: error });
  }
  return {
    path,
    serve: (acceptNow) => {
      accept = acceptNow;
      for (const connection of waiting.splice(0)) acceptNow(connection);
    },
    close: () => {
      server.close();
      remove(path);
    },
  };
}

function choosePath(directory: string): string {
  const path = join(resolve(directory), `plugin${randomBytes(8).toString('hex')}`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new HandshakeError(
      `the socket directory's path is too long (limit ${MAX_PATH_BYTES} bytes with the file's name): ` +
        `${directory}; set TMPDIR to a shorter one`,
    );
  }
  return path;
}

function restrict(path: string, group: string | undefined): void {
  if (group !== undefined) chownSync(path, process.getuid?.() ?? 0, findGroupId(group));
  chmodSync(path, group === undefined ? 0o600 : 0o660);
}

function findGroupId(group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [name, , id] = line.split(':');
    if (name === group && id !== undefined) return Number(id);
  }
  throw new HandshakeError(`unknown group: ${group}`);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Closing the server has removed it already, as a rule.
  }
}
