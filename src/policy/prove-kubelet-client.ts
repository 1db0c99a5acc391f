import type { AccessQuestion } from './facts.js';
import { describeIdentity } from './identity.js';
import { nodeSubjectOf } from './node-subject.js';
import { contradicted, unknown, type ProofContext } from './proof-context.js';
import type { NameVerdict } from './verdict.js';

/**
 * What facts say of the subject as a whole, where a policy grants KubeletClient: as kube-controller-manager approves the
 * client certificates of kubelets. The subject is a node's, there are no other names, the usages are those of a client,
 * and the authorizer says that the requester may ask: for itself (selfnodeclient), or for any node (nodeclient). A node
 * that may not ask for itself may still be one that may ask for any. Undefined where the subject is not of that form: no
 * CN `system:node:…`.
 */
export function proveKubeletClient(context: ProofContext): NameVerdict | undefined {
  const { request, identity, facts } = context;
  const subject = nodeSubjectOf(request.subject);
  if (subject.kind === 'other') return undefined;
  if (subject.kind === 'malformed') return contradicted(subject.because);
  if (request.names.length > 0) return contradicted('the client certificate of a kubelet has no subjectAltNames');
  if (!hasClientUsages(request.usages)) {
    return contradicted('its usages must be digital signature, client auth and at most key encipherment');
  }
  const isSelf = subject.username === identity.requester.username;
  const asked = isSelf ? ['selfnodeclient', 'nodeclient'] : ['nodeclient'];
  for (const subresource of asked) {
    const question = createQuestion(subresource);
    const answer = facts.accessReview(question);
    const because = `${describeIdentity(identity)} may create certificatesigningrequests/${subresource}`;
    if (answer === 'allowed') return { kind: 'proven', grantedBy: 'KubeletClient', because, evidence: [] };
    if (answer === undefined) return { kind: 'needs', question, because: `it depends on whether ${because}` };
  }
  return unknown(
    `${describeIdentity(identity)} may not create ${asked.map((each) => `certificatesigningrequests/${each}`).join(' nor ')}`,
  );
}

/** As a set: what kube-controller-manager takes of a kubelet. */
function hasClientUsages(usages: readonly string[]): boolean {
  const asked = new Set(usages);
  asked.delete('key encipherment');
  return asked.size === 2 && asked.has('digital signature') && asked.has('client auth');
}

function createQuestion(subresource: string): AccessQuestion {
  return { verb: 'create', group: 'certificates.k8s.io', resource: 'certificatesigningrequests', subresource };
}
