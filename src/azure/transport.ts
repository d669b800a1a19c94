/**
 * The one way to Azure: proxy, certificate authorities, connections, time limit, cancellation, decompression and the
 * log line of every call. Knows nothing of tokens and SDKs, does not retry, does not follow redirects.
 */
import { Agent as PlainAgent, request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent, request as requestTls, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import { InvariantError, errorMessage } from '../errors.ts';
import type { Clock } from '../util/clock.ts';
import type { LogFields, Logger } from '../util/log.ts';
import { onAbort, throwIfAborted } from './abort.ts';
import { loadSecureContext, type FileSource } from './certificate-authorities.ts';
import { createProxyChooser, withoutBrackets, type Proxy, type TransportEnvironment } from './proxy.ts';
import { TransportError, toTransportError } from './transport-error.ts';
import { TunnelAgent } from './tunnel-agent.ts';

export interface TransportRequest {
  /** For example `POST`. */
  readonly method: string;
  /** `https:`, or `http:` where `isPlainAllowed`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Service and path without the values in it, for the log, for example `graph /applications/{id}`. */
  readonly route: string;
  /** Counts from 1; for the log. */
  readonly attempt: number;
  /** A connection that no other request used or will use. Default false: kept alive and shared. */
  readonly isFreshConnection?: boolean;
  /** Only for the platform's managed identity endpoints, which live on this machine. Default false. */
  readonly isPlainAllowed?: boolean;
}

export interface TransportAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Decompressed, read as UTF-8. */
  readonly body: string;
}

export interface Transport {
  /**
   * One HTTP exchange. Any status is an answer.
   * @throws TransportError when there is none; the signal's reason (or CancelledError) when it aborts.
   */
  send(request: TransportRequest): Promise<TransportAnswer>;
  /** Ends all connections. Calls under way fail. */
  close(): void;
}

export interface TransportDependencies {
  /** HTTPS_PROXY, NO_PROXY (and lower case), NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, SSL_CERT_DIR. Others are ignored. */
  readonly environment: TransportEnvironment;
  readonly files: FileSource;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For example `vault-plugin-azure/1.0.0`. */
  readonly userAgent: string;
  /** For one call from start to last byte. Default 10000. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Load balancers and proxies forget idle connections after a minute or more; a forgotten one would cost a time-out. */
const MAX_IDLE_MS = 30_000;

/** Far above any answer of Graph or ARM to our requests; keeps a broken peer from filling memory. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

const decompress = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

/** Reads no file and opens no connection before the first call. */
export function createTransport(dependencies: TransportDependencies): Transport {
  return new NodeTransport(dependencies);
}

interface Route {
  readonly proxy: Proxy | undefined;
  readonly secureContext: SecureContext;
}

class NodeTransport implements Transport {
  readonly #dependencies: TransportDependencies;
  readonly #timeoutMs: number;
  readonly #chooseProxy: (host: string, port: number) => Proxy | undefined;
  #secureContext: Promise<SecureContext> | undefined;
  #directAgent: Agent | undefined;
  #tunnelAgent: Agent | undefined;
  /** Sockets whose handshake is done: what is written to them leaves this machine. */
  readonly #readySockets = new WeakSet<Socket>();

  constructor(dependencies: TransportDependencies) {
    this.#dependencies = dependencies;
    this.#timeoutMs = dependencies.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#chooseProxy = createProxyChooser(dependencies.environment);
  }

  async send(request: TransportRequest): Promise<TransportAnswer> {
    const { clock, logger } = this.#dependencies;
    const startedAtMs = clock.now().getTime();
    const log = (outcome: LogFields): void =>
      logger.debug('azure call', {
        method: request.method,
        route: request.route,
        attempt: request.attempt,
        ms: clock.now().getTime() - startedAtMs,
        ...outcome,
      });
    try {
      const answer = await this.#exchange(request);
      log({ status: answer.status, request_id: requestIdOf(answer) });
      return answer;
    } catch (thrown) {
      log({ error: errorMessage(thrown) });
      throw thrown;
    }
  }

  close(): void {
    this.#directAgent?.destroy();
    this.#tunnelAgent?.destroy();
  }

