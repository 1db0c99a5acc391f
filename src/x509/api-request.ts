import { CountersignError } from '../base/error.js';
import { parseCertificationRequest, type CertificationRequest } from './certification-request.js';
import { firstPemBlock } from './pem.js';

/** What the API says where the first PEM block is no request, or there is none. */
export const NOT_A_REQUEST = 'PEM block type must be CERTIFICATE REQUEST';

/** Largest spec.request read, in octets of PEM. The API's own limit on bodies is 3 MiB. */
const MAX_PEM_BYTES = 3 << 20;

/**
 * Reads spec.request of a CertificateSigningRequest: the first PEM block must be a CERTIFICATE REQUEST; what surrounds it
 * is ignored, and so are its headers. Refuses with REQUEST_INVALID and the detail text of kube-apiserver. The signature is
 * not checked.
 */
export function parseApiRequest(pem: Uint8Array): CertificationRequest {
  if (pem.length > MAX_PEM_BYTES) throw new CountersignError('REQUEST_INVALID', NOT_A_REQUEST);
  const block = firstPemBlock(pem, { maxBytes: MAX_PEM_BYTES });
  if (block?.type !== 'CERTIFICATE REQUEST') throw new CountersignError('REQUEST_INVALID', NOT_A_REQUEST);
  return parseCertificationRequest(block.bytes);
}
