import type { Random } from '../base/bytes.js';
import { toHex } from '../base/bytes.js';
import { type Clock, secondsOf, type UnixSeconds } from '../base/clock.js';
import type { CertificationRequest } from '../x509/certification-request.js';
import { encodePem } from '../x509/pem.js';
import { anchorPem, type CaMaterial, firstEnd } from './ca-material.js';
import type { Issuable } from './issuable.js';
import { issue } from './issue.js';
import { prepare } from './prepare.js';
import type { SigningProfile } from './signing-profile.js';

/** What is asked of a certificate authority. The request's signature has been verified by whoever asks. */
export interface IssueInput {
  readonly request: CertificationRequest;
  /** certificates.k8s.io words. */
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  /**
   * Awaited before the key is used, so that a signature that is lost in a crash is on record. Where it rejects, nothing
   * is signed and the issue rejects.
   */
  readonly beforeSigning?: (intent: SigningIntent) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** What is about to be signed. */
export interface SigningIntent {
  /** Lower-case hexadecimal, as in IssueOutcome. */
  readonly serialNumberHex: string;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
}

/**
 * issued: done. refused: this request can never be signed (a Failed condition). unavailable: not now (try again).
 */
export type IssueOutcome =
  | {
      readonly kind: 'issued';
      /** The leaf, followed by the intermediates where the profile's form has them, without the root. */
      readonly certificatePem: string;
      /** Lower-case hexadecimal without leading zeros. */
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
  /** When the first certificate of its chain ends: what it has signed is worth nothing after that. */
  readonly notAfter: UnixSeconds;
  /** Signs one certificate, or says why not. Rejects with ISSUED_MISMATCH where the result is not what was approved. */
  issue(input: IssueInput): Promise<IssueOutcome>;
}

/** What a certificate authority takes from the world. */
export interface AuthorityWorld {
  readonly clock: Clock;
  readonly random: Random;
}

/** A certificate authority over `material`, within `profile`. */
export function createCertificateAuthority(
  material: CaMaterial,
  profile: SigningProfile,
  world: AuthorityWorld,
): CertificateAuthority {
  const above = profile.form === 'own' ? material.intermediates : [];
  const chainPem = above.map((certificate) => encodePem('CERTIFICATE', certificate.der)).join('');
  return {
    anchorPem: anchorPem(material),
    notAfter: firstEnd(material),
    async issue(input) {
      const preparation = prepare(input, material, profile, { now: secondsOf(world.clock), random: world.random });
      if (preparation.kind !== 'prepared') return preparation;
      if (input.beforeSigning !== undefined) await input.beforeSigning(intentOf(preparation.issuable));
      const signed = await issue(preparation.issuable, material.custody, input.signal);
      if (signed.kind === 'unavailable') return signed;
      const { certificate } = signed;
      return {
        kind: 'issued',
        certificatePem: encodePem('CERTIFICATE', certificate.der) + chainPem,
        serialNumberHex: toHex(certificate.serialNumber),
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
      };
    },
  };
}

function intentOf({ serialNumber, notBefore, notAfter }: Issuable): SigningIntent {
  return { serialNumberHex: toHex(serialNumber), notBefore, notAfter };
}
