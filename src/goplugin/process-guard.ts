/** Makes the process safe to be a plugin: logger, output, crashes, signals. To be installed before anything is loaded. */
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/log.ts';
import { guardCrashes } from './crash-guard.ts';
import { createHclogLogger } from './hclog.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { guardOutput } from './output-guard.ts';
import { createStderrWriter } from './stderr.ts';

export interface GuardedProcess {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** `moduleName` names the log lines' source, for example `azure`. */
export function guardProcess(clock: Clock, moduleName: string): GuardedProcess {
  const lifecycle = createLifecycle(clock, (status) => process.exit(status));
  const writeLine = createStderrWriter(() => lifecycle.stop('the host is gone'));
  const logger = createHclogLogger(writeLine, clock, moduleName);
  guardOutput(logger);
  guardCrashes(logger, lifecycle);
  // Ctrl-C in a terminal reaches the whole process group; the host decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => lifecycle.stop('the plugin is stopping'));
  process.on('SIGHUP', () => lifecycle.stop('the plugin is stopping'));
  return { logger, lifecycle };
}
