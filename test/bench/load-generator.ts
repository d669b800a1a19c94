/** Runs load.ts as a process of its own, so that asking and measuring do not wait for one another. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromRepository } from '../helpers/repository.ts';

export interface LoadOrder {
  /** For example `http://127.0.0.1:8200`. */
  readonly address: string;
  /** For example `/v1/azure/config`. */
  readonly path: string;
  readonly token: string;
  readonly connections: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @throws when an answer is not a 200, or the signal is given */
export async function generateLoad({
  signal,
  ...order
}: LoadOrder & { readonly signal: AbortSignal }): Promise<LoadResult> {
  const program = fromRepository('build/test/bench/load.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(order)], { signal });
  return JSON.parse(stdout) as LoadResult;
}
