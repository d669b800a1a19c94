/** The handshake line as a host takes it apart. */

export interface Handshake {
  readonly line: string;
  /** What lies between the bars. */
  readonly parts: readonly string[];
  readonly address: string;
  readonly certificatePem: string;
}

/** @throws Error in a host's words when a host would give up on the line. */
export function readHandshake(line: string): Handshake {
  const parts = line.trim().split('|');
  const [core, app, network, address = '', transport, certificate = ''] = parts;
  if (parts.length < 4) throw new Error(`Unrecognized remote plugin message: ${line}`);
  if (core !== '1') throw new Error(`Incompatible core API version with plugin: ${core}`);
  if (app !== '5') throw new Error(`Incompatible API version with plugin: ${app}`);
  if (network !== 'unix') throw new Error(`Unknown address type: ${network}`);
  if (transport !== 'grpc') throw new Error(`Unsupported plugin protocol: ${transport}`);
  if (!/^[A-Za-z0-9+/]{50,}$/.test(certificate)) throw new Error('error parsing server cert: illegal base64 data');
  return { line, parts, address, certificatePem: toPem(certificate) };
}

function toPem(base64: string): string {
  const padded = base64.padEnd(Math.ceil(base64.length / 4) * 4, '=');
  return `-----BEGIN CERTIFICATE-----\n${(padded.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}
