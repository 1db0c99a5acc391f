import https from 'node:https';
import { messageOf } from '../../base/error.js';
import type { DocumentRequest, FetchedDocument } from '../authentication/oidc/issuer-keys.js';

/** Fetches a document over TLS 1.2 and newer (a FetchDocument), each on a connection of its own. */
export function fetchDocument({ url, caPem, maxBytes, timeoutMs, signal }: DocumentRequest): Promise<FetchedDocument> {
  return new Promise((resolve) => {
    const failed = (detail: string): void => {
      resolve({ kind: 'failed', detail });
    };
    const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const request = https.get(url, {
      agent: false,
      minVersion: 'TLSv1.2',
      headers: { accept: 'application/json', 'user-agent': 'countersign' },
      signal: timed,
      ...(caPem === undefined ? {} : { ca: caPem }),
    });
    request.on('error', (error) => {
      failed(timed.aborted && !signal.aborted ? `no answer within ${timeoutMs} ms` : messageOf(error));
    });
    request.on('response', (response) => {
      response.on('error', (error) => {
        failed(messageOf(error));
      });
      if (response.statusCode !== 200) {
        failed(`status ${String(response.statusCode)}`);
        request.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= maxBytes) return;
        failed(`it is longer than ${maxBytes} bytes`);
        request.destroy();
      });
      response.on('end', () => {
        resolve({ kind: 'document', text: Buffer.concat(chunks).toString('utf8') });
      });
    });
  });
}
