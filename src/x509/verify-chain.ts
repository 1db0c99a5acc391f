import type { UnixSeconds } from '../base/clock.js';
import type { Certificate } from './certificate.js';
import type { VerifySignature } from './signature.js';

/** What a chain is asked to prove. */
export interface ChainQuestion {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly now: UnixSeconds;
  /** A DNS name or IP address that the leaf must carry. */
  readonly hostname?: string;
  /** Extended key usage OID that the whole chain must allow. */
  readonly usage?: string;
  readonly verifySignature: VerifySignature;
}

/** Whether a path was found, and if not, why the most promising one failed. */
export type ChainVerdict =
  | { readonly kind: 'trusted'; readonly path: readonly Certificate[] }
  | { readonly kind: 'untrusted'; readonly reason: ChainRefusal; readonly detail: string };

/** Why a chain is not trusted. */
export type ChainRefusal =
  | 'no-path'
  | 'bad-signature'
  | 'not-yet-valid'
  | 'expired'
  | 'not-a-ca'
  | 'path-length'
  | 'key-usage'
  | 'extended-key-usage'
  | 'name-constraints'
  | 'unknown-critical-extension'
  | 'hostname'
  | 'too-complex';

/** Validates the leaf against the roots (RFC 5280 §6, without policies and revocation). */
export function verifyChain(_question: ChainQuestion): ChainVerdict {
  throw new Error('not yet');
}
