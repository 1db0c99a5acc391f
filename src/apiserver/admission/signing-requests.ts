import { CERTIFICATES_GROUP, type CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { KubeObject } from '../../kube/object-meta.js';
import type { AdmissionOperation } from './admission.js';

/** Whether an operation writes a CertificateSigningRequest in this way. */
export function isRequestWrite(operation: AdmissionOperation, verb: 'create' | 'update', subresource: string): boolean {
  return (
    operation.resource.resource === 'certificatesigningrequests' &&
    operation.resource.group === CERTIFICATES_GROUP &&
    operation.verb === verb &&
    operation.subresource === subresource
  );
}

/** An object of `certificatesigningrequests` as what it is: the operation's resource says so, and it is validated. */
export function asSigningRequest(object: KubeObject | undefined): CertificateSigningRequest | undefined {
  return object as CertificateSigningRequest | undefined;
}

/** The signer that a stored request names; empty where there is none. */
export function signerNameOf(object: KubeObject | undefined): string {
  return asSigningRequest(object)?.spec.signerName ?? '';
}
