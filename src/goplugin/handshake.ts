/** The one line on stdout by which the host learns where we listen and who we are. Source: go-plugin, server.go. */
import { HandshakeError } from '../errors.ts';

/** Version of the handshake itself. */
const CORE_PROTOCOL = 1;
/** The only application protocol that we speak; a host that offers another one reports the mismatch itself. */
export const APP_PROTOCOL = 5;

export interface HandshakeFields {
  /** Absolute path of the unix socket on which the server already listens. */
  readonly socketPath: string;
  readonly certificateDer: Uint8Array;
  /** Adds the seventh field. Hosts that did not ask would take it for a part of the certificate. */
  readonly isBrokerMultiplexingAsked: boolean;
}

/**
 * The line with its line feed, for example `1|5|unix|/tmp/plugin4821|grpc|MIIB…\n`.
 * @throws HandshakeError when the path cannot be written between bars.
 */
export function formatHandshake(fields: HandshakeFields): string {
  if (/[|\n\r]/.test(fields.socketPath)) {
    throw new HandshakeError(`the socket directory must not contain "|" or line breaks: ${fields.socketPath}`);
  }
  // The host's decoder refuses padding.
  const certificate = Buffer.from(fields.certificateDer).toString('base64').replace(/=+$/, '');
  const parts = [CORE_PROTOCOL, APP_PROTOCOL, 'unix', fields.socketPath, 'grpc', certificate];
  if (fields.isBrokerMultiplexingAsked) parts.push('false');
  return `${parts.join('|')}\n`;
}
