import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import { forbidden } from '../../kube/status.js';
import type { Authorizer } from '../authorization/authorizer.js';
import { mayActForSigner } from '../authorization/signer-permission.js';
import type { AdmissionOperation } from './admission.js';
import { equalSemantically } from './equal-semantically.js';
import { asSigningRequest, isRequestWrite, signerNameOf } from './signing-requests.js';

/**
 * An update of `/status` that changes the certificate or the conditions needs `sign` on the signer that the stored
 * request names; one that changes only metadata does not (plugin CertificateSigning).
 */
export async function refuseSigning(operation: AdmissionOperation, authorizer: Authorizer): Promise<void> {
  if (!isRequestWrite(operation, 'update', 'status') || !changesStatus(operation)) return;
  const signerName = signerNameOf(operation.previous);
  if (await mayActForSigner(authorizer, operation.user, 'sign', signerName)) return;
  throw forbidden(
    { group: CERTIFICATES_GROUP, resource: 'certificatesigningrequests' },
    operation.name,
    `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`,
  );
}

function changesStatus(operation: AdmissionOperation): boolean {
  const next = asSigningRequest(operation.object)?.status;
  const previous = asSigningRequest(operation.previous)?.status;
  // No certificate and an empty one differ here, as they do in the real server.
  return (
    (next?.certificate ?? undefined) !== (previous?.certificate ?? undefined) ||
    !equalSemantically(next?.conditions, previous?.conditions)
  );
}
