import type { AuditPolicy, AuditRule, GroupResources } from './audit-policy.js';

const ANY: AuditRule = {
  level: 'Metadata',
  users: [],
  userGroups: [],
  verbs: [],
  resources: [],
  namespaces: [],
  nonResourceURLs: [],
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
};
const READS = ['get', 'list', 'watch'];
const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

function of(group: string, ...resources: readonly string[]): GroupResources {
  return { group, resources, resourceNames: [] };
}

/**
 * What is written down when nobody says otherwise: who changed what, and who read what, but not what every client does
 * all the time. What is asked of a certificate authority, decided and granted is kept whole.
 */
export const DEFAULT_AUDIT_POLICY: AuditPolicy = {
  rules: [
    // Probes, discovery and scrapes.
    {
      ...ANY,
      level: 'None',
      verbs: ['get', 'head'],
      nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/metrics', '/openapi*', '/api*', '/'],
    },
    // Heartbeats and Events: many, and of no consequence.
    { ...ANY, level: 'None', resources: [of('', 'events'), of('events.k8s.io', 'events')] },
    { ...ANY, level: 'None', verbs: ['get', 'update'], resources: [of('coordination.k8s.io', 'leases')] },
    // What holds secrets: who touched it, and nothing of it.
    {
      ...ANY,
      resources: [
        of('', 'secrets', 'configmaps', 'serviceaccounts/token'),
        of('authentication.k8s.io', 'tokenreviews'),
      ],
    },
    // The server's own parts list and watch everything.
    {
      ...ANY,
      level: 'None',
      userGroups: ['system:serviceaccounts:kube-system', 'system:serviceaccounts:countersign-system'],
      verbs: READS,
    },
    { ...ANY, level: 'None', users: ['system:apiserver'], verbs: READS },
    // Questions about permissions.
    { ...ANY, level: 'None', verbs: ['create'], resources: [of('authorization.k8s.io', '*')] },
    {
      ...ANY,
      level: 'RequestResponse',
      verbs: WRITES,
      resources: [of('certificates.k8s.io'), of('countersign.dev'), of('rbac.authorization.k8s.io')],
    },
    { ...ANY, level: 'Request', verbs: WRITES },
    ANY,
  ],
};
