import { once } from 'node:events';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../base/error.js';

/** What a client saw. */
export type Handshake =
  { readonly kind: 'answered'; readonly body: string } | { readonly kind: 'refused'; readonly why: string };

/** An HTTPS server on loopback. */
export interface GreetingServer {
  readonly port: number;
  /** Connects as `hostname`, trusting only `rootPem`. */
  visit(hostname: string, rootPem: string): Promise<Handshake>;
  close(): Promise<void>;
}

/** Starts an HTTPS server that presents this certificate, as a workload does with the files of its Secret. */
export async function startGreetingServer(certificatePem: string, keyPem: string): Promise<GreetingServer> {
  const server = createServer({ cert: certificatePem, key: keyPem }, (_request, response) => {
    response.end('Hello over TLS');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // a TCP server that listens has an address with a port
  const { port } = server.address() as AddressInfo;
  return {
    port,
    visit: (hostname, rootPem) => visit(port, hostname, rootPem),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function visit(port: number, hostname: string, rootPem: string): Promise<Handshake> {
  return new Promise((resolve) => {
    const asked = request(
      // an agent of its own: a connection that was trusted under another root must not be used again
      { host: '127.0.0.1', port, servername: hostname, ca: rootPem, headers: { host: hostname }, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ kind: 'answered', body }));
      },
    );
    asked.on('error', (error) => resolve({ kind: 'refused', why: messageOf(error) }));
    asked.end();
  });
}
