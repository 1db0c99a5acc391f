import { exportPrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';

/** PEM of a key in the form that cfssl and openssl's older commands write: SEC1, PKCS#1, and PKCS#8 for the rest. */
export function traditionalKeyPem(key: PrivateKey): string {
  switch (key.publicKey.key.kind) {
    case 'ecdsa':
      return exportPrivateKeyPem(key, { format: 'sec1' });
    case 'rsa':
      return exportPrivateKeyPem(key, { format: 'pkcs1' });
    case 'ed25519':
    case 'unsupported':
      return exportPrivateKeyPem(key, { format: 'pkcs8' });
  }
}
