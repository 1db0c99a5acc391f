import { decodeBase64 } from '../base/base64.js';
import { messageOf } from '../base/error.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import { verifyCertificationRequest } from '../crypto/certification-request.js';
import { parseApiRequest } from '../x509/api-request.js';
import { type CertificationRequest, strictFindings } from '../x509/certification-request.js';
import type { Finding } from '../x509/finding.js';

/** spec.request, read: the PKCS#10 with what is wrong with it, or why it cannot be read. */
export type DecodedRequest =
  | {
      readonly kind: 'request';
      readonly request: CertificationRequest;
      /** Why the self-signature proves nothing; undefined where it verifies. */
      readonly signatureProblem?: string;
      /** What a signer of ours would refuse. */
      readonly findings: readonly Finding[];
    }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** Reads spec.request of an API object. Never throws: an unreadable request is something to show. */
export function decodeRequest(csr: CertificateSigningRequest): DecodedRequest {
  const decoded = decodeBase64(csr.spec.request);
  if (decoded.kind === 'invalid') return { kind: 'unreadable', detail: 'spec.request is no base64' };
  try {
    return examine(parseApiRequest(decoded.bytes));
  } catch (error) {
    return { kind: 'unreadable', detail: messageOf(error) };
  }
}

/** A request with its signature checked and our stricter rules applied. */
export function examine(request: CertificationRequest): DecodedRequest & { readonly kind: 'request' } {
  const verdict = verifyCertificationRequest(request);
  return {
    kind: 'request',
    request,
    ...(verdict.kind === 'valid' ? {} : { signatureProblem: verdict.detail }),
    findings: strictFindings(request),
  };
}
