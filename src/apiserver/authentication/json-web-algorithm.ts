import { CountersignError } from '../../base/error.js';
import type { AlgorithmIdentifier } from '../../x509/algorithm-identifier.js';
import type { PublicKeyParts, SubjectPublicKeyInfo } from '../../x509/public-key.js';

/** A JWS algorithm of ours (RFC 7518 §3.1) and what it is in X.509 terms. */
export interface JsonWebAlgorithm {
  readonly name: 'RS256' | 'ES256' | 'ES384' | 'ES512';
  readonly identifier: AlgorithmIdentifier;
  /** Octets of r and of s in a signature; undefined for RSA. */
  readonly componentBytes?: number;
}

const NULL_PARAMETERS = Uint8Array.of(5, 0);

const RS256: JsonWebAlgorithm = {
  name: 'RS256',
  identifier: { oid: '1.2.840.113549.1.1.11', parameters: NULL_PARAMETERS },
};

const BY_CURVE: Readonly<Record<'P-256' | 'P-384' | 'P-521', JsonWebAlgorithm>> = {
  'P-256': { name: 'ES256', identifier: { oid: '1.2.840.10045.4.3.2' }, componentBytes: 32 },
  'P-384': { name: 'ES384', identifier: { oid: '1.2.840.10045.4.3.3' }, componentBytes: 48 },
  'P-521': { name: 'ES512', identifier: { oid: '1.2.840.10045.4.3.4' }, componentBytes: 66 },
};

/** RSA keys below this are guessed by who can pay for it (RFC 7518 §3.3). */
export const MIN_RSA_BITS = 2048;

/** The one algorithm that a key signs tokens with; refuses keys without one, and weak ones (KEY_UNSUPPORTED). */
export function jsonWebAlgorithmOf(key: SubjectPublicKeyInfo): JsonWebAlgorithm {
  if (key.key.kind === 'rsa' && key.key.bits < MIN_RSA_BITS) {
    throw new CountersignError(
      'KEY_UNSUPPORTED',
      `Cannot use service account key: it has ${key.key.bits} bits, it must have ${MIN_RSA_BITS}`,
    );
  }
  const algorithm = algorithmOfParts(key.key);
  if (algorithm !== undefined) return algorithm;
  throw new CountersignError(
    'KEY_UNSUPPORTED',
    'Cannot use service account key: it is neither RSA nor ECDSA on P-256, P-384 or P-521',
  );
}

function algorithmOfParts(parts: PublicKeyParts): JsonWebAlgorithm | undefined {
  if (parts.kind === 'rsa') return RS256;
  return parts.kind === 'ecdsa' && parts.curve !== 'P-224' ? BY_CURVE[parts.curve] : undefined;
}
