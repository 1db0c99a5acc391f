import type { ApprovalPolicy } from '../certificates/approval-policy.js';
import type { Requester } from '../certificates/normalised-request.js';
import { createFactStore, type FactStore } from '../policy/fact-store.js';
import type { EndpointSliceFacts, NodeFacts, PodFacts, ServiceFacts } from '../policy/facts.js';
import type { KnownNames } from './forge.js';

// The little cluster in which identity cases play: in namespace `shop`, pod `web-1` backs Service `web` and asks, and pod
// `db-1` backs Service `db` and is the victim.

/** A pod of this name: address, service account and labels follow from `app`. */
export function podOf(app: string, ip: string, more: Partial<PodFacts> = {}): PodFacts {
  return {
    name: `${app}-1`,
    namespace: 'shop',
    uid: `pod-${app}`,
    resourceVersion: '10',
    labels: { app },
    serviceAccountName: app,
    nodeName: 'node-a',
    hostNetwork: false,
    hostname: '',
    subdomain: '',
    phase: 'Running',
    deleting: false,
    ips: [ip],
    hostIPs: ['192.168.7.11'],
    ...more,
  };
}

/** A Service that selects the pods of `app`. */
export function serviceOf(app: string, clusterIP: string, more: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    name: app,
    namespace: 'shop',
    uid: `svc-${app}`,
    resourceVersion: '11',
    type: 'ClusterIP',
    selector: { app },
    headless: false,
    clusterIPs: [clusterIP],
    externalIPs: [],
    ingressIPs: [],
    ingressHostnames: [],
    deleting: false,
    ...more,
  };
}

/** The slice of a Service in which the pod of `app` stands. */
export function sliceOf(app: string, ip: string, more: Partial<EndpointSliceFacts> = {}): EndpointSliceFacts {
  return {
    name: `${app}-x2k9p`,
    namespace: 'shop',
    uid: `slice-${app}`,
    resourceVersion: '12',
    serviceUid: `svc-${app}`,
    podUids: [`pod-${app}`],
    addresses: [ip],
    ...more,
  };
}

/** A node. */
export function nodeOf(name: string, ip: string, more: Partial<NodeFacts> = {}): NodeFacts {
  return { name, uid: `node-${name}`, resourceVersion: '13', ips: [ip], dnsNames: [name], deleting: false, ...more };
}

const WEB_IP = '10.244.1.7';
const DB_IP = '10.244.1.8';
const WEB_SERVICE_IP = '10.96.0.20';
const DB_SERVICE_IP = '10.96.0.21';

/** What pod `web-1` may call itself. */
export const WEB_NAMES: KnownNames = {
  serviceDns: 'web.shop.svc.cluster.local',
  podDns: 'web-1.shop.pod.cluster.local',
  podIp: WEB_IP,
  serviceIp: WEB_SERVICE_IP,
  spiffe: 'spiffe://cluster.local/ns/shop/sa/web',
};

/** What pod `db-1` may call itself. */
export const DB_NAMES: KnownNames = {
  serviceDns: 'db.shop.svc.cluster.local',
  podDns: 'db-1.shop.pod.cluster.local',
  podIp: DB_IP,
  serviceIp: DB_SERVICE_IP,
  spiffe: 'spiffe://cluster.local/ns/shop/sa/db',
};

/** The token's bearer as the API server writes it, bound to the pod of `app`. */
export function requesterOf(app: string, more: Partial<Requester> = {}): Requester {
  return {
    username: `system:serviceaccount:shop:${app}`,
    uid: `sa-${app}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/pod-name': [`${app}-1`],
      'authentication.kubernetes.io/pod-uid': [`pod-${app}`],
      'authentication.kubernetes.io/node-name': ['node-a'],
      'authentication.kubernetes.io/node-uid': ['node-node-a'],
    },
    ...more,
  };
}

/** The cluster as it is when nobody attacks. */
export function shop(): FactStore {
  const facts = createFactStore();
  const accountOf = (name: string) => ({
    name,
    namespace: 'shop',
    uid: `sa-${name}`,
    resourceVersion: '14',
    deleting: false,
  });
  const labels = { 'kubernetes.io/metadata.name': 'shop' };
  facts.set('Namespace', { name: 'shop', uid: 'ns-shop', resourceVersion: '15', labels, deleting: false });
  facts.set('Node', nodeOf('node-a', '192.168.7.11'));
  facts.set('Service', serviceOf('kubernetes', '10.96.0.1', { namespace: 'default', selector: {} }));
  for (const [app, ip, serviceIp] of [
    ['web', WEB_IP, WEB_SERVICE_IP],
    ['db', DB_IP, DB_SERVICE_IP],
  ] as const) {
    facts.set('ServiceAccount', accountOf(app));
    facts.set('Pod', podOf(app, ip));
    facts.set('Service', serviceOf(app, serviceIp));
    facts.set('EndpointSlice', sliceOf(app, ip));
  }
  return facts;
}

/** The policy that the cases play against: a pod gets what it can prove, for a week, and violations are denied. */
export const SHOP_POLICY: ApprovalPolicy = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalPolicy',
  metadata: { name: 'shop', uid: 'policy-shop', resourceVersion: '16', generation: 1 },
  spec: {
    onViolation: 'Deny',
    signerNames: ['example.com/limbo'],
    requesters: { serviceAccounts: [{ namespaceSelector: {} }] },
    minimumIdentity: 'Pod',
    names: { provable: ['PodIP', 'PodDNS', 'PodIPDNS', 'ServiceDNS', 'ServiceClusterIP', 'StablePodDNS'] },
    usages: { required: ['server auth'], allowed: ['digital signature', 'key encipherment', 'server auth'] },
    maxExpirationSeconds: 604_800,
  },
};
