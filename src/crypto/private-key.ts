import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';

/** A private key in memory. It prints and serialises as nothing: the key comes out only through exportPrivateKeyPem. */
export interface PrivateKey {
  readonly publicKey: SubjectPublicKeyInfo;
  /** SubjectPublicKeyInfo as DER. */
  readonly publicKeyDer: Uint8Array;
  /** The one algorithm that `sign` uses: SHA-256 with RSA, SHA-256/384/512 by curve, or Ed25519. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** Signs on the calling thread, except RSA, which is signed off it. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** Reads a PKCS#8, SEC1 or PKCS#1 private key. KEY_PASSPHRASE_REQUIRED where it is encrypted and none was given. */
export function parsePrivateKeyPem(_text: string, _passphrase?: string): PrivateKey {
  throw new Error('not yet');
}

/** How a private key is written. A passphrase encrypts (PKCS#8: AES-256-CBC with PBKDF2). */
export interface ExportFormat {
  readonly format: 'pkcs8' | 'sec1' | 'pkcs1';
  readonly passphrase?: string;
}

/** PEM of a private key. */
export function exportPrivateKeyPem(_key: PrivateKey, _options: ExportFormat): string {
  throw new Error('not yet');
}
