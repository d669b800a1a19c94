/** A real transport for tests that call stub servers or the emulator. */
import type { ExecutionContext } from 'ava';
import { createTransport, type Transport, type TransportDependencies } from '../../src/azure/transport.ts';
import { systemClock } from '../../src/util/clock.ts';
import { memoryFiles } from './memory-files.ts';
import { TestLogger } from './test-logger.ts';

export interface TestTransportOptions {
  /** Added to the authorities; '' for none. */
  readonly caPem?: string;
  /** For example `http://127.0.0.1:41234`. */
  readonly proxyUrl?: string;
  readonly noProxy?: string;
  readonly clock?: TransportDependencies['clock'];
  readonly timeoutMs?: number;
}

/** Closed when the test is over. Never looks at this machine's environment or files. */
export function createTestTransport(
  t: ExecutionContext,
  { caPem = '', proxyUrl, noProxy, clock = systemClock, timeoutMs }: TestTransportOptions = {},
): { readonly transport: Transport; readonly logger: TestLogger } {
  const logger = new TestLogger();
  const transport = createTransport({
    environment: {
      NODE_EXTRA_CA_CERTS: caPem === '' ? undefined : '/ca.pem',
      HTTPS_PROXY: proxyUrl,
      NO_PROXY: noProxy,
    },
    files: memoryFiles({ '/ca.pem': caPem }),
    logger,
    clock,
    userAgent: 'plugin-test/1.0.0',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  t.teardown(() => transport.close());
  return { transport, logger };
}
