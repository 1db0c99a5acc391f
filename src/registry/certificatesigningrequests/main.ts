import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { RequestVerifier } from '../../certificates/request-verifier.js';
import {
  validateCertificateSigningRequest,
  validateCertificateSigningRequestUpdate,
} from '../../certificates/validate-certificate-signing-request.js';
import { pathSegmentProblems } from '../../kube/names.js';
import type { RequestContext, Strategy } from '../resource.js';

/**
 * What a request may say when it is made: whoever sends it, the identity in it is that of the authenticated user, and
 * nothing has been decided.
 */
function prepareForCreate(csr: CertificateSigningRequest, { user }: RequestContext): CertificateSigningRequest {
  const { signerName, expirationSeconds, usages } = csr.spec;
  const request = (csr.spec.request as string | null) ?? ''; // bytes that are not set are decoded to null
  return {
    ...csr,
    spec: {
      request,
      signerName,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      ...(usages === undefined ? {} : { usages }),
      username: user.username,
      ...(user.uid === undefined || user.uid === '' ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(user.extra === undefined || Object.keys(user.extra).length === 0 ? {} : { extra: user.extra }),
    },
    status: {},
  };
}

/** An empty certificate is stored as none. */
function withoutEmptyCertificate(csr: CertificateSigningRequest): CertificateSigningRequest {
  if (csr.status.certificate !== '') return csr;
  const { certificate: _empty, ...status } = csr.status;
  return { ...csr, status };
}

/**
 * The strategy of the main endpoint: after creation it changes metadata only. Spec and status come back from the
 * store, without a word, whatever was sent. Names need not be DNS names: kubelets use others.
 */
export function mainStrategy(verifier: RequestVerifier): Strategy<CertificateSigningRequest> {
  return {
    nameProblems: pathSegmentProblems,
    createOnUpdate: false,
    unconditionalUpdate: true,
    resetFields: ['spec', 'status'],
    prepareForCreate,
    validate: (csr) => validateCertificateSigningRequest(csr, verifier),
    prepareForUpdate: (next, previous) => ({ ...next, spec: previous.spec, status: previous.status }),
    canonicalize: withoutEmptyCertificate,
    validateUpdate: (next, previous) =>
      validateCertificateSigningRequestUpdate(next, previous, { decisions: false, certificate: false }, verifier),
  };
}
