import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { random } from '../../src/crypto/digest.js';
import { memoryKeyFiles } from '../../src/main/key-files.js';
import { openServerPki } from '../../src/main/server-pki.js';
import { createSystemClock } from '../../src/main/system-clock.js';

/** What a request gets: a text with status 200, or another status. */
export type Answer = string | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** An https server on loopback that answers with documents, as an issuer does. */
export interface IssuerServer {
  readonly url: string;
  /** The authority of its certificate. */
  readonly caPem: string;
  /** By path. Others are 404. */
  readonly documents: Map<string, Answer>;
  /** Publishes keys under its name, in the usual places. */
  publish(keys: readonly object[]): void;
  close(): Promise<void>;
}

/** Starts one; `path` is what its name has behind host and port. */
export async function startIssuer(path = ''): Promise<IssuerServer> {
  const files = memoryKeyFiles();
  const pki = await openServerPki({ shared: files, own: files, clock: createSystemClock(), random });
  const { certificatePem: cert, keyPem: key } = await pki.serving(['127.0.0.1']);
  const documents = new Map<string, Answer>();
  const server = https.createServer({ cert, key }, (request, response) => {
    const answer = documents.get(request.url ?? '') ?? { status: 404 };
    if (typeof answer === 'string') response.end(answer);
    else response.writeHead(answer.status, { ...answer.headers }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const url = `https://127.0.0.1:${port}${path}`;
  return {
    url,
    caPem: pki.serverCaPem,
    documents,
    publish: (keys) => {
      const jwksUri = `${url}/keys`;
      documents.set(`${path}/.well-known/openid-configuration`, JSON.stringify({ issuer: url, jwks_uri: jwksUri }));
      documents.set(`${path}/keys`, JSON.stringify({ keys }));
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
