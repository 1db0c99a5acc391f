import type { Certificate } from '../x509/certificate.js';
import type { UnixSeconds } from '../base/clock.js';
import type { KeyCustody } from './key-custody.js';

/** A certificate authority that may sign: its certificate, how it hangs from its root, and its key. */
export interface CaMaterial {
  /** The certificate whose key signs: a self-signed root or an intermediate. */
  readonly certificate: Certificate;
  /** What a server presents after its leaf: the signing certificate and those above it, without a self-signed root. */
  readonly intermediates: readonly Certificate[];
  /** What a client trusts: the self-signed root where the material holds it, else the topmost certificate. */
  readonly anchor: Certificate;
  readonly custody: KeyCustody;
}

/** Where CA material comes from. PEM text; certificates in any order. */
export interface CaMaterialInput {
  readonly certificatesPem: string;
  readonly keyPem: string;
  readonly passphrase?: string;
  readonly now: UnixSeconds;
}

/**
 * Reads CA certificate(s) and the key that belongs to one of them. Refuses (CA_INVALID): no certificate, no key, a key
 * that belongs to none, a certificate that is no CA, whose KeyUsage does not allow keyCertSign, whose path length allows
 * no leaf, a weak key, certificates that form no single chain; and (CA_EXPIRED) one that is not valid at `now`.
 */
export async function parseCaMaterial(_input: CaMaterialInput): Promise<CaMaterial> {
  throw new Error('not yet');
}

/** The trust root to distribute, as PEM. */
export function anchorPem(_material: CaMaterial): string {
  throw new Error('not yet');
}
