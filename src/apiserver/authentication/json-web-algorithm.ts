import { CountersignError } from '../../base/error.js';
import type { AlgorithmIdentifier } from '../../x509/algorithm-identifier.js';
import type { SubjectPublicKeyInfo } from '../../x509/public-key.js';
import { SIGNATURE_ALGORITHM } from '../../x509/signature-algorithm.js';

/** Names of the JWS algorithms that are known here (RFC 7518 §3.1): signatures, never a shared secret, never `none`. */
export type JsonWebAlgorithmName =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';

/** A JWS algorithm and what it is in X.509 terms. */
export interface JsonWebAlgorithm {
  readonly name: JsonWebAlgorithmName;
  readonly identifier: AlgorithmIdentifier;
  /** The one kind of key that it goes with. */
  readonly key: 'rsa' | 'P-256' | 'P-384' | 'P-521';
  /** Octets of r and of s in a signature; undefined for RSA. */
  readonly componentBytes?: number;
}

const RS256: JsonWebAlgorithm = { name: 'RS256', identifier: SIGNATURE_ALGORITHM.rsaSha256, key: 'rsa' };

const BY_CURVE: Readonly<Record<'P-256' | 'P-384' | 'P-521', JsonWebAlgorithm>> = {
  'P-256': { name: 'ES256', identifier: SIGNATURE_ALGORITHM.ecdsaSha256, key: 'P-256', componentBytes: 32 },
  'P-384': { name: 'ES384', identifier: SIGNATURE_ALGORITHM.ecdsaSha384, key: 'P-384', componentBytes: 48 },
  'P-521': { name: 'ES512', identifier: SIGNATURE_ALGORITHM.ecdsaSha512, key: 'P-521', componentBytes: 66 },
};

/** All of them, by name. */
export const JSON_WEB_ALGORITHMS: Readonly<Record<JsonWebAlgorithmName, JsonWebAlgorithm>> = {
  RS256,
  RS384: { name: 'RS384', identifier: SIGNATURE_ALGORITHM.rsaSha384, key: 'rsa' },
  RS512: { name: 'RS512', identifier: SIGNATURE_ALGORITHM.rsaSha512, key: 'rsa' },
  PS256: { name: 'PS256', identifier: SIGNATURE_ALGORITHM.rsaPssSha256, key: 'rsa' },
  PS384: { name: 'PS384', identifier: SIGNATURE_ALGORITHM.rsaPssSha384, key: 'rsa' },
  PS512: { name: 'PS512', identifier: SIGNATURE_ALGORITHM.rsaPssSha512, key: 'rsa' },
  ES256: BY_CURVE['P-256'],
  ES384: BY_CURVE['P-384'],
  ES512: BY_CURVE['P-521'],
};

/** Whether a name is that of an algorithm. */
export function isJsonWebAlgorithmName(name: string): name is JsonWebAlgorithmName {
  return Object.hasOwn(JSON_WEB_ALGORITHMS, name);
}

/** RSA keys below this are broken by whoever can pay for it (RFC 7518 §3.3). */
export const MIN_RSA_BITS = 2048;

/** The one algorithm that a key signs tokens with; refuses keys without one, and weak ones (KEY_UNSUPPORTED). */
export function jsonWebAlgorithmOf({ key }: SubjectPublicKeyInfo): JsonWebAlgorithm {
  if (key.kind === 'rsa' && key.bits < MIN_RSA_BITS) {
    throw new CountersignError(
      'KEY_UNSUPPORTED',
      `Cannot use service account key: it has ${key.bits} bits, it must have ${MIN_RSA_BITS}`,
    );
  }
  if (key.kind === 'rsa') return RS256;
  if (key.kind === 'ecdsa' && key.curve !== 'P-224') return BY_CURVE[key.curve];
  throw new CountersignError(
    'KEY_UNSUPPORTED',
    'Cannot use service account key: it is neither RSA nor ECDSA on P-256, P-384 or P-521',
  );
}
