/** Two mounts that get the same requests: one of HashiCorp's plugin, one of ours. Keeps what their answers differ in. */
import type { ApiOptions, HostAnswer, Untyped } from '../host/host-api.ts';
import { findDiscrepancies, normalize } from './_compare.ts';
import type { Comparison } from './_compare.ts';
import type { ParityHost } from './_parity-host.ts';

export const SIDES = ['theirs', 'ours'] as const;

export type Side = (typeof SIDES)[number];

export type Both<T> = Readonly<Record<Side, T>>;

/** What is sent, when it depends on earlier answers: a lease to renew, a role's path below `sys/`. */
export interface Call {
  readonly method: string;
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: unknown;
  readonly options?: ApiOptions;
}

export class Pair {
  readonly parity: ParityHost;
  readonly #name: string;
  readonly #comparisons: Comparison[] = [];

  /** @param name of the group of requests, and stem of the mounts' paths */
  constructor(parity: ParityHost, name: string) {
    this.parity = parity;
    this.#name = name;
  }

  /** One per request so far, in order. */
  get comparisons(): readonly Comparison[] {
    return this.#comparisons;
  }

  mountPath(side: Side): string {
    return `${this.#name}-${side}`;
  }

  /** One pair: the same request below both mounts. @param title unique in its group */
  request(title: string, method: string, subPath: string, body?: unknown): Promise<Both<HostAnswer>> {
    return this.call(title, (side) => ({ method, path: `${this.mountPath(side)}/${subPath}`, body }));
  }

  /** One pair of requests that need not be below the mounts. */
  async call(title: string, describe: (side: Side) => Call): Promise<Both<HostAnswer>> {
    const answers = { theirs: await this.#send(describe('theirs')), ours: await this.#send(describe('ours')) };
    const haveSameStatus = answers.theirs.status === answers.ours.status;
    this.compare(title, (side) => {
      const { status, body } = answers[side];
      // Answers of two kinds have hardly a member in common: one line says more.
      return haveSameStatus ? { status, body } : { answer: summarize(status, body) };
    });
    return answers;
  }

  /** The pair of a write and, unless just one side took it, the pair of the read that shows what it has done. */
  async writeAndRead(title: string, subPath: string, body: unknown): Promise<void> {
    const { theirs, ours } = await this.request(`write, ${title}`, 'POST', subPath, body);
    if (theirs.status < 400 !== ours.status < 400) return;
    await this.request(`read after ${title}`, 'GET', subPath);
  }

  /** One pair of anything else: what a request has left in the tenant. */
  compare(title: string, read: (side: Side) => Untyped): void {
    const pair = `${this.#name}: ${title}`;
    if (this.#comparisons.some((comparison) => comparison.pair === pair)) throw new Error(`two pairs named ${pair}`);
    const [theirs, ours] = [this.#normalized('theirs', read), this.#normalized('ours', read)];
    this.#comparisons.push({ pair, discrepancies: findDiscrepancies(theirs, ours) });
  }

  /** Brings both mounts into a state, uncounted. @throws HostApiError unless both succeed */
  async prepare(method: string, subPath: string, body?: object | ((side: Side) => object)): Promise<void> {
    for (const side of SIDES) {
      const sent = typeof body === 'function' ? body(side) : body;
      await this.parity.host.api(method, `${this.mountPath(side)}/${subPath}`, sent);
    }
  }

  /** Ends all leases of both mounts, uncounted. */
  async revokeAll(): Promise<void> {
    for (const side of SIDES) {
      await this.parity.host.api('PUT', `sys/leases/revoke-prefix/${this.mountPath(side)}`, { sync: true });
    }
  }

  #send({ method, path, body, options }: Call): Promise<HostAnswer> {
    return this.parity.host.request(method, path, body, options);
  }

  #normalized(side: Side, read: (side: Side) => Untyped): Untyped {
    return normalize(read(side), { mountPath: this.mountPath(side), knownIds: this.parity.knownIds });
  }
}

/** For example `400 role 'x' does not exist`, `204`, `200 {…}`. */
function summarize(status: number, body: Untyped): string {
  if (body === undefined) return String(status);
  const { errors, warnings, data } = body;
  if (Array.isArray(errors)) return [status, ...errors].join(' ');
  return `${status} ${JSON.stringify({ ...(warnings && { warnings }), ...(data && { data }) })}`;
}
