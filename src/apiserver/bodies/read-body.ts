import type { RequestBody } from '../../kube/exchange.js';
import { failure, StatusError } from '../../kube/status.js';

const NOTHING = new Uint8Array(0);

/** All bytes of a request's body. Throws 413 above `maxBytes`. Not for bodies that are objects. */
export async function readBody(body: Exclude<RequestBody, { kind: 'object' }>, maxBytes: number): Promise<Uint8Array> {
  switch (body.kind) {
    case 'none':
      return NOTHING;
    case 'bytes':
      if (body.bytes.length > maxBytes) throw tooLarge(maxBytes);
      return body.bytes;
    case 'stream': {
      const bytes = await body.read(maxBytes);
      if (bytes === undefined) throw tooLarge(maxBytes);
      return bytes;
    }
  }
}

function tooLarge(maxBytes: number): StatusError {
  const message = `Request entity too large: limit is ${maxBytes}`;
  return new StatusError(failure(413, 'RequestEntityTooLarge', message));
}
