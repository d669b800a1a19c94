/** The direct children of a process, which for a host are its plugins. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** Process ids, in ascending order. Ended but not yet collected children are left out. */
export function listChildren(parent: number): number[] {
  const processes = existsSync('/proc/self/stat') ? readProc() : readPs();
  return processes
    .filter((entry) => entry.parent === parent && !entry.state.startsWith('Z'))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}

/** True while the process runs; one that ended and waits to be collected counts as gone. */
export function isProcessAlive(pid: number): boolean {
  const processes = existsSync('/proc/self/stat') ? readProc([String(pid)]) : readPs();
  return processes.some((entry) => entry.pid === pid && !entry.state.startsWith('Z'));
}

/** Process ids of all programs whose file or arguments contain a text, for example the folder they were started in. */
export function findProcesses(text: string): number[] {
  return (existsSync('/proc/self/cmdline') ? readCommandLines() : listCommandLines())
    .filter(({ line }) => line.includes(text))
    .map(({ pid }) => pid);
}

interface CommandLine {
  readonly pid: number;
  readonly line: string;
}

function readCommandLines(): CommandLine[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), line: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
      } catch {
        return []; // Gone between listing and reading.
      }
    });
}

function listCommandLines(): CommandLine[] {
  return execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => ({ pid: Number.parseInt(line, 10), line }));
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** One letter, Z for a zombie. */
  readonly state: string;
}

function readProc(names: readonly string[] = readdirSync('/proc')): ProcessEntry[] {
  return names
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name in brackets may hold spaces and brackets of its own.
        const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(parent), state }];
      } catch {
        return []; // Gone between listing and reading.
      }
    });
}

function readPs(): ProcessEntry[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
}
