const RBAC = 'rbac.authorization.k8s.io';

/** A service account of the shop. */
export function account(name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'shop' } };
}

/** A pod that runs as the service account of its name, with its name as label. */
export function pod(name: string): object {
  const spec = { serviceAccountName: name, containers: [{ name: 'server', image: 'example.com/server' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', labels: { app: name } }, spec };
}

/** A Service that selects the pod of its name. */
export function service(name: string): object {
  const spec = { selector: { app: name }, ports: [{ port: 443 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec };
}

/** The service accounts of the shop may ask. */
export const REQUESTERS: readonly object[] = [
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'requesters' },
    rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create'] }],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'requesters' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'requesters' },
    subjects: [{ apiGroup: RBAC, kind: 'Group', name: 'system:serviceaccounts:shop' }],
  },
];
