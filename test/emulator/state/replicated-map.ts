/**
 * A map as a replicated directory shows it: a write is final at once at the primary and appears at each replica
 * after that replica's delay; so do changes and deletions. A version is a whole value, hence a reader may see an
 * old value, but never half of one.
 */

/** Milliseconds until the slowest replica of each service has seen a write. */
export interface Lags {
  readonly login: number;
  readonly graph: number;
  readonly arm: number;
}

/** What one call sees: the replica that answers it, at one moment. */
export interface View {
  readonly service: keyof Lags;
  /** The replica's share of the service's lag, in (0, 1]; 1 is the slowest replica. */
  readonly lagShare: number;
  readonly atMs: number;
}

/** Where a map learns the time and the lags that hold for a write. */
export interface ReplicationSource {
  nowMs(): number;
  lags(): Lags;
}

interface Version<T> {
  /** `undefined`: deleted. */
  readonly value: T | undefined;
  readonly writtenAtMs: number;
  readonly lags: Lags;
}

export class ReplicatedMap<T> {
  readonly #source: ReplicationSource;
  /** Oldest version first, never empty. */
  readonly #versions = new Map<string, Version<T>[]>();

  constructor(source: ReplicationSource) {
    this.#source = source;
  }

  /** The value that `view` sees; without a view, the primary's. */
  get(key: string, view?: View): T | undefined {
    const versions = this.#versions.get(key);
    return versions === undefined ? undefined : pickVersion(versions, view);
  }

  /** Every value that `view` sees, in the order of first insertion. */
  *values(view?: View): Generator<T> {
    for (const [key, versions] of this.#versions) {
      const value = pickVersion(versions, view);
      if (value !== undefined) yield value;
      else if (this.#isGoneEverywhere(versions)) this.#versions.delete(key);
    }
  }

  /** Whether some replica may still see a value, or will. */
  has(key: string): boolean {
    const versions = this.#versions.get(key);
    return versions !== undefined && !this.#isGoneEverywhere(versions);
  }

  set(key: string, value: T): void {
    this.#write(key, value);
  }

  delete(key: string): void {
    if (this.#versions.has(key)) this.#write(key, undefined);
  }

  #isGoneEverywhere(versions: readonly Version<T>[]): boolean {
    const last = versions.at(-1);
    return last?.value === undefined && last !== undefined && isSettled(last, this.#source.nowMs());
  }

  #write(key: string, value: T | undefined): void {
    const nowMs = this.#source.nowMs();
    const lags = this.#source.lags();
    const history = this.#versions.get(key) ?? [];
    const lastSettled = history.findLastIndex((version) => isSettled(version, nowMs));
    const kept = lastSettled > 0 ? history.slice(lastSettled) : history;
    const written: Version<T> = { value, writtenAtMs: nowMs, lags };
    if (slowest(lags) > 0) this.#versions.set(key, [...kept, written]);
    else if (value === undefined) this.#versions.delete(key);
    else this.#versions.set(key, [written]);
  }
}

function pickVersion<T>(versions: readonly Version<T>[], view: View | undefined): T | undefined {
  if (view === undefined) return versions.at(-1)?.value;
  return versions.findLast((version) => hasReached(version, view))?.value;
}

function hasReached(version: Version<unknown>, view: View): boolean {
  const lagMs = version.lags[view.service];
  // Without a lag the clock does not matter; it may have been moved back since.
  return lagMs === 0 || version.writtenAtMs + lagMs * view.lagShare <= view.atMs;
}

function isSettled(version: Version<unknown>, nowMs: number): boolean {
  return version.writtenAtMs + slowest(version.lags) <= nowMs;
}

function slowest(lags: Lags): number {
  return Math.max(lags.login, lags.graph, lags.arm);
}
