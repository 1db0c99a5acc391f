import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './certificate-signing-request.js';

/** The conditions that decide what happens to a request. */
export const APPROVED = 'Approved';
export const DENIED = 'Denied';
export const FAILED = 'Failed';

/** Reasons of the conditions that our approver writes. An approval with this reason counts only with its record. */
export const APPROVED_BY_POLICY = 'ApprovedByPolicy';
export const DENIED_BY_POLICY = 'DeniedByPolicy';

/** The first condition of a type; its status is not looked at, as nowhere in the API. */
export function conditionOf(
  csr: CertificateSigningRequest,
  type: string,
): CertificateSigningRequestCondition | undefined {
  return csr.status.conditions?.find((condition) => condition.type === type);
}

/** Whether it was approved, and not denied. */
export function isApproved(csr: CertificateSigningRequest): boolean {
  return conditionOf(csr, APPROVED) !== undefined && conditionOf(csr, DENIED) === undefined;
}

/** Whether its approval says that a policy approved it. Anybody with the right to approve can write that. */
export function isApprovedByPolicy(csr: CertificateSigningRequest): boolean {
  return (csr.status.conditions ?? []).some(({ type, reason }) => type === APPROVED && reason === APPROVED_BY_POLICY);
}

/** Whether it was denied. */
export function isDenied(csr: CertificateSigningRequest): boolean {
  return conditionOf(csr, DENIED) !== undefined;
}

/** Whether a signer said that it can never be signed. */
export function isFailed(csr: CertificateSigningRequest): boolean {
  return conditionOf(csr, FAILED) !== undefined;
}

/** Whether a certificate has been published for it. */
export function isIssued(csr: CertificateSigningRequest): boolean {
  return (csr.status.certificate ?? '') !== '';
}

/** The condition as `kubectl get csr` shows it: `Pending`, `Approved,Issued`, `Denied`, `Approved,Failed`. */
export function conditionText(csr: CertificateSigningRequest): string {
  const decided = isDenied(csr) ? DENIED : conditionOf(csr, APPROVED) === undefined ? 'Pending' : APPROVED;
  return `${decided}${isFailed(csr) ? `,${FAILED}` : ''}${isIssued(csr) ? ',Issued' : ''}`;
}
