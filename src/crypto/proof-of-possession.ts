import { constants, verify } from 'node:crypto';
import { hasCode } from '../base/error.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import { importPublicKey } from './public-key.js';

/**
 * Whether the holder of a key signed these bytes, in the form of PodCertificateRequests: Ed25519 over them, ECDSA over
 * their SHA-256 whatever the curve, RSA-PSS with SHA-256 and a salt of any length. A key that nothing can be verified
 * with proves nothing.
 */
export function verifyProofOfPossession(
  publicKey: SubjectPublicKeyInfo,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = importPublicKey(publicKey);
    switch (publicKey.key.kind) {
      case 'ed25519':
        return verify(null, data, key, signature);
      case 'rsa': {
        const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
        return verify('sha256', data, { key, ...padding }, signature);
      }
      case 'ecdsa':
        return verify('sha256', data, key, signature);
      case 'unsupported':
        return false;
    }
  } catch (error) {
    if (hasCode(error, 'KEY_INVALID') || hasCode(error, 'KEY_UNSUPPORTED')) return false;
    throw error;
  }
}
