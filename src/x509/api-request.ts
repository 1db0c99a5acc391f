import type { CertificationRequest } from './certification-request.js';

/** What the API says where the first PEM block is no request, or there is none. */
export const NOT_A_REQUEST = 'PEM block type must be CERTIFICATE REQUEST';

/**
 * Reads spec.request of a CertificateSigningRequest: the first PEM block must be a CERTIFICATE REQUEST; what surrounds it
 * is ignored. Refuses with REQUEST_INVALID and the detail text of kube-apiserver. The signature is not checked.
 */
export function parseApiRequest(_pem: Uint8Array): CertificationRequest {
  throw new Error('not yet');
}
