import type { AlgorithmIdentifier } from './algorithm-identifier.js';
import type { SubjectPublicKeyInfo } from './public-key.js';

/** What checking a signature gives. `detail` is Go's text. `unsupported`: nobody checked it, so it must not be trusted. */
export type SignatureVerdict =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly detail: string }
  | { readonly kind: 'unsupported'; readonly detail: string };

/** Checks a signature; how X.509 reaches cryptography. */
export type VerifySignature = (
  publicKey: SubjectPublicKeyInfo,
  algorithm: AlgorithmIdentifier,
  data: Uint8Array,
  signature: Uint8Array,
) => SignatureVerdict;
