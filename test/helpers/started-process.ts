/**
 * A child program as a value: its output is kept, it is stopped with everything it started, and it dies with the test
 * process even when that is killed.
 *
 * The last promise is kept by a guard, a shell of a few hundred kilobytes that waits on a pipe from us. When we end, in
 * whatever way, the kernel closes the pipe, and the guard kills the child's process group. The child leads a group of
 * its own, which the plugins that a host starts stay in; the guard has another, so that a Ctrl-C at the terminal does
 * not end it first.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface ProcessOptions {
  /** For messages: `vault server`. */
  readonly title: string;
  /** Absolute path, or a name on our PATH. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; see child-environment.ts. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a program ended: `code` is undefined when a signal did it. */
export interface ProcessExit {
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
}

const GUARD_SCRIPT = 'read -r _ && exit 0; kill -s KILL -- "-$1" 2>/dev/null';
const TAIL_LINES = 60;
/** How long the output of an ended program is waited for when something else holds its pipes. */
const LAST_OUTPUT_MS = 500;

export class StartedProcess {
  readonly pid: number;
  /** Settles once the program is gone and its output is read to the end. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #title: string;
  readonly #child: ChildProcess;
  readonly #guard: ChildProcess;
  #stdout = '';
  #output = '';
  #exit: ProcessExit | undefined;

  private constructor(title: string, child: ChildProcess, pid: number) {
    this.#title = title;
    this.#child = child;
    this.pid = pid;
    this.#guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', String(pid)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#guard.unref();
    // The guard may be gone already when we release it.
    this.#guard.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout += chunk;
      this.#output += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output += chunk;
    });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const exit = { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
        this.#exit = exit;
        if (!this.#isGroupAlive()) this.#releaseGuard();
        // Its orphans may hold the pipes open for as long as they live.
        const timer = setTimeout(() => resolve(exit), LAST_OUTPUT_MS);
        void closed.then(() => {
          clearTimeout(timer);
          resolve(exit);
        });
      });
    });
  }

  /** @throws when the program cannot be started. */
  static async start({ title, file, args, env, cwd }: ProcessOptions): Promise<StartedProcess> {
    const child = spawn(file, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid === undefined) {
      const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw new Error(`${title}: ${file} could not be started: ${cause.message}`, { cause });
    }
    return new StartedProcess(title, child, child.pid);
  }

  /** Undefined while it runs. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /** All of stdout so far. */
  stdout(): string {
    return this.#stdout;
  }

  /** stdout and stderr so far, in the order they came. */
  logs(): string {
    return this.#output;
  }

  /** The last lines of `logs()`, with a heading: made to be put into an error message. */
  logTail(lines: number = TAIL_LINES): string {
    return `--- last output of ${this.#title} (pid ${this.pid}) ---\n${this.#output.trimEnd().split('\n').slice(-lines).join('\n')}`;
  }

  /** Sends a signal to the program alone; does nothing when it is gone. */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  /**
   * Ends the program and whatever is left of its group. Safe to call twice.
   * @param graceMs between SIGTERM to the program and SIGKILL to all
   */
  async stop(graceMs = 10_000): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
    if (this.#isGroupAlive()) process.kill(-this.pid, 'SIGKILL');
    this.#releaseGuard();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #isGroupAlive(): boolean {
    // Once the guard is released the number may belong to somebody else.
    if (this.#guard.stdin?.writable !== true) return false;
    try {
      process.kill(-this.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  #releaseGuard(): void {
    this.#guard.stdin?.end('done\n');
  }
}
