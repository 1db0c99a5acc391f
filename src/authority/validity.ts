import type { UnixSeconds } from '../base/clock.js';
import { toUnixSeconds } from '../base/clock.js';
import { isoTime } from '../base/civil-date.js';

/** Below this a signer adds the backdate to the lifetime instead of taking it out (kube-controller-manager's rule). */
const SHORT_SECONDS = 8 * 3600;

/** No certificate is asked for, or given, for less (the API's and kube-controller-manager's floor). */
export const MIN_LIFETIME_SECONDS = 600;

/** What a signing profile says about lifetimes. */
export interface LifetimeRules {
  /** Lifetime where the request names none. */
  readonly defaultSeconds: number;
  /** Longest lifetime; longer wishes are cut to it. */
  readonly maxSeconds: number;
  /** How far notBefore lies in the past, for clocks that are behind. */
  readonly backdateSeconds: number;
}

/** When a certificate is valid. */
export interface Validity {
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  /** The CA ends sooner than the certificate would have. */
  readonly clamped: boolean;
}

/** The answer of `decideValidity`: expired where the CA leaves no time. */
export type ValidityDecision =
  { readonly kind: 'valid'; readonly validity: Validity } | { readonly kind: 'expired'; readonly message: string };

/**
 * notBefore and notAfter of a leaf, as kube-controller-manager computes them: the wish within 600 s and the profile's
 * maximum; notBefore lies `backdateSeconds` in the past; from eight hours on the backdate is part of the lifetime,
 * below it is added; never past the CA's notAfter.
 */
export function decideValidity(
  now: UnixSeconds,
  wishSeconds: number | undefined,
  profile: LifetimeRules,
  ca: { readonly notBefore: UnixSeconds; readonly notAfter: UnixSeconds },
): ValidityDecision {
  const wish = wishSeconds ?? profile.defaultSeconds;
  const lifetime = Math.max(MIN_LIFETIME_SECONDS, Math.min(wish, profile.maxSeconds));
  const notBefore = now - profile.backdateSeconds;
  const wanted = lifetime < SHORT_SECONDS ? now + lifetime : now + lifetime - profile.backdateSeconds;
  const notAfter = Math.min(wanted, ca.notAfter);
  if (now < ca.notBefore) {
    return { kind: 'expired', message: `the signer is not valid yet: NotBefore=${isoTime(ca.notBefore)}` };
  }
  if (now >= ca.notAfter) {
    return { kind: 'expired', message: `the signer has expired: NotAfter=${isoTime(ca.notAfter)}` };
  }
  return {
    kind: 'valid',
    validity: {
      notBefore: toUnixSeconds(notBefore),
      notAfter: toUnixSeconds(notAfter),
      clamped: notAfter < wanted,
    },
  };
}
