import { createHash, randomBytes } from 'node:crypto';
import { asBytes } from './public-key.js';

/** SHA-256 of `data`. */
export function sha256(data: Uint8Array): Uint8Array {
  return asBytes(createHash('sha256').update(data).digest());
}

/** SHA-1 of `data`: for key identifiers (RFC 5280 §4.2.1.2), never for trust. */
export function sha1(data: Uint8Array): Uint8Array {
  return asBytes(createHash('sha1').update(data).digest());
}

/** Bytes from OpenSSL's generator (a Random). */
export function random(count: number): Uint8Array {
  return asBytes(randomBytes(count));
}

/** SHA-256 of what is given to it bit by bit. */
export function beginSha256(): { readonly update: (data: Uint8Array) => void; readonly digest: () => Uint8Array } {
  const hash = createHash('sha256');
  return { update: (data) => void hash.update(data), digest: () => asBytes(hash.digest()) };
}
