import http2 from 'node:http2';
import https from 'node:https';

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** What is asked. */
export interface HttpAsk {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Uint8Array | string;
}

/** A client that speaks one protocol over one connection. */
export interface HttpClient {
  readonly ask: (ask: HttpAsk) => Promise<HttpAnswer>;
  readonly close: () => void;
}

/** A client over one kept connection of HTTP/1.1, trusting any server. */
export function http1(port: number, certificate?: ClientCredentials): HttpClient {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, ...certificate });
  return {
    ask: ({ path = '/', method = 'GET', headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const request = https.request({ agent, host: '127.0.0.1', port, path, method, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
          response.on('error', reject);
        });
        request.on('error', reject);
        request.end(body);
      }),
    close: () => {
      agent.destroy();
    },
  };
}

/** A client over one connection of HTTP/2, trusting any server. */
export function http2Client(port: number, certificate?: ClientCredentials): HttpClient {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...certificate });
  session.on('error', () => undefined);
  return {
    ask: ({ path = '/', method = 'GET', headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const stream = session.request(
          { ':path': path, ':method': method, ...headers },
          { endStream: body === undefined },
        );
        const chunks: Buffer[] = [];
        let answer: http2.IncomingHttpHeaders = {};
        stream.on('response', (received) => {
          answer = received;
        });
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          resolve({ status: Number(answer[':status']), headers: answer, text: Buffer.concat(chunks).toString() });
        });
        stream.on('error', reject);
        if (body !== undefined) stream.end(body);
      }),
    close: () => {
      session.destroy();
    },
  };
}

/** A certificate and its key, PEM. */
export interface ClientCredentials {
  readonly key: string;
  readonly cert: string;
}
