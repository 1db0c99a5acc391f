import { toBase64Url } from '../../base/base64.js';
import { sha256 } from '../../crypto/digest.js';
import type { SubjectPublicKeyInfo } from '../../x509/public-key.js';
import { jsonWebAlgorithmOf, type JsonWebAlgorithm } from './json-web-algorithm.js';

/** A key that service account tokens are verified with. */
export interface TokenKey {
  /** base64url of the SHA-256 of the SubjectPublicKeyInfo, as Kubernetes names keys. */
  readonly id: string;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly algorithm: JsonWebAlgorithm;
}

/** A public key made ready. Refuses what tokens cannot be signed with (KEY_UNSUPPORTED). */
export function createTokenKey(publicKey: SubjectPublicKeyInfo): TokenKey {
  return { id: toBase64Url(sha256(publicKey.der)), publicKey, algorithm: jsonWebAlgorithmOf(publicKey) };
}
