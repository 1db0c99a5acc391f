// A client for benchmarks: it shares the machine with the server, so what it does not spend, the server can.
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

/** Where the server of a kubeconfig is, and how to be its administrator. */
export interface Target {
  readonly server: URL;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads a kubeconfig that our own server wrote. */
export function readTarget(kubeconfigPath: string): Target {
  const kubeconfig = JSON.parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig; // written by our own server
  const { cluster } = kubeconfig.clusters[0];
  const { user } = kubeconfig.users[0];
  const decode = (data: string): Buffer => Buffer.from(data, 'base64');
  return {
    server: new URL(cluster.server),
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  };
}

/** A TLS connection for HTTP/1.1: with the administrator's certificate, or without one for whoever has a token. */
export function connect({ server, ca, cert, key }: Target, asAdministrator = true): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: server.hostname,
      port: Number(server.port),
      ca,
      ...(asAdministrator ? { cert, key } : {}),
      ALPNProtocols: ['http/1.1'],
    });
    socket.setNoDelay(true);
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** One request as it goes over the wire. `more`: further header lines, each with its CRLF. */
export function requestText({ server }: Target, method: string, path: string, body = '', more = ''): string {
  const length = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${server.host}\r\naccept: application/json\r\n${more}${length}\r\n${body}`;
}

/** One kept-alive connection with one request at a time. */
export class Connection {
  readonly #target: Target;
  readonly #socket: tls.TLSSocket;
  #parts: Buffer[] = [];
  #length = 0;
  #wanted = 0;
  readonly #authorization: string;
  #answer: ((text: string) => void) | undefined;

  /** `token`: whose the requests are, instead of the administrator's. */
  constructor(target: Target, socket: tls.TLSSocket, token = '') {
    this.#target = target;
    this.#socket = socket;
    this.#authorization = token === '' ? '' : `authorization: Bearer ${token}\r\n`;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** The body of the answer; rejects unless its status is 2xx. */
  call(method: string, path: string, body = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answer = (text) => {
        const end = text.indexOf('\r\n\r\n');
        if (/^HTTP\/1\.1 2/.test(text)) resolve(text.slice(end + 4));
        else reject(new Error(`${method} ${path}: ${text}`));
      };
      this.#socket.write(requestText(this.#target, method, path, body, this.#authorization));
    });
  }

  #take(chunk: Buffer): void {
    if (this.#answer === undefined) return; // the server gives up a connection that was never used
    this.#parts.push(chunk);
    this.#length += chunk.length;
    if (this.#wanted === 0) {
      const head = Buffer.concat(this.#parts);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length: (\d+)/i.exec(head.toString('latin1', 0, end))?.[1];
      if (length === undefined) throw new Error(`an answer without content-length: ${head.toString('latin1', 0, end)}`);
      this.#wanted = end + 4 + Number(length);
    }
    if (this.#length < this.#wanted) return;
    const text = Buffer.concat(this.#parts).toString();
    this.#parts = [];
    this.#length = 0;
    this.#wanted = 0;
    const answer = this.#answer;
    this.#answer = undefined;
    answer(text);
  }
}
