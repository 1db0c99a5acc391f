import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import { APPROVED, conditionOf, FAILED, isDenied, isIssued } from '../../certificates/conditions.js';

/** What a signer has to do with a request, from its state alone. */
export type SigningNeed =
  | { readonly kind: 'sign' }
  /** Not ours, not approved, or settled: nothing until it changes. */
  | { readonly kind: 'leave'; readonly because: string };

/** As kube-controller-manager's IsCertificateRequestFailed: status True, or none. */
function hasFailed(csr: CertificateSigningRequest): boolean {
  return (csr.status.conditions ?? []).some(
    ({ type, status }) => type === FAILED && (status === 'True' || status === ''),
  );
}

/**
 * Whether the request waits for a signature of ours. Approved and Denied count by their presence, whatever their
 * status says, as in kube-controller-manager's csrsigning.
 */
export function decideSigning(csr: CertificateSigningRequest, isOurs: (signerName: string) => boolean): SigningNeed {
  if (!isOurs(csr.spec.signerName)) return { kind: 'leave', because: 'its signerName is not ours' };
  if (isIssued(csr)) return { kind: 'leave', because: 'it has its certificate' };
  if (isDenied(csr)) return { kind: 'leave', because: 'it is denied' };
  if (conditionOf(csr, APPROVED) === undefined) return { kind: 'leave', because: 'it is not approved' };
  if (hasFailed(csr)) return { kind: 'leave', because: 'it has failed' };
  return { kind: 'sign' };
}

/** What stands on the server when a certificate of ours is about to be published. */
export type Standing =
  /** The request still waits: publish. */
  | { readonly kind: 'open'; readonly csr: CertificateSigningRequest }
  /** Ours is there already: an earlier write went through unnoticed. */
  | { readonly kind: 'published' }
  /** Ours will never be published. */
  | { readonly kind: 'lost'; readonly because: string };

/** Compares what the server holds with the certificate (base64 of PEM) that was signed for the request of this uid. */
export function judgeStanding(
  current: CertificateSigningRequest | undefined,
  uid: string,
  certificate: string,
  isOurs: (signerName: string) => boolean,
): Standing {
  if (current === undefined) return { kind: 'lost', because: 'the request was deleted' };
  if (current.metadata.uid !== uid) return { kind: 'lost', because: 'another request took its name' };
  if (current.status.certificate === certificate) return { kind: 'published' };
  if (isIssued(current)) return { kind: 'lost', because: 'another certificate was published first' };
  const need = decideSigning(current, isOurs);
  return need.kind === 'sign' ? { kind: 'open', csr: current } : { kind: 'lost', because: need.because };
}

/** The reason that kube-controller-manager gives a request that no signer may sign. */
export const FAILURE_REASON = 'SignerValidationFailure';

/** Longest message of a condition, in characters: what is wrong with a request may be as long as the request. */
const MAX_MESSAGE = 4096;

/** The request with the condition that ends it. */
export function withFailure(
  csr: CertificateSigningRequest,
  message: string,
  now: string,
  reason: string = FAILURE_REASON,
): CertificateSigningRequest {
  const failed: CertificateSigningRequestCondition = {
    type: 'Failed',
    status: 'True',
    reason,
    message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 3)}...` : message,
    lastUpdateTime: now,
  };
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status.conditions ?? []), failed] } };
}

/** The request with its certificate (base64 of PEM). */
export function withCertificate(csr: CertificateSigningRequest, certificate: string): CertificateSigningRequest {
  return { ...csr, status: { ...csr.status, certificate } };
}
