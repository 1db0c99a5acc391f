import { COUNTERSIGN_GROUP } from '../../../certificates/approval-policy.js';
import { CERTIFICATES_GROUP } from '../../../certificates/certificate-signing-request.js';
import type { PolicyRule } from '../../../registry/roles/validate-rules.js';
import { EVENTS, READ, resourceRule, serviceAccount, type BootstrapPolicy, type BootstrapRole } from './policy.js';

const KUBE_SYSTEM = 'kube-system';
const REQUESTS = 'certificatesigningrequests';
const RECORDS = 'certificaterecords';

/** Namespace of this project's own controllers, on a cluster and here. */
export const COUNTERSIGN_NAMESPACE = 'countersign-system';

/** ServiceAccount and ClusterRole of the signer. */
export const COUNTERSIGN_SIGNER = 'countersign-signer';

/** ServiceAccount and ClusterRole of the approver. */
export const COUNTERSIGN_APPROVER = 'countersign-approver';

/** ServiceAccount and ClusterRole of the cleaner. */
export const COUNTERSIGN_CLEANER = 'countersign-cleaner';

const READ_NAMESPACES = resourceRule(READ, [''], ['namespaces']);

/**
 * Roles of the control loops that Kubernetes has too, by the name of their service account in kube-system. Where they
 * read through caches of their own, they may list and watch what they keep.
 */
const KUBERNETES_CONTROLLERS: Readonly<Record<string, readonly PolicyRule[]>> = {
  'certificate-controller': [
    resourceRule(['delete', ...READ], [CERTIFICATES_GROUP], [REQUESTS]),
    resourceRule(['update'], [CERTIFICATES_GROUP], [`${REQUESTS}/approval`, `${REQUESTS}/status`]),
    resourceRule(['approve'], [CERTIFICATES_GROUP], ['signers'], ['kubernetes.io/kube-apiserver-client-kubelet']),
    resourceRule(
      ['sign'],
      [CERTIFICATES_GROUP],
      ['signers'],
      [
        'kubernetes.io/kube-apiserver-client',
        'kubernetes.io/kube-apiserver-client-kubelet',
        'kubernetes.io/kubelet-serving',
        'kubernetes.io/legacy-unknown',
      ],
    ),
    resourceRule(['create'], ['authorization.k8s.io'], ['subjectaccessreviews']),
    EVENTS,
  ],
  'kube-apiserver-serving-clustertrustbundle-publisher': [
    resourceRule(['attest'], [CERTIFICATES_GROUP], ['signers'], ['kubernetes.io/kube-apiserver-serving']),
    resourceRule(['create', 'delete', 'list', 'update', 'watch'], [CERTIFICATES_GROUP], ['clustertrustbundles']),
    EVENTS,
  ],
  'root-ca-cert-publisher': [
    resourceRule(['create', 'update', ...READ], [''], ['configmaps']),
    READ_NAMESPACES,
    EVENTS,
  ],
  'namespace-controller': [
    resourceRule(['delete', ...READ], [''], ['namespaces']),
    resourceRule(['update'], [''], ['namespaces/finalize', 'namespaces/status']),
    resourceRule(['delete', 'deletecollection', 'get', 'list'], ['*'], ['*']),
    EVENTS,
  ],
  'endpointslice-controller': [
    resourceRule(READ, [''], ['pods', 'services']),
    // Kubernetes asks for this where an owner's deletion waits for what it owns.
    resourceRule(['update'], [''], ['services/finalizers']),
    resourceRule(['create', 'delete', 'update', ...READ], ['discovery.k8s.io'], ['endpointslices']),
    EVENTS,
  ],
  'generic-garbage-collector': [
    resourceRule(['delete', 'get', 'list', 'patch', 'update', 'watch'], ['*'], ['*']),
    EVENTS,
  ],
  'service-account-controller': [resourceRule(['create', ...READ], [''], ['serviceaccounts']), READ_NAMESPACES, EVENTS],
};

