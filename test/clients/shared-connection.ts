import { readFile } from 'node:fs/promises';
import http2 from 'node:http2';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One connection of HTTP/2 that everything goes over, as in client-go; made anew when it broke. */
export class SharedConnection implements AsyncDisposable {
  readonly #url: string;
  readonly #tls: http2.SecureClientSessionOptions;
  #session: http2.ClientHttp2Session | undefined;
  /** How many connections there were. */
  made = 0;

  private constructor(url: string, tls: http2.SecureClientSessionOptions) {
    this.#url = url;
    this.#tls = tls;
  }

  /** As the administrator of a kubeconfig that `countersign up` wrote. */
  static async to({ kubeconfig }: { readonly kubeconfig: string }): Promise<SharedConnection> {
    const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as {
      readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
      readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
    };
    const { cluster } = clusters[0];
    const { user } = users[0];
    const pem = (base64 = ''): Buffer => Buffer.from(base64, 'base64');
    return new SharedConnection(cluster['server'] ?? '', {
      ca: pem(cluster['certificate-authority-data']),
      cert: pem(user['client-certificate-data']),
      key: pem(user['client-key-data']),
    });
  }

  /** Opens a stream. */
  request(headers: http2.OutgoingHttpHeaders, body?: Uint8Array | string): http2.ClientHttp2Stream {
    const { session } = this;
    const stream = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return stream;
  }

  /** One answer, whole. Rejects when the connection breaks. */
  send(headers: http2.OutgoingHttpHeaders, body?: Uint8Array | string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = this.request(headers, body);
      let received: http2.IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      stream.on('response', (answered) => {
        received = answered;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () =>
        resolve({ status: Number(received[':status']), headers: received, body: Buffer.concat(chunks) }),
      );
    });
  }

  /** The same; a body is sent as JSON. */
  ask(method: string, path: string, accept: string, body?: object): Promise<Answer> {
    const headers = { ':method': method, ':path': path, accept };
    if (body === undefined) return this.send(headers);
    return this.send({ ...headers, 'content-type': 'application/json' }, JSON.stringify(body));
  }

  /** The same in JSON; fails where it is refused. */
  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.ask(method, path, 'application/json', body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString()}`);
    return JSON.parse(answer.body.toString()) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session?.destroy();
  }

  get session(): http2.ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.made++;
      this.#session = http2.connect(this.#url, this.#tls);
      this.#session.setMaxListeners(0);
      this.#session.on('error', () => undefined);
    }
    return this.#session;
  }
}
