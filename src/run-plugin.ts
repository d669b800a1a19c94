/**
 * One engine as a plugin process: cookie, guards, then the server with the engine behind the bridge. Everything that
 * brings libraries along is imported only after the guards are up.
 */
import { errorMessage, HandshakeError } from './errors.ts';
import { isStartedByHost, refuseWithoutCookie } from './goplugin/cookie.ts';
import { readHostEnvironment, type EnvironmentVariables } from './goplugin/environment.ts';
import { guardProcess } from './goplugin/process-guard.ts';
import { writeRefusal } from './goplugin/refusal.ts';
import type { BackendFactory } from './logical/index.ts';
import { systemClock, type Clock } from './util/clock.ts';
import type { Logger } from './util/log.ts';
import { systemRandom } from './util/random.ts';
import { PLUGIN_VERSION } from './util/version.ts';

/** What an engine is loaded with; a mount's own things come with `BackendDependencies`. */
export interface EngineContext {
  readonly variables: EnvironmentVariables;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface PluginOptions {
  /** Shape of `process.env`. */
  readonly variables: EnvironmentVariables;
  /** Names the source of log lines, for example `azure`. */
  readonly engineName: string;
  /** Runs after the handshake; the host's first call waits for it. What `Setup` does not need should be loaded later. */
  readonly loadEngine: (context: EngineContext) => Promise<BackendFactory>;
}

/** Resolves when the plugin serves, or has been told to end. Ends the process with status 1 when it cannot start. */
export async function runPlugin({ variables, engineName, loadEngine }: PluginOptions): Promise<void> {
  if (!isStartedByHost(variables)) {
    refuseWithoutCookie();
    return;
  }
  const clock = systemClock;
  const { logger, lifecycle } = guardProcess(clock, engineName);
  try {
    const { serve } = await import('./goplugin/serve.ts');
    await serve({
      environment: readHostEnvironment(variables),
      logger,
      lifecycle,
      clock,
      createApplication: async (dialBroker) => {
        const { createBackendService } = await import('./bridge/backend-service.ts');
        const { openHostConnection } = await import('./bridge/grpc-unary-caller.ts');
        return createBackendService({
          factory: await loadEngine({ variables, logger, clock }),
          dialBroker: async (brokerId) => openHostConnection(await dialBroker(brokerId)),
          logger,
          clock,
          random: systemRandom,
          version: PLUGIN_VERSION,
        });
      },
    });
  } catch (error) {
    // Other errors come after the handshake, when stdout must be silent.
    if (error instanceof HandshakeError) writeRefusal(`the plugin cannot start: ${errorMessage(error)}`);
    logger.error(`the plugin cannot start: ${errorMessage(error)}`, {
      stack: error instanceof Error && !(error instanceof HandshakeError) ? error.stack : undefined,
    });
    lifecycle.crash('cannot start');
  }
}
