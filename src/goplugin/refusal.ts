/**
 * Why the plugin does not start, told where people look. A host that waits for the handshake shows whatever line comes
 * in its place, in the answer to the operator; what is on stderr it only logs, at debug level. Source: go-plugin,
 * client.go (`Unrecognized remote plugin message: …`).
 */
import { writeSync } from 'node:fs';

const STDOUT = 1;
/** Enough for a reason with a path in it. */
const MAX_LENGTH = 500;

/** One line without bars (broken ones take their place): with three of them the host would take it for a handshake. */
export function formatRefusal(reason: string): string {
  const line = reason.replaceAll('|', '¦').replaceAll(/\s+/g, ' ').trim();
  return `vault-plugin-azure: ${line.slice(0, MAX_LENGTH)}\n`;
}

/** To be called instead of the handshake, once; the process ends afterwards. */
export function writeRefusal(reason: string): void {
  try {
    writeSync(STDOUT, formatRefusal(reason));
  } catch {
    // Nobody reads it; the line on stderr remains.
  }
}
