/** The command line of the emulator. */
import { parseArgs } from 'node:util';
import type { EmulatorOptions } from './index.ts';

export const USAGE = `Usage: npm run emulator -- [options]

  --proxy-port N      port of the CONNECT proxy (0: any free port)
  --control-port N    port of the control API (0: any free port)
  --identity-port N   port of the managed identity endpoints (0: any free port)
  --ca-file PATH      where to write the authority's certificate (default: a temporary file)
  --latency-ms N      delay of each call
  --replication-ms N  delay until a write is seen everywhere
  --seed N            same seed, same tenant (default 1)
  --help
`;

/**
 * @returns `undefined` when help was asked for.
 * @throws Error for an unknown option or a value that is no whole number.
 */
export function parseArguments(args: readonly string[]): EmulatorOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'proxy-port': { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      'identity-port': { type: 'string', default: '0' },
      'ca-file': { type: 'string' },
      'latency-ms': { type: 'string', default: '0' },
      'replication-ms': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const caFile = values['ca-file'];
  return {
    proxyPort: readCount('proxy-port', values['proxy-port']),
    controlPort: readCount('control-port', values['control-port']),
    identityPort: readCount('identity-port', values['identity-port']),
    ...(caFile !== undefined && { caFile }),
    seed: readCount('seed', values.seed),
    settings: {
      latencyMs: readCount('latency-ms', values['latency-ms']),
      replicationMs: readCount('replication-ms', values['replication-ms']),
    },
  };
}

function readCount(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--${name} must be a whole number of 0 or more`);
  return Number(text);
}
