import type { Random } from '../base/bytes.js';
import type { Clock, UnixSeconds } from '../base/clock.js';
import type { CertificationRequest } from '../x509/certification-request.js';
import type { CaMaterial } from './ca-material.js';
import type { SigningProfile } from './signing-profile.js';

/** What is asked of a certificate authority. The request's signature has been verified by whoever asks. */
export interface IssueInput {
  readonly request: CertificationRequest;
  /** certificates.k8s.io words. */
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * issued: done. refused: this request can never be signed (a Failed condition). unavailable: not now (try again).
 */
export type IssueOutcome =
  | {
      readonly kind: 'issued';
      /** The leaf, followed by the intermediates, without the root. */
      readonly certificatePem: string;
      readonly serialNumberHex: string;
      readonly notBefore: UnixSeconds;
      readonly notAfter: UnixSeconds;
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }
  | { readonly kind: 'unavailable'; readonly message: string };

/** Signs leaves, and nothing but leaves. */
export interface CertificateAuthority {
  /** The trust root to distribute, as PEM. */
  readonly anchorPem: string;
  issue(input: IssueInput): Promise<IssueOutcome>;
}

/** A certificate authority over `material`, within `profile`. */
export function createCertificateAuthority(
  _material: CaMaterial,
  _profile: SigningProfile,
  _world: { readonly clock: Clock; readonly random: Random },
): CertificateAuthority {
  throw new Error('not yet');
}
