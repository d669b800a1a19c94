/** Faults: calls that are answered wrongly, late, or not at all. */
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { EmulatorRequest } from './server/exchange.ts';

export interface FaultMatch {
  /** A host name, for example `graph.microsoft.com`, or a service: `login`, `graph`, `arm`, `keyVault`, `managedIdentity`. */
  readonly host?: string;
  readonly method?: string;
  /** A regular expression, tried anywhere in the path (decoded, without the query, slashes collapsed), any case. */
  readonly path?: string | RegExp;
  /** The same for the body, for example `scope=.*graph`. */
  readonly body?: string | RegExp;
}

export interface StatusAnswer {
  readonly status: number;
  /** The service's error code; for login OAuth's error name. */
  readonly code?: string;
  readonly message?: string;
  /** Seconds, or an HTTP date. */
  readonly retryAfter?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the service's error form: an object goes as JSON, text as it is (a gateway's HTML page, say). */
  readonly body?: JsonObject | string;
  /** True: the work is done first, and its answer replaced by this one. */
  readonly done?: boolean;
}

export type FaultAnswer =
  | StatusAnswer
  /** Never answered, nothing done. */
  | 'hang'
  /** The connection breaks, nothing done. */
  | 'reset'
  /** The work is done, then the connection breaks. */
  | 'after'
  /** The work is done, then no answer comes. */
  | 'hangAfter'
  /** The work is done; half of the body comes at once, the rest after so many milliseconds. */
  | { readonly slowBodyMs: number };

export interface Fault {
  /** Left out: every call. */
  readonly match?: FaultMatch;
  /** Matching calls that pass before it fires. Default 0. */
  readonly skip?: number;
  /** How often it fires; null: always. Default 1. */
  readonly times?: number | null;
  readonly answer: FaultAnswer;
}

/** A fault in force. */
export interface FaultHandle {
  readonly id: string;
  readonly fault: Fault;
  /** Matching calls so far, those that passed included. */
  seen(): number;
  fired(): number;
  /** Resolves when it fires for the first time. */
  whenFired(): Promise<void>;
  remove(): void;
}

export class FaultRegistry {
  #active: readonly ActiveFault[] = [];
  #count = 0;

  add(fault: Fault): FaultHandle {
    this.#count += 1;
    const active = new ActiveFault(String(this.#count), fault, () => this.remove(active.id));
    this.#active = [...this.#active, active];
    return active;
  }

  list(): readonly FaultHandle[] {
    return this.#active;
  }

  /** @returns whether there was one. */
  remove(id: string): boolean {
    const kept = this.#active.filter((active) => active.id !== id);
    const wasThere = kept.length < this.#active.length;
    this.#active = kept;
    return wasThere;
  }

  clear(): void {
    this.#active = [];
  }

  /** The first fault that fires for this call; every matching one counts the call. */
  pick(request: EmulatorRequest): FaultHandle | undefined {
    const firing = this.#active.filter((active) => active.meets(request));
    const [first] = firing;
    first?.fire();
    return first;
  }
}

class ActiveFault implements FaultHandle {
  readonly id: string;
  readonly fault: Fault;
  readonly remove: () => void;
  readonly #path: RegExp | undefined;
  readonly #body: RegExp | undefined;
  readonly #firstFiring: Promise<void>;
  #reportFiring: () => void = () => undefined;
  #seen = 0;
  #fired = 0;

  constructor(id: string, fault: Fault, remove: () => void) {
    this.id = id;
    this.fault = fault;
    this.remove = remove;
    this.#path = compile(fault.match?.path);
    this.#body = compile(fault.match?.body);
    this.#firstFiring = new Promise((resolve) => {
      this.#reportFiring = resolve;
    });
  }

  seen(): number {
    return this.#seen;
  }

  fired(): number {
    return this.#fired;
  }

  whenFired(): Promise<void> {
    return this.#firstFiring;
  }

  /** Counts the call if it matches. @returns whether the fault is due. */
  meets(request: EmulatorRequest): boolean {
    if (!this.#matches(request)) return false;
    this.#seen += 1;
    const { skip = 0, times = 1 } = this.fault;
    return this.#seen > skip && (times === null || this.#fired < times);
  }

  fire(): void {
    this.#fired += 1;
    this.#reportFiring();
  }

  #matches(request: EmulatorRequest): boolean {
    const { host, method } = this.fault.match ?? {};
    if (host !== undefined && ![request.hostName, request.host.service].includes(host)) return false;
    if (method !== undefined && method.toUpperCase() !== request.method) return false;
    if (this.#path?.test(decodePath(request.path)) === false) return false;
    return this.#body?.test(request.body.toString('utf8')) !== false;
  }
}

function compile(pattern: string | RegExp | undefined): RegExp | undefined {
  return typeof pattern === 'string' ? new RegExp(pattern, 'i') : pattern;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const NAMED_ANSWERS = ['hang', 'reset', 'after', 'hangAfter'] as const;

/**
 * Reads a fault as it comes over the control API.
 * @throws Error naming the property and what it must be.
 */
export function parseFault(value: JsonValue): Fault {
  if (!isJsonObject(value)) throw new Error('a fault must be an object');
  rejectUnknown(value, ['match', 'skip', 'times', 'answer'], 'fault');
  const { match = {}, skip = 0, times = 1, answer } = value;
  if (!isJsonObject(match)) throw new Error('match must be an object');
  rejectUnknown(match, ['host', 'method', 'path', 'body'], 'match');
  if (!isCount(skip)) throw new Error('skip must be a whole number of 0 or more');
  if (times !== null && (!isCount(times) || times === 0))
    throw new Error('times must be 1 or more, or null for always');
  return { match: readMatch(match), skip, times, answer: readAnswer(answer ?? null) };
}

function readMatch(match: JsonObject): FaultMatch {
  const entries = Object.entries(match).map(([name, value]) => {
    if (typeof value !== 'string') throw new Error(`match.${name} must be a string`);
    if (name === 'path' || name === 'body') checkPattern(name, value);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function checkPattern(name: string, source: string): void {
  try {
    new RegExp(source);
  } catch {
    throw new Error(`match.${name} must be a regular expression`);
  }
}

function readAnswer(answer: JsonValue): FaultAnswer {
  const named = NAMED_ANSWERS.find((name) => name === answer);
  if (named !== undefined) return named;
  if (!isJsonObject(answer)) {
    throw new Error(`answer must be an object or one of ${NAMED_ANSWERS.join(', ')}`);
  }
  const { slowBodyMs } = answer;
  if (isCount(slowBodyMs)) return { slowBodyMs };
  rejectUnknown(answer, ['status', 'code', 'message', 'retryAfter', 'headers', 'body', 'done'], 'answer');
  const { status, code, message, retryAfter, headers, body, done } = answer;
  if (!isCount(status) || status < 200 || status > 599) throw new Error('answer.status must be 200 to 599');
  return {
    status,
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
    ...((typeof retryAfter === 'string' || typeof retryAfter === 'number') && { retryAfter }),
    ...(headers !== undefined && { headers: readHeaders(headers) }),
    ...((typeof body === 'string' || isJsonObject(body)) && { body }),
    ...(typeof done === 'boolean' && { done }),
  };
}

function readHeaders(headers: JsonValue): Readonly<Record<string, string>> {
  if (!isJsonObject(headers)) throw new Error('answer.headers must be an object');
  const entries = Object.entries(headers).map(([name, value]) => {
    if (typeof value !== 'string') throw new Error(`answer.headers.${name} must be a string`);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function rejectUnknown(value: JsonObject, known: readonly string[], name: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`unknown property ${unknown} in ${name}`);
}
