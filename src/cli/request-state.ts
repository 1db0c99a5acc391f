import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../certificates/certificate-signing-request.js';

/** Where a request stands. Each state tells what has to happen next, and who has to do it. */
export type RequestState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'denied'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'failed'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'issued'; readonly certificate: string };

/** The state of a request: a certificate ends it, then a denial, then a failure. */
export function requestState(csr: CertificateSigningRequest): RequestState {
  const conditions = csr.status.conditions ?? [];
  const find = (type: string): CertificateSigningRequestCondition | undefined =>
    conditions.find((condition) => condition.type === type);
  const denied = find('Denied');
  const failed = find('Failed');
  const approved = find('Approved');
  if (csr.status.certificate !== undefined && csr.status.certificate !== '') {
    return { kind: 'issued', certificate: csr.status.certificate };
  }
  if (denied !== undefined) return { kind: 'denied', by: denied };
  if (failed !== undefined) return { kind: 'failed', by: failed };
  if (approved !== undefined) return { kind: 'approved', by: approved };
  return { kind: 'pending' };
}

/** The CONDITION column of `kubectl get csr`. */
export function conditionColumn(csr: CertificateSigningRequest): string {
  const types = new Set((csr.status.conditions ?? []).map((condition) => condition.type));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  const issued = csr.status.certificate !== undefined && csr.status.certificate !== '';
  return [decision, ...(types.has('Failed') ? ['Failed'] : []), ...(issued ? ['Issued'] : [])].join(',');
}

/** A condition's reason and message, as far as it has them. */
export function conditionText(condition: CertificateSigningRequestCondition): string {
  const parts = [condition.reason ?? '', condition.message ?? ''].filter((part) => part !== '');
  return parts.length === 0 ? 'no reason was given' : parts.join(': ');
}
