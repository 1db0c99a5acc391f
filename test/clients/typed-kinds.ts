import {
  CertificatesV1alpha1Api,
  CertificatesV1Api,
  CertificatesV1beta1Api,
  CoordinationV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  EventsV1Api,
  type KubeConfig,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { requestObject } from '../system/kubectl-stage.js';

type ApiClass = Parameters<KubeConfig['makeApiClient']>[0];

/** A kind as a generated API of @kubernetes/client-node names it, and an object of it without name. */
export interface TypedKind {
  readonly api: ApiClass;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly body: object;
  /** Default: `life`. */
  readonly name?: string;
}

const SELF = { kind: 'ConfigMap', namespace: 'default', name: 'life' };
const RBAC = { api: RbacAuthorizationV1Api, apiVersion: 'rbac.authorization.k8s.io/v1' };
const RULES = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const ROLE = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const SUBJECTS = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }];

/**
 * Every kind that is served and that @kubernetes/client-node 1.4 has types for. It knows PodCertificateRequests in
 * v1alpha1 only, which no v1.36 serves.
 */
export async function typedKinds(trustRoot: string): Promise<readonly TypedKind[]> {
  const request = (await requestObject('life', { dns: ['a.example.com'] })) as { readonly spec: object };
  const core = { api: CoreV1Api, apiVersion: 'v1' };
  return [
    { ...core, kind: 'ConfigMap', namespaced: true, body: { data: { a: '1' } } },
    { ...core, kind: 'Secret', namespaced: true, body: { stringData: { a: '1' } } },
    { ...core, kind: 'ServiceAccount', namespaced: true, body: {} },
    { ...core, kind: 'Service', namespaced: true, body: { spec: { ports: [{ port: 80 }] } } },
    {
      ...core,
      kind: 'Endpoints',
      namespaced: true,
      body: { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] },
    },
    { ...core, kind: 'Pod', namespaced: true, body: { spec: { containers: [{ name: 'a', image: 'nginx' }] } } },
    { ...core, kind: 'Event', namespaced: true, body: { involvedObject: SELF, reason: 'Seen', type: 'Normal' } },
    { ...core, kind: 'Namespace', namespaced: false, body: {} },
    { ...core, kind: 'Node', namespaced: false, body: {} },
    {
      api: CertificatesV1Api,
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      namespaced: false,
      body: { spec: request.spec },
    },
    ...(
      [
        ['v1beta1', CertificatesV1beta1Api],
        ['v1alpha1', CertificatesV1alpha1Api],
      ] as const
    ).map(([version, api]) => ({
      api,
      apiVersion: `certificates.k8s.io/${version}`,
      kind: 'ClusterTrustBundle',
      name: `life-of-${version}`,
      namespaced: false,
      body: { spec: { trustBundle: trustRoot } },
    })),
    {
      api: CoordinationV1Api,
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespaced: true,
      body: { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
    },
    {
      api: DiscoveryV1Api,
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      namespaced: true,
      body: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 80 }] },
    },
    {
      api: EventsV1Api,
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      namespaced: true,
      name: 'life-of-events',
      body: {
        regarding: SELF,
        reason: 'Seen',
        action: 'Look',
        type: 'Normal',
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'example.com/eye',
        reportingInstance: 'eye-1',
      },
    },
    { ...RBAC, kind: 'Role', namespaced: true, body: { rules: RULES } },
    { ...RBAC, kind: 'ClusterRole', namespaced: false, body: { rules: RULES } },
    { ...RBAC, kind: 'RoleBinding', namespaced: true, body: { roleRef: ROLE, subjects: SUBJECTS } },
    { ...RBAC, kind: 'ClusterRoleBinding', namespaced: false, body: { roleRef: ROLE, subjects: SUBJECTS } },
  ];
}
