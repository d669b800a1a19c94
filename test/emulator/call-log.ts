/** The log of every call, in the order of arrival. */

export interface CallEntry {
  /** 1 for the first call since the start or the last reset. */
  readonly index: number;
  /** The tenant's time at arrival, ISO 8601. */
  readonly time: string;
  readonly host: string;
  readonly method: string;
  /** As sent, query included. */
  readonly path: string;
  /** The route that answered, for example `POST /applications/{id}/addPassword`; empty if none did. */
  readonly route: string;
  /** 0: not answered (yet, or never). */
  readonly status: number;
  /** Milliseconds from arrival to answer, the set latency included. */
  readonly ms: number;
  /** The fault that fired, by id; empty if none. */
  readonly fault: string;
  /** `HTTP/1.1` or `HTTP/2`. */
  readonly protocol: string;
  /** Counts connections from 1. */
  readonly connection: number;
  readonly requestId: string;
}

type Arrival = Pick<CallEntry, 'time' | 'host' | 'method' | 'path' | 'protocol' | 'connection' | 'requestId'>;
type Outcome = Partial<Pick<CallEntry, 'route' | 'status' | 'fault'>>;

/** More entries than this and the oldest go. */
const LIMIT = 200_000;

export class CallLog {
  #entries: CallEntry[] = [];
  #count = 0;

  /** Notes an arrival. @returns what completes the entry; its time is taken then. */
  begin(arrival: Arrival): (outcome: Outcome) => void {
    this.#count += 1;
    const startedAt = performance.now();
    const started: CallEntry = { ...arrival, index: this.#count, route: '', status: 0, ms: 0, fault: '' };
    this.#entries.push(started);
    if (this.#entries.length > LIMIT) this.#entries = this.#entries.slice(LIMIT / 2);
    return (outcome) => {
      const position = started.index - (this.#entries[0]?.index ?? 0);
      // After a clear another call may sit there.
      if (this.#entries[position] !== started) return;
      const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
      this.#entries[position] = { ...started, ...outcome, ms };
    };
  }

  /** Entries with a larger index than `after`. */
  list(after = 0): readonly CallEntry[] {
    const first = this.#entries[0]?.index ?? 1;
    return this.#entries.slice(Math.max(0, after + 1 - first));
  }

  clear(): void {
    this.#entries = [];
    this.#count = 0;
  }
}