/** What a decision by policy rests on: the policies, and what the cluster says of who asks and of the names. */
const READ_FACTS: readonly PolicyRule[] = [
  resourceRule(READ, [COUNTERSIGN_GROUP], ['approvalpolicies']),
  resourceRule(READ, [''], ['namespaces', 'nodes', 'pods', 'serviceaccounts', 'services']),
  resourceRule(READ, ['discovery.k8s.io'], ['endpointslices']),
  resourceRule(['create'], ['authorization.k8s.io'], ['subjectaccessreviews']),
];

/** A rule about these signers. No names would mean every signer: then there is no rule. */
function signersRule(verb: 'approve' | 'sign', signerNames: readonly string[]): readonly PolicyRule[] {
  return signerNames.length === 0 ? [] : [resourceRule([verb], [CERTIFICATES_GROUP], ['signers'], signerNames)];
}

/**
 * What an approver needs: to read requests and what decides about them, to approve in these signers' names, and to put
 * each decision on record first. It keeps the records: writes into them what came of a request, and deletes those that
 * have had their time, or whose decision was never carried out.
 */
export function approverRules(signerNames: readonly string[]): readonly PolicyRule[] {
  return [
    resourceRule(READ, [CERTIFICATES_GROUP], [REQUESTS]),
    resourceRule(['update'], [CERTIFICATES_GROUP], [`${REQUESTS}/approval`]),
    ...signersRule('approve', signerNames),
    ...READ_FACTS,
    resourceRule(['update'], [COUNTERSIGN_GROUP], ['approvalpolicies/status']),
    resourceRule(['create', 'delete', ...READ], [COUNTERSIGN_GROUP], [RECORDS]),
    resourceRule(['patch'], [COUNTERSIGN_GROUP], [`${RECORDS}/status`]),
    EVENTS,
  ];
}

/**
 * What a signer needs: to read requests, to write their status, and to sign in these signers' names. What a policy
 * approved it judges again, by the same facts; what came of it, it writes into the record.
 */
export function signerRules(signerNames: readonly string[]): readonly PolicyRule[] {
  return [
    resourceRule(READ, [CERTIFICATES_GROUP], [REQUESTS]),
    resourceRule(['patch', 'update'], [CERTIFICATES_GROUP], [`${REQUESTS}/status`]),
    ...signersRule('sign', signerNames),
    ...READ_FACTS,
    resourceRule(READ, [COUNTERSIGN_GROUP], [RECORDS]),
    resourceRule(['patch'], [COUNTERSIGN_GROUP], [`${RECORDS}/status`]),
    EVENTS,
  ];
}

/** What the cleaner needs: to read requests and records, and to delete them. */
export const CLEANER_RULES: readonly PolicyRule[] = [
  resourceRule(['delete', ...READ], [CERTIFICATES_GROUP], [REQUESTS]),
  resourceRule(['delete', ...READ], [COUNTERSIGN_GROUP], [RECORDS]),
];

/** What replicas need in their own namespace to elect one of them; a Role, not a ClusterRole. */
export const ELECTION_RULES: readonly PolicyRule[] = [
  resourceRule(['create', 'get', 'update'], ['coordination.k8s.io'], ['leases']),
];

/** Roles and bindings of the control loops, with an approver and a signer for these names. */
export function controllerPolicy(signerNames: readonly string[]): BootstrapPolicy {
  const own: readonly BootstrapRole[] = [
    { name: COUNTERSIGN_APPROVER, rules: approverRules(signerNames) },
    { name: COUNTERSIGN_SIGNER, rules: signerRules(signerNames) },
    { name: COUNTERSIGN_CLEANER, rules: CLEANER_RULES },
  ];
  const kubernetes = Object.entries(KUBERNETES_CONTROLLERS);
  return {
    roles: [...kubernetes.map(([name, rules]) => ({ name: `system:controller:${name}`, rules })), ...own],
    bindings: [
      ...kubernetes.map(([name]) => ({
        name: `system:controller:${name}`,
        role: `system:controller:${name}`,
        subjects: serviceAccount(KUBE_SYSTEM, name),
      })),
      ...own.map(({ name }) => ({ name, role: name, subjects: serviceAccount(COUNTERSIGN_NAMESPACE, name) })),
    ],
  };
}
