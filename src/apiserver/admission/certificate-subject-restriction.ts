import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import { forbidden } from '../../kube/status.js';
import { ATTRIBUTE, attributeValues } from '../../x509/name.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { MASTERS } from '../authorization/superusers.js';
import type { AdmissionOperation } from './admission.js';
import { asSigningRequest, isRequestWrite } from './signing-requests.js';

const API_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/**
 * Nobody, superusers included, requests an API client certificate whose organization is `system:masters` (plugin
 * CertificateSubjectRestriction). Other signers and other groups are not looked at.
 */
export async function refuseSubject(operation: AdmissionOperation, requests: RequestVerifier): Promise<void> {
  if (!isRequestWrite(operation, 'create', '')) return;
  const csr = asSigningRequest(operation.object);
  if (csr?.spec.signerName !== API_CLIENT_SIGNER) return;
  const verified = await requests.verify(csr.spec.request);
  const resource = { group: CERTIFICATES_GROUP, resource: 'certificatesigningrequests' };
  const name = csr.metadata.name ?? operation.name;
  // Validation has refused what does not verify; should it not have, nobody is let through unread.
  if (verified.kind === 'invalid') throw forbidden(resource, name, `unable to parse csr: ${verified.detail}`);
  if (!attributeValues(verified.request.subject, ATTRIBUTE.organization).includes(MASTERS)) return;
  throw forbidden(resource, name, `use of ${API_CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
}
