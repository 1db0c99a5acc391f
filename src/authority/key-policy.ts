import { describePublicKey, type SubjectPublicKeyInfo } from '../x509/public-key.js';

/**
 * Keys that a profile may allow. An RSA entry is a lower bound: `rsa-2048` allows every RSA key from 2048 bits on. An
 * RSA key above 8192 bits is never allowed: verifying with it costs everybody.
 */
export const PROFILE_KEYS = [
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'ed25519',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
] as const;

/** A kind of key in a profile. */
export type ProfileKey = (typeof PROFILE_KEYS)[number];

const MAX_RSA_BITS = 8192;
const CURVES: Readonly<Record<string, ProfileKey>> = {
  'P-256': 'ecdsa-p256',
  'P-384': 'ecdsa-p384',
  'P-521': 'ecdsa-p521',
};
const RSA_BITS: readonly (readonly [ProfileKey, number])[] = [
  ['rsa-2048', 2048],
  ['rsa-3072', 3072],
  ['rsa-4096', 4096],
];

/** Why `key` must not be certified under `allowed`; undefined where it may. */
export function keyRefusal(key: SubjectPublicKeyInfo, allowed: ReadonlySet<ProfileKey>): string | undefined {
  return isAllowed(key, allowed)
    ? undefined
    : `the key is ${describePublicKey(key)}, it must be one of ${[...allowed].join(', ')}`;
}

function isAllowed(spki: SubjectPublicKeyInfo, allowed: ReadonlySet<ProfileKey>): boolean {
  const key = spki.key;
  switch (key.kind) {
    case 'ecdsa': {
      const name = CURVES[key.curve];
      return name !== undefined && allowed.has(name);
    }
    case 'ed25519':
      return allowed.has('ed25519');
    case 'rsa':
      return (
        key.bits <= MAX_RSA_BITS &&
        RSA_BITS.some(([name, bits]) => allowed.has(name) && key.bits >= bits) &&
        // RFC 8017 §3.1 wants an odd exponent from 3; below 65537 known attacks on sloppy padding checks exist
        key.exponent >= 65_537 &&
        key.exponent % 2 === 1
      );
    case 'unsupported':
      return false;
  }
}
