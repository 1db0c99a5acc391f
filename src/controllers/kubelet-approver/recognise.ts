import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { KUBELET_CLIENT_SIGNER, kubernetesRefusal } from '../../certificates/kubernetes-signers.js';
import type { AccessQuestion } from '../../policy/facts.js';
import type { CertificationRequest } from '../../x509/certification-request-model.js';
import { commonName } from '../../x509/name.js';

/** What a request is taken for: whoever may do what the question says gets it approved, with this message. */
export interface Recogniser {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly question: AccessQuestion;
  readonly message: string;
}

const SELF: Recogniser = {
  subresource: 'selfnodeclient',
  question: createQuestion('selfnodeclient'),
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
};

const NODE: Recogniser = {
  subresource: 'nodeclient',
  question: createQuestion('nodeclient'),
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
};

/**
 * What kube-controller-manager's csrapproving takes a request for, in the order in which it asks the authorizer: a kubelet
 * that renews its own client certificate, and the client certificate of any kubelet. None: it leaves the request alone.
 */
export function recognisersOf(
  { spec }: CertificateSigningRequest,
  request: Pick<CertificationRequest, 'subject' | 'subjectAltNames'>,
): readonly Recogniser[] {
  if (spec.signerName !== KUBELET_CLIENT_SIGNER) return [];
  if (kubernetesRefusal(spec.signerName, { request, usages: spec.usages ?? [] }) !== undefined) return [];
  return spec.username === commonName(request.subject) ? [SELF, NODE] : [NODE];
}

function createQuestion(subresource: Recogniser['subresource']): AccessQuestion {
  return { verb: 'create', group: 'certificates.k8s.io', resource: 'certificatesigningrequests', subresource };
}
