import type { UnixSeconds } from '../../base/clock.js';
import type { PrivateKey } from '../../crypto/private-key.js';
import type { SubjectPublicKeyInfo } from '../../x509/public-key.js';
import { createTokenKey, type TokenKey } from './token-key.js';

/** The key that new tokens are signed with. */
export interface SigningTokenKey {
  readonly id: string;
  readonly privateKey: PrivateKey;
}

/**
 * The keys of service account tokens, at the moment at which they are asked for: keys come and go while a server runs.
 * The same list is the same object while nothing has changed.
 */
export interface TokenKeys {
  signing(): SigningTokenKey;
  /** What tokens are verified with, and what is published: the signing key's own, those before it and those to come. */
  verification(): readonly TokenKey[];
  /** Told before a token is signed; resolves once the key will be kept for as long as that token lives. */
  willSign(keyId: string, expiresAt: UnixSeconds): Promise<void>;
}

/** Keys that stay: the signing key, and others that tokens are verified with. A key that stands twice counts once. */
export function fixedTokenKeys(privateKey: PrivateKey, others: readonly SubjectPublicKeyInfo[] = []): TokenKeys {
  const own = createTokenKey(privateKey.publicKey);
  const signing = { id: own.id, privateKey };
  const verification = distinctKeys([own, ...others.map(createTokenKey)]);
  return { signing: () => signing, verification: () => verification, willSign: () => Promise.resolve() };
}

/** The keys without repetitions, in the order in which they came first. */
export function distinctKeys(keys: readonly TokenKey[]): readonly TokenKey[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}
