/** Ctrl-C, a kill, a closed terminal: what a program with things to tidy up is told by the outside. */
import os from 'node:os';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface EndSignals {
  /** Aborted by the first of them. A second one ends the process at once. */
  readonly signal: AbortSignal;
  /** What a shell expects of a program that was ended, for example 130. Undefined when it was not. */
  readonly exitCode: () => number | undefined;
  /** Leaves the signals to Node again. */
  readonly release: () => void;
}

export function watchEndSignals(): EndSignals {
  const interruption = new AbortController();
  let exitCode: number | undefined;
  const release = (): void => {
    for (const name of END_SIGNALS) process.removeListener(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    release();
    exitCode = 128 + os.constants.signals[name];
    interruption.abort(new Error(`ended by ${name}`));
  };
  for (const name of END_SIGNALS) process.on(name, onSignal);
  return { signal: interruption.signal, exitCode: () => exitCode, release };
}
