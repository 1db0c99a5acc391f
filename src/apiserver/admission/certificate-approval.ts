import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import { forbidden } from '../../kube/status.js';
import type { Authorizer } from '../authorization/authorizer.js';
import { mayActForSigner } from '../authorization/signer-permission.js';
import type { AdmissionOperation } from './admission.js';
import { isRequestWrite, signerNameOf } from './signing-requests.js';

/**
 * Every update of `/approval`, even one that changes nothing, needs `approve` on the signer that the stored request
 * names (plugin CertificateApproval).
 */
export async function refuseApproval(operation: AdmissionOperation, authorizer: Authorizer): Promise<void> {
  if (!isRequestWrite(operation, 'update', 'approval')) return;
  const signerName = signerNameOf(operation.previous);
  if (await mayActForSigner(authorizer, operation.user, 'approve', signerName)) return;
  throw forbidden(
    { group: CERTIFICATES_GROUP, resource: 'certificatesigningrequests' },
    operation.name,
    `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`,
  );
}
