import type { AlgorithmIdentifier } from './algorithm-identifier.js';

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) and what its algorithm says about the key. */
export interface SubjectPublicKeyInfo {
  /** The whole element. Two keys are the same key when this is equal. */
  readonly der: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  /** Content of the BIT STRING, without the count of unused bits. */
  readonly keyBytes: Uint8Array;
  readonly key: PublicKeyParts;
}

/** Curves that the API accepts (P-224 is never signed). */
export type EcCurve = 'P-224' | 'P-256' | 'P-384' | 'P-521';

/** A public key by kind. `unsupported` keeps what nobody here can verify with. */
export type PublicKeyParts =
  | {
      readonly kind: 'rsa';
      /** Big-endian, without leading zeros. */
      readonly modulus: Uint8Array;
      readonly exponent: number;
      readonly bits: number;
    }
  | { readonly kind: 'ecdsa'; readonly curve: EcCurve; readonly x: Uint8Array; readonly y: Uint8Array }
  | { readonly kind: 'ed25519'; readonly bytes: Uint8Array }
  | { readonly kind: 'unsupported'; readonly detail: string };

/** Reads a SubjectPublicKeyInfo; refuses what Go's crypto/x509 refuses, with its texts. */
export function parseSubjectPublicKeyInfo(_der: Uint8Array): SubjectPublicKeyInfo {
  throw new Error('not yet');
}

/** The kind of a key in few words: `ECDSA P-256`, `RSA 2048`, `Ed25519`, or the algorithm's OID. */
export function describePublicKey(_key: SubjectPublicKeyInfo): string {
  throw new Error('not yet');
}