  async #exchange(request: TransportRequest): Promise<TransportAnswer> {
    const url = new URL(request.url);
    const isPlain = url.protocol === 'http:';
    if (isPlain && request.isPlainAllowed !== true) throw new InvariantError('refused to call Azure without TLS');
    const port = url.port === '' ? (isPlain ? 80 : 443) : Number(url.port);
    const agent = isPlain
      ? new PlainAgent({ keepAlive: false })
      : this.#agentFor(await this.#routeTo(withoutBrackets(url.hostname), port), request.isFreshConnection === true);
    throwIfAborted(request.signal);
    return new Promise((resolve, reject) => {
      const target = `${url.hostname}:${port}`;
      const headers = {
        'user-agent': this.#dependencies.userAgent,
        ...request.headers,
        'accept-encoding': 'gzip, deflate',
      };
      const outgoing = (isPlain ? requestPlain : requestTls)(url, { method: request.method, headers, agent });
      const wasSent = this.#trackSending(outgoing, isPlain ? 'connect' : 'secureConnect');
      const settle = (act: () => void): void => {
        stopTimer();
        stopWatching();
        if (request.isFreshConnection === true) agent.destroy();
        act();
      };
      const fail = (error: Error): void =>
        settle(() => {
          reject(error);
          outgoing.destroy();
        });
      const stopWatching = onAbort(request.signal, fail);
      const stopTimer = this.#dependencies.clock.after(this.#timeoutMs, () => {
        const message = `${target} did not answer within ${this.#timeoutMs / 1000} s`;
        fail(new TransportError(message, { failure: 'timeout', wasSent: wasSent() }));
      });
      outgoing.on('error', (thrown) => fail(toTransportError(thrown, target, wasSent())));
      outgoing.once('response', (incoming) => {
        readAnswer(incoming).then(
          (answer) => settle(() => resolve(answer)),
          (thrown: unknown) => fail(toTransportError(thrown, target, true)),
        );
      });
      outgoing.end(request.body);
    });
  }

  /** Tells later whether the request had a connection it could leave on. */
  #trackSending(outgoing: ClientRequest, readyEvent: 'connect' | 'secureConnect'): () => boolean {
    let isSent = false;
    outgoing.once('socket', (socket) => {
      const markSent = (): void => {
        isSent = true;
        this.#readySockets.add(socket);
      };
      if (this.#readySockets.has(socket)) markSent();
      else socket.once(readyEvent, markSent);
    });
    return () => isSent;
  }

  async #routeTo(host: string, port: number): Promise<Route> {
    const proxy = this.#chooseProxy(host, port);
    this.#secureContext ??= loadSecureContext(this.#dependencies);
    return { proxy, secureContext: await this.#secureContext };
  }

  #agentFor(route: Route, isFresh: boolean): Agent {
    if (isFresh) return this.#createAgent(route, { keepAlive: false, maxCachedSessions: 0 });
    const pooled: AgentOptions = { keepAlive: true, timeout: MAX_IDLE_MS, scheduling: 'lifo' };
    if (route.proxy === undefined) return (this.#directAgent ??= this.#createAgent(route, pooled));
    return (this.#tunnelAgent ??= this.#createAgent(route, pooled));
  }

  #createAgent({ proxy, secureContext }: Route, options: AgentOptions): Agent {
    // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the host's environment must not reach what carries secrets.
    const withContext = { ...options, secureContext, rejectUnauthorized: true };
    if (proxy === undefined) return new Agent(withContext);
    const { clock } = this.#dependencies;
    return new TunnelAgent(withContext, { proxy, secureContext, timeoutMs: this.#timeoutMs, clock });
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<TransportAnswer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const stream: AsyncIterable<Buffer> = incoming;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const raw = Buffer.concat(chunks);
  const encoding = headers.get('content-encoding') ?? 'identity';
  const isCompressed = raw.length > 0 && (encoding === 'gzip' || encoding === 'deflate');
  const body = isCompressed ? await decompress(raw, { maxOutputLength: MAX_ANSWER_BYTES }) : raw;
  return { status: incoming.statusCode ?? 0, headers, body: body.toString('utf8') };
}

/** Graph's, ARM's and Entra's names for the same thing; `undefined` when the answer has none. */
export function requestIdOf(answer: TransportAnswer): string | undefined {
  return answer.headers.get('request-id') ?? answer.headers.get('x-ms-request-id');
}
