/** TLS connections through an HTTP proxy's CONNECT. Our own, because a refusal by the proxy must not look like Azure's answer. */
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { Agent, request as requestTls, type AgentOptions, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../util/clock.ts';
import { toError } from '../errors.ts';
import type { Proxy } from './proxy.ts';
import { TransportError, toTransportError } from './transport-error.ts';

export interface TunnelOptions {
  readonly proxy: Proxy;
  /** For an `https:` proxy's own certificate. */
  readonly secureContext: SecureContext;
  /** For the way to the proxy and its answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

type CreatedCallback = (error: Error | null, socket: Duplex) => void;

/** An agent whose connections are tunnels; pooling and TLS sessions as in Node's own. */
export class TunnelAgent extends Agent {
  readonly #tunnel: TunnelOptions;

  constructor(options: AgentOptions, tunnel: TunnelOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(options: RequestOptions, callback?: CreatedCallback): undefined {
    const host = options.host ?? options.hostname ?? '';
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`;
    openTunnel(target, this.#tunnel).then(
      (socket) => {
        const overSocket = { ...options, socket };
        const tlsSocket = super.createConnection(overSocket);
        if (tlsSocket) callback?.(null, tlsSocket);
      },
      // Node's agent looks at the error alone; its type asks for a socket all the same.
      (thrown: unknown) => (callback as ((error: Error) => void) | undefined)?.(toError(thrown)),
    );
  }
}

/** Opens a connection to `target` (for example `graph.microsoft.com:443`) through the proxy. @throws TransportError */
function openTunnel(target: string, { proxy, secureContext, timeoutMs, clock }: TunnelOptions): Promise<Socket> {
  const proxyName = `the proxy ${proxy.host}:${proxy.port}`;
  return new Promise((resolve, reject) => {
    const headers = {
      host: target,
      ...(proxy.authorization === '' ? {} : { 'proxy-authorization': proxy.authorization }),
    };
    const options = { host: proxy.host, port: proxy.port, method: 'CONNECT', path: target, headers };
    const outgoing =
      proxy.protocol === 'https:'
        ? requestTls({ ...options, agent: new Agent({ keepAlive: false, secureContext, rejectUnauthorized: true }) })
        : requestPlain({ ...options, agent: false });
    const stopTimer = clock.after(timeoutMs, () => {
      const message = `${proxyName} did not open a connection to ${target} in time`;
      fail(new TransportError(message, { failure: 'timeout', wasSent: false }));
    });
    const fail = (error: TransportError): void => {
      stopTimer();
      reject(error);
      outgoing.destroy();
    };
    outgoing.on('error', (thrown) => fail(toTransportError(thrown, proxyName, false)));
    outgoing.once('connect', (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      if (answer.statusCode !== 200) {
        socket.destroy();
        fail(refusal(proxyName, target, answer.statusCode ?? 0));
        return;
      }
      stopTimer();
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.end();
  });
}

function refusal(proxyName: string, target: string, status: number): TransportError {
  if (status === 407) {
    return new TransportError(`${proxyName} does not accept the credentials in HTTPS_PROXY (status 407)`, {
      failure: 'proxy',
      wasSent: false,
    });
  }
  // 5xx: the proxy could not reach the host, which may pass; anything else is its policy.
  return new TransportError(`${proxyName} refused a connection to ${target} (status ${status})`, {
    failure: status >= 500 ? 'connect' : 'proxy',
    wasSent: false,
  });
}
