import { resourceType, type ResourceType } from '../../src/client/resource-type.js';
import {
  APPROVAL_POLICIES,
  ENDPOINT_SLICES,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/client/resources.js';
import type { ApprovalPolicySpec } from '../../src/certificates/approval-policy.js';
import type { Client } from '../../src/client/client.js';
import type { KubeObject, UserInfo } from '../../src/kube/object-meta.js';
import { policyOf } from '../../src/policy/testing/policies.js';

const RBAC = 'rbac.authorization.k8s.io';
const CLUSTER_ROLES: ResourceType = resourceType(RBAC, 'v1', 'clusterroles', 'ClusterRole', false);
const CLUSTER_ROLE_BINDINGS: ResourceType = resourceType(
  RBAC,
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  false,
);

/** Lets a user, or a group `g:NAME`, do what rules say, everywhere. */
export async function allow(client: Client, name: string, subject: string, rules: readonly object[]): Promise<void> {
  const isGroup = subject.startsWith('g:');
  await client.create(CLUSTER_ROLES, { metadata: { name }, rules } as KubeObject);
  await client.create(CLUSTER_ROLE_BINDINGS, {
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    subjects: [{ apiGroup: RBAC, kind: isGroup ? 'Group' : 'User', name: subject.replace(/^g:/, '') }],
  } as KubeObject);
}

/** A rule of RBAC. */
export function rule(apiGroups: string, resources: string, verbs: string): object {
  return { apiGroups: [apiGroups], resources: resources.split(' '), verbs: verbs.split(' ') };
}

/** A shop on a server: pod `web-7f` without an address runs as service account `web` and backs Service `web`. */
export interface Shop {
  /** The pod, as its bound token makes the server see it. */
  readonly pod: UserInfo;
  /** Gives the pod an address. */
  giveAddress(ip: string): Promise<void>;
}

/** Opens the shop. Its service accounts may submit and see requests. */
export async function openShop(client: Client): Promise<Shop> {
  const namespace = 'shop';
  const create = (
    type: ResourceType,
    object: KubeObject & { readonly [field: string]: unknown },
  ): Promise<KubeObject> => client.create(type, object);
  await create(NAMESPACES, { metadata: { name: namespace } });
  const account = await client.create(SERVICE_ACCOUNTS, { metadata: { namespace, name: 'web' } });
  const requests = rule('certificates.k8s.io', 'certificatesigningrequests', 'create get list watch');
  await allow(client, 'requester', 'g:system:serviceaccounts:shop', [requests]);
  const pod = await create(PODS, {
    metadata: { namespace, name: 'web-7f', labels: { app: 'web' } },
    spec: { serviceAccountName: 'web', containers: [{ name: 'web', image: 'web' }] },
  });
  const ports = [{ name: 'https', port: 443, protocol: 'TCP' }];
  const service = await create(SERVICES, {
    metadata: { namespace, name: 'web' },
    spec: { selector: { app: 'web' }, ports, clusterIP: '10.96.7.7' },
  });
  await create(ENDPOINT_SLICES, {
    metadata: {
      namespace,
      name: 'web-x2k9p',
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Service', name: 'web', uid: service.metadata.uid ?? '', controller: true },
      ],
    },
    addressType: 'IPv4',
    ports,
    endpoints: [
      { addresses: ['10.0.34.2'], targetRef: { kind: 'Pod', namespace, name: 'web-7f', uid: pod.metadata.uid } },
    ],
  });
  return {
    pod: {
      username: 'system:serviceaccount:shop:web',
      uid: account.metadata.uid ?? '',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['web-7f'],
        'authentication.kubernetes.io/pod-uid': [pod.metadata.uid ?? ''],
      },
    },
    giveAddress: async (ip) => {
      const current = await client.get(PODS, 'web-7f', { namespace });
      const status = { ...current.status, phase: 'Running', podIP: ip, podIPs: [{ ip }] };
      await client.updateStatus(PODS, { ...current, status });
    },
  };
}

/** Puts a policy on a server: the tutorial's, with other fields in its spec. */
export async function createPolicy(
  client: Client,
  name: string,
  spec: Partial<ApprovalPolicySpec> = {},
): Promise<void> {
  const { apiVersion, kind, spec: whole } = policyOf(spec, name);
  await client.create(APPROVAL_POLICIES, { apiVersion, kind, metadata: { name }, spec: whole } as KubeObject);
}
