import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import type { SignatureVerdict } from '../x509/signature.js';

/** Checks a signature on the calling thread, with Go's texts (a VerifySignature). */
export function verifySignature(
  _publicKey: SubjectPublicKeyInfo,
  _algorithm: AlgorithmIdentifier,
  _data: Uint8Array,
  _signature: Uint8Array,
): SignatureVerdict {
  throw new Error('not yet');
}
