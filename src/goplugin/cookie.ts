/** The magic cookie: tells a start by the host from a start by a curious human. Source: go-plugin, server.go. */
import type { EnvironmentVariables } from './environment.ts';

/** Name of the variable by which a host says that it starts a secrets or auth plugin. */
export const COOKIE_NAME = 'VAULT_BACKEND_PLUGIN';
/** The value that belongs to it; fixed by the protocol, no secret. */
export const COOKIE_VALUE = '6669da05-b1c8-4f49-97d9-c8e5bed98e20';

/** False also when the host probes for a database plugin, which has a cookie of its own. */
export function isStartedByHost(variables: EnvironmentVariables): boolean {
  return variables[COOKIE_NAME] === COOKIE_VALUE;
}

/** Tells a human what this is, and has the process end with status 1. */
export function refuseWithoutCookie(): void {
  process.stderr.write(
    'This program is a plugin and not meant to be run directly: register it with `vault plugin register`,\n' +
      'and the server starts it when it is needed. Try --help.\n',
  );
  process.exitCode = 1;
}
