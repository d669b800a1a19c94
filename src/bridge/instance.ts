/** One mount inside the process: its engine, its connection to the host, and the calls that are running on it. */
import { CancelledError } from '../errors.ts';
import type { Backend, BackendDependencies, BackendFactory, Storage, SystemView } from '../logical/index.ts';
import { createAbortController } from '../util/abort.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import type { ServerCall } from '../wire/service.ts';
import { OpenCallScope } from './call-scope.ts';
import { describeError } from './describe-error.ts';
import { NO_METADATA, type CallScope } from './host-call.ts';
import { bindStorage } from './host-storage.ts';
import { bindSystemView } from './host-system-view.ts';
import type { HostConnection } from './unary-caller.ts';

/** How long `close` waits for running calls to notice and for the engine to clean up. The host waits for it. */
const CLOSE_GRACE_MS = 2000;

/** The host as one call sees it. */
export interface BoundHost {
  readonly storage: Storage;
  readonly systemView: SystemView;
  readonly scope: CallScope;
}

export interface Instance {
  readonly backend: Backend;
  /** Runs `serve` with the host bound to `call`: to its cancellation, its deadline and the mount's end. */
  run<T>(call: ServerCall, serve: (host: BoundHost) => Promise<T>): Promise<T>;
  /**
   * Aborts running calls, lets the engine clean up, closes the connection. Never throws, ends within a little more than
   * two seconds, and does nothing the second time but wait for the first.
   */
  close(): Promise<void>;
}

export type InstanceDependencies = Omit<BackendDependencies, 'storage' | 'systemView'>;

/**
 * Makes no call to the host.
 * @throws what `factory` throws; the connection is then still the caller's.
 */
export function createInstance(
  factory: BackendFactory,
  connection: HostConnection,
  dependencies: InstanceDependencies,
): Instance {
  // Ends after the calls: what compensates for them may still use storage for a moment.
  const mount = createAbortController();
  const mountScope: CallScope = { signal: mount.signal, deadline: undefined, metadata: NO_METADATA };
  const backend = factory({
    ...dependencies,
    storage: bindStorage(connection, mountScope),
    systemView: bindSystemView(connection, mountScope),
  });
  const { clock, logger } = dependencies;
  /** What is running for each call. */
  const running = new Map<OpenCallScope, Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const run = async <T>(call: ServerCall, serve: (host: BoundHost) => Promise<T>): Promise<T> => {
    const scope = new OpenCallScope(call);
    if (closing !== undefined) scope.abort(createClosingError());
    const storage = bindStorage(connection, scope);
    const systemView = bindSystemView(connection, scope);
    const served = (async () => serve({ storage, systemView, scope }))();
    running.set(scope, served);
    try {
      return await served;
    } finally {
      running.delete(scope);
      scope.dispose();
    }
  };

  const close = async (): Promise<void> => {
    for (const scope of running.keys()) scope.abort(createClosingError());
    await settleWithin(clock, CLOSE_GRACE_MS, [cleanUp(backend, logger), ...running.values()]);
    mount.abort(new CancelledError('the mount is closed'));
    connection.close();
  };

  return { backend, run, close: () => (closing ??= close()) };
}

function createClosingError(): CancelledError {
  return new CancelledError('the mount is closing');
}

async function cleanUp(backend: Backend, logger: Logger): Promise<void> {
  try {
    await backend.cleanup();
  } catch (error) {
    logger.warn('cleanup failed', describeError(error));
  }
}

async function settleWithin(clock: Clock, graceMs: number, promises: readonly Promise<unknown>[]): Promise<void> {
  const timer = createAbortController();
  const timeout = clock.sleep(graceMs, timer.signal).catch(() => undefined);
  await Promise.race([Promise.allSettled(promises), timeout]);
  timer.abort(new CancelledError());
}
