/** Runs the tour's commands: what is printed is what the shell gets, and its real output follows. */
import { spawn } from 'node:child_process';
import type { Printer } from './print.ts';

export interface ShellOptions {
  readonly printer: Printer;
  /** The whole environment of the commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Ends a running command. */
  readonly signal: AbortSignal;
}

/** A command that ended otherwise than the tour expects. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export class Shell {
  readonly #options: ShellOptions;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /**
   * Prints a command, runs it, prints what it wrote.
   * @param expected its exit code. Default 0.
   * @returns stdout and stderr in the order they came
   * @throws CommandError for another exit code
   */
  async run(command: string, expected = 0): Promise<string> {
    const { printer } = this.#options;
    printer.command(command);
    const { code, output } = await printer.waitFor('waiting for the command', this.#execute(command));
    printer.output(output);
    if (code !== expected) {
      throw new CommandError(`exit code ${code} where ${expected} was expected, of: ${command}`);
    }
    return output;
  }

  #execute(command: string): Promise<{ code: number; output: string }> {
    const { env, cwd, signal } = this.#options;
    return new Promise((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', command], { env, cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
      }
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 128, output }));
    });
  }
}
