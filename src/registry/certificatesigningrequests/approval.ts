import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { RequestVerifier } from '../../certificates/request-verifier.js';
import { validateCertificateSigningRequestUpdate } from '../../certificates/validate-certificate-signing-request.js';
import type { RequestContext, UpdateSubresource } from '../resource.js';
import { withConditionTimes } from './condition-times.js';

/** `/approval` changes conditions and metadata; spec and certificate come back from the store. */
function prepareForUpdate(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  { now }: RequestContext,
): CertificateSigningRequest {
  const { certificate } = previous.status;
  const { conditions } = next.status;
  const kept: CertificateSigningRequest = {
    ...next,
    spec: previous.spec,
    status: {
      ...(conditions === undefined ? {} : { conditions }),
      ...(certificate === undefined ? {} : { certificate }),
    },
  };
  return withConditionTimes(kept, previous, now);
}

/** The `/approval` subresource. Who may use it is asked by admission: `approve` on the signer. */
export function approvalSubresource(verifier: RequestVerifier): UpdateSubresource<CertificateSigningRequest> {
  return {
    kind: 'update',
    table: false,
    verbs: ['get', 'patch', 'update'],
    unconditionalUpdate: true,
    resetFields: ['spec', 'status.certificate'],
    prepareForUpdate,
    validateUpdate: (next, previous) =>
      validateCertificateSigningRequestUpdate(next, previous, { decisions: true, certificate: false }, verifier),
  };
}
