/** The CONNECT proxy in front: connections to emulated hosts go to the TLS server, all others are refused. */
import { createServer, STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Http2SecureServer } from 'node:http2';
import { findHost } from '../hosts.ts';

export interface Proxy {
  readonly server: Server;
  /** Ends every connection, tunnels included. */
  destroyConnections(): void;
}

/** @param reportRefusal called with the target (`host:port` or a URL) of each refused call. */
export function createProxy(
  tlsServer: Http2SecureServer,
  reportRefusal: (method: string, target: string) => void,
): Proxy {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    reportRefusal(request.method ?? '', request.url ?? '');
    response.writeHead(403, { 'content-type': 'text/plain' }).end('Only CONNECT to emulated hosts is served.\n');
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    const target = request.url ?? '';
    const match = /^(.+):(\d+)$/.exec(target);
    if (match?.[2] !== '443' || findHost(match[1] ?? '') === undefined) {
      reportRefusal('CONNECT', target);
      refuse(socket);
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    tlsServer.emit('connection', socket);
  });
  return {
    server,
    destroyConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function refuse(socket: Duplex): void {
  const body = 'This host is not emulated.\n';
  socket.end(
    `HTTP/1.1 403 ${STATUS_CODES[403] ?? ''}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
