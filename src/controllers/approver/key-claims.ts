import type { Clock } from '../../base/clock.js';

/**
 * Who was granted which key a moment ago, until the record of it has come back to the caches: two requests with one key
 * by different requesters must not both be approved because neither was on record when the other was looked at.
 */
export interface KeyClaims {
  /** Whether the key is now this holder's; false where another one claimed it within the last minute. */
  claim(publicKeyDigest: string, identityKey: string): boolean;
}

const CLAIM_MS = 60_000;

/** No claims. Forgets each after a minute. */
export function createKeyClaims(clock: Clock): KeyClaims {
  const claims = new Map<string, { readonly identityKey: string; readonly until: number }>();
  const forgetOld = (now: number): void => {
    // Maps keep the order of insertion, and a claim that is renewed is inserted anew: the oldest come first.
    for (const [digest, { until }] of claims) {
      if (until > now) return;
      claims.delete(digest);
    }
  };
  return {
    claim: (digest, identityKey) => {
      const now = clock.now();
      forgetOld(now);
      const claimed = claims.get(digest);
      if (claimed !== undefined && claimed.identityKey !== identityKey) return false;
      claims.delete(digest);
      claims.set(digest, { identityKey, until: now + CLAIM_MS });
      return true;
    },
  };
}
