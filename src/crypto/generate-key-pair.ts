import type { PrivateKey } from './private-key.js';

/** Keys that can be made. */
export type KeySpec = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ed25519';

/** Every KeySpec. */
export const KEY_SPECS: readonly KeySpec[] = [
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
];

/** A new key pair, made off the event loop. */
export async function generateKeyPair(_spec: KeySpec): Promise<PrivateKey> {
  throw new Error('not yet');
}
