import { sha1 } from '../crypto/digest.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';

/** The usual key identifier: SHA-1 of the key's BIT STRING content (RFC 5280 §4.2.1.2, method 1). A name, not a proof. */
export function keyIdentifier(key: SubjectPublicKeyInfo): Uint8Array {
  return sha1(key.keyBytes);
}
