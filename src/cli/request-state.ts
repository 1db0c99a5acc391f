import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../certificates/certificate-signing-request.js';
import { APPROVED, conditionOf, DENIED, FAILED, isIssued } from '../certificates/conditions.js';

/** Where a request stands. Each state tells what has to happen next, and who has to do it. */
export type RequestState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'denied'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'failed'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'issued'; readonly certificate: string };

/** The state of a request: a certificate ends it, then a denial, then a failure. */
export function requestState(csr: CertificateSigningRequest): RequestState {
  if (isIssued(csr)) return { kind: 'issued', certificate: csr.status.certificate ?? '' };
  const denied = conditionOf(csr, DENIED);
  if (denied !== undefined) return { kind: 'denied', by: denied };
  const failed = conditionOf(csr, FAILED);
  if (failed !== undefined) return { kind: 'failed', by: failed };
  const approved = conditionOf(csr, APPROVED);
  return approved === undefined ? { kind: 'pending' } : { kind: 'approved', by: approved };
}

/** A condition's reason and message, as far as it has them. */
export function conditionReason(condition: CertificateSigningRequestCondition): string {
  const parts = [condition.reason ?? '', condition.message ?? ''].filter((part) => part !== '');
  return parts.length === 0 ? 'no reason was given' : parts.join(': ');
}
